// `chartferry images`: which images a chart uses, where each is written, and when it runs.

import { ChartferryError, type FoundImage, type LeafRole, listImages, whenRendered } from '@chartferry/core'
import { formatPath } from '@chartferry/core/helm'
import { count, didYouMean } from '@chartferry/core/internal'
import { formatReference, parseReference } from '@chartferry/core/oci'
import type { Command } from 'commander'
import {
  addScenarioOptions,
  type ChartOptions,
  collect,
  readRenderValues,
  renderOptions,
} from '../flags/chart-options.ts'
import { chartRequest } from '../flags/chart-request.ts'
import { type CommandRun, withRun } from '../flags/command-run.ts'
import { isManifests, manifestHelp } from '../flags/manifest-source.ts'
import { addOutputOptions, addSummaryOption, type OutputOptions } from '../flags/output-options.ts'
import { readReported } from '../flags/read-reported.ts'
import { addRegistryOptions } from '../flags/registry-options.ts'
import { isSameImage, lastPart } from '../flags/same-image.ts'
import { printable } from '../print/printable.ts'
import { say, sayJson } from '../print/say.ts'
import { formatTable } from '../print/table.ts'
import { listManifestImages } from './images-of-manifests.ts'

interface ImagesOptions extends ChartOptions, OutputOptions {
  readonly why?: string
  readonly image: readonly string[]
}

/** Adds the command. */
export function addImagesCommand(program: Command): void {
  const command = program
    .command('images <chart>')
    .description(
      'List the images that a chart or manifests use: those that run with the values given, and those that only values files of the chart name.',
    )
    .option('--why <image>', 'every place where one image is written or rendered')
    .option('--image <image>', 'an image that the chart does not name, may be repeated', collect, [])
  addOutputOptions(addSummaryOption(addRegistryOptions(addScenarioOptions(command))))
    .addHelpText(
      'after',
      `
CHART is a folder, an archive, a URL of an archive, or REPOSITORY/NAME as helm knows it; or
${manifestHelp}.

Example:
  $ chartferry images prometheus/kube-prometheus-stack --version 75.18.1
  $ chartferry images ./web-1.0.0.tgz --why quay.io/acme/web:1.0
  $ chartferry images k8s/`,
    )
    .action((chart: string, options: ImagesOptions) =>
      withRun('chartferry images', options, (run) => images(chart, options, run)),
    )
}

async function images(argument: string, options: ImagesOptions, run: CommandRun): Promise<void> {
  if (await isManifests(argument)) return listManifestImages(argument, options, run)
  const { signal, note, progress } = run
  const { report } = progress
  const archive = await readReported(chartRequest(argument, options), report, signal)
  const values = await readRenderValues(options)
  report({ type: 'stage-started', chart: argument, stage: 'discover' })
  const { images, scenarios, failed } = await listImages(archive, {
    values,
    context: renderOptions(options, signal),
    images: options.image.map((image) => formatReference(parseReference(image))),
  })
  report({
    type: 'stage-finished',
    chart: argument,
    stage: 'discover',
    summary: `${count(images.length, 'image')} in ${count(scenarios.length, 'rendering')}`,
  })
  progress.close()
  const { name, version } = archive.chart.metadata
  const { why } = options
  const wanted = why === undefined ? images : images.filter((image) => isSameImage(image.reference, why))
  if (wanted.length === 0 && why !== undefined) {
    throw new ChartferryError('IMAGE_NOT_FOUND', `${name} ${version} uses no image ${why}`, {
      hint: [didYouMean(why, lastParts(images)), `List them: chartferry images ${argument}`]
        .filter((line) => line !== '')
        .join('\n'),
    })
  }
  for (const image of wanted) note({ name: image.reference, status: 'passed', detail: whenRendered(image) })
  if (options.json === true) {
    const chart = { name, version, digest: archive.digest }
    sayJson({ chart, scenarios, failed, images: wanted.map(toJson) })
    return
  }
  if (options.quiet !== true)
    for (const { scenario, reason } of failed) console.error(`! not rendered (${scenario}): ${printable(reason)}`)
  if (why !== undefined) say(wanted.map(explainImage).join('\n\n'))
  else say(listing(`${name} ${version} · rendered ${count(scenarios.length, 'way')}`, wanted))
}

/** References, and the last parts of their names: what somebody may have meant. */
function lastParts(images: readonly FoundImage[]): readonly string[] {
  return [...new Set(images.flatMap(({ reference }) => [reference, lastPart(reference)]))]
}

function listing(title: string, images: readonly FoundImage[]): string {
  const rows = images.map((image) => [image.reference, whereWritten(image), whenRendered(image)])
  const always = images.filter((image) => whenRendered(image) === 'always').length
  const summary = `${title}: ${count(images.length, 'image')}, ${always} ${always === 1 ? 'runs' : 'run'} with these values`
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
  return `${image.reference}\n${formatTable(rows, { indent: '  ' })}`
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
