// `chartferry images`: which images a chart uses, where each is written, and when it runs.

import { ChartferryError, type FoundImage, type LeafRole, listImages, whenRendered } from '@chartferry/core'
import { formatPath } from '@chartferry/core/helm'
import { canonicalReference, formatReference, parseReference, tryParseReference } from '@chartferry/core/oci'
import type { Command } from 'commander'
import {
  addScenarioOptions,
  type ChartOptions,
  collect,
  readRenderValues,
  renderOptions,
} from '../flags/chart-options.ts'
import { readChart } from '../flags/chart-source.ts'
import { addOutputOptions, type OutputOptions } from '../flags/output-options.ts'
import { untilStopped } from '../flags/stop-signal.ts'
import { printable } from '../print/printable.ts'
import { say, sayJson } from '../print/say.ts'
import { formatTable } from '../print/table.ts'

interface ImagesOptions extends ChartOptions, OutputOptions {
  readonly why?: string
  readonly image: readonly string[]
}

/** Adds the command. */
export function addImagesCommand(program: Command): void {
  const command = program
    .command('images <chart>')
    .description(
      'List the images that a chart uses: those that run with the values given, and those that only its values files name.',
    )
    .option('--why <image>', 'every place where one image is written or rendered')
    .option('--image <image>', 'an image that the chart does not name, may be repeated', collect, [])
  addOutputOptions(addScenarioOptions(command))
    .addHelpText(
      'after',
      `
CHART is a folder, an archive, a URL of an archive, or REPOSITORY/NAME as helm knows it.

Example:
  $ chartferry images prometheus/kube-prometheus-stack --version 75.18.1
  $ chartferry images ./web-1.0.0.tgz --why quay.io/acme/web:1.0`,
    )
    .action((chart: string, options: ImagesOptions) => untilStopped((signal) => images(chart, options, signal)))
}

async function images(argument: string, options: ImagesOptions, signal: AbortSignal): Promise<void> {
  const archive = await readChart(argument, options, signal)
  const values = await readRenderValues(options)
  const { images, scenarios, failed } = await listImages(archive, {
    values,
    context: renderOptions(options, signal),
    images: options.image.map((image) => formatReference(parseReference(image))),
  })
  const { name, version } = archive.chart.metadata
  const { why } = options
  const wanted = why === undefined ? images : images.filter((image) => isSameImage(image.reference, why))
  if (wanted.length === 0 && why !== undefined) {
    throw new ChartferryError('IMAGE_NOT_FOUND', `${name} ${version} uses no image ${why}`, {
      hint: `List them: chartferry images ${argument}`,
    })
  }
  if (options.json === true) {
    const chart = { name, version, digest: archive.digest }
    sayJson({ chart, scenarios, failed, images: wanted.map(toJson) })
    return
  }
  if (options.quiet !== true)
    for (const { scenario, reason } of failed) console.error(`! not rendered (${scenario}): ${printable(reason)}`)
  if (why !== undefined) say(wanted.map(explainImage).join('\n\n'))
  else say(listing(`${name} ${version} · rendered ${scenarios.length} ways`, wanted))
}

/** Whether a reference is the one asked for, which may be in its short form, and without tag and digest. */
function isSameImage(text: string, wanted: string): boolean {
  const [found, asked] = [tryParseReference(text), tryParseReference(wanted)].map(
    (reference) => reference && canonicalReference(reference),
  )
  if (found === undefined || asked === undefined) return text === wanted
  const isSame = (part: 'host' | 'path' | 'tag' | 'digest'): boolean =>
    asked[part] === undefined || asked[part] === found[part]
  return isSame('host') && isSame('path') && isSame('tag') && isSame('digest')
}

function listing(title: string, images: readonly FoundImage[]): string {
  const rows = images.map((image) => [image.reference, whereWritten(image), whenRendered(image)])
  const always = images.filter((image) => whenRendered(image) === 'always').length
  const summary = `${title}: ${images.length} images, ${always} run with these values`
  return rows.length === 0 ? summary : `${formatTable([['image', 'found in', 'when'], ...rows])}\n\n${summary}`
}

/** One line of a file that holds an image, or a part of it. */
interface Place {
  readonly file: string
  /** Default: it stands in no file. */
  readonly line?: number
  readonly path: string
  readonly role: LeafRole
  readonly text: string
}

function placesOf({ written }: FoundImage): readonly Place[] {
  return written.flatMap((use): readonly Place[] => {
    if (use.kind !== 'written') {
      const { file, line, reference } = use
      return [{ file, ...(line === undefined ? {} : { line }), path: '', role: 'reference', text: reference }]
    }
    return use.leaves.map(({ role, leaf }) => ({
      file: leaf.file,
      line: leaf.line,
      path: formatPath(leaf.path),
      role,
      text: leaf.text,
    }))
  })
}

function whereWritten(image: FoundImage): string {
  const [first] = placesOf(image)
  if (first === undefined) return image.rendered[0]?.source ?? ''
  return `${lineOf(first)} ${first.role === 'reference' ? first.path : first.path.replace(/\.[^.]*$/, '')}`.trimEnd()
}

const lineOf = ({ file, line }: Place): string => (line === undefined ? file : `${file}:${line}`)

function explainImage(image: FoundImage): string {
  const rows = [
    ...image.rendered.map(({ resource, path, source, scenario, evidence }) => [
      'rendered',
      resource,
      formatPath(path),
      `${source} (${scenario})${evidence === undefined ? '' : `, because ${evidence}`}`,
    ]),
    ...placesOf(image).map((place) => ['written', lineOf(place), place.path, JSON.stringify(place.text)]),
  ]
  return `${image.reference}\n${formatTable(rows).replace(/^/gm, '  ')}`
}

function toJson(image: FoundImage): object {
  return {
    image: image.reference,
    rendered: image.rendered.map(({ resource, path, source, scenario, evidence }) => ({
      resource,
      path: formatPath(path),
      source,
      scenario,
      ...(evidence === undefined ? {} : { evidence }),
    })),
    written: placesOf(image),
  }
}
