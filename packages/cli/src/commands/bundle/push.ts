// `chartferry bundle push`: images and charts of a bundle to a registry that was not known when it was made.

import { type ChartRenderer, parseMode, parseTarget, targetModes } from '@chartferry/core'
import { count } from '@chartferry/core/internal'
import {
  type Bundle,
  type BundlePush,
  ociRepositorySink,
  type PushedBundle,
  planPush,
  pushBundle,
  staticRepositorySink,
} from '@chartferry/core/transfer'
import type { Command } from 'commander'
import { addBundleOptions, type BundleOptions, withBundle } from '../../flags/bundle-options.ts'
import { findRenderer } from '../../flags/chart-options.ts'
import { type CommandRun, withRun } from '../../flags/command-run.ts'
import { addPushOptions, type ImageCopyOptions, journalFor, withCopying } from '../../flags/copy-options.ts'
import { addOutputOptions, addSummaryOption, type OutputOptions } from '../../flags/output-options.ts'
import { addRegistryOptions, addTlsOptions } from '../../flags/registry-options.ts'
import { proofWords } from '../../print/bundle.ts'
import { copiedToJson, formatCopied } from '../../print/copied.ts'
import type { Progress } from '../../print/progress.ts'
import { proofLine } from '../../print/relocation.ts'
import { say, sayJson } from '../../print/say.ts'

interface PushOptions extends ImageCopyOptions, BundleOptions, OutputOptions {
  readonly to: string
  readonly charts?: string
  readonly mode?: string
  readonly dryRun?: boolean
}

/** Adds the command. */
export function addBundlePushCommand(bundle: Command): void {
  const command = bundle
    .command('push <file>')
    .summary('push images and charts of a bundle to your registry')
    .description(
      'Relocate the charts of a bundle to your registry, and push them there with their images and signatures. Images that are there are skipped. If helm is installed, each chart is proven again.',
    )
    .optionsGroup('Where to:')
    .requiredOption('--to <registry[/prefix]>', 'registry that the images go to, and the path below it')
    .option(
      '--charts <place>',
      'oci://HOST/PATH, or a folder that becomes a repository (default: oci://REGISTRY/PREFIX/charts)',
    )
    .option('--mode <mode>', `names of images that no chart uses: ${targetModes.join(', ')} (default: path)`)
    .option('--dry-run', 'print what would be pushed')
  addOutputOptions(
    addSummaryOption(addTlsOptions(addRegistryOptions(addBundleOptions(addPushOptions(command.optionsGroup('How:')))))),
  )
    .addHelpText(
      'after',
      `
Example:
  $ chartferry bundle push shop.ferry --to registry.plant.local:5000/shop
  $ chartferry bundle push shop.ferry --to registry.plant.local:5000/shop --charts out/`,
    )
    .action((file: string, options: PushOptions) =>
      withRun('chartferry bundle push', options, (run) =>
        withBundle(file, options, (opened) => push(opened, file, options, run)),
      ),
    )
}

async function push(bundle: Bundle, file: string, options: PushOptions, run: CommandRun): Promise<void> {
  const { progress, signal, note } = run
  const { report } = progress
  const { to, mode } = options
  parseTarget(to)
  report({ type: 'stage-started', chart: file, stage: 'plan' })
  const push = await planPush(bundle, {
    to,
    mode: parseMode(mode),
    renderer: bundle.contents.charts.length === 0 ? undefined : await findHelm(options, await carriesValues(bundle)),
    onWarning: (message) => report({ type: 'warning', chart: file, message }),
    signal,
  })
  const { charts, images } = push
  report({
    type: 'stage-finished',
    chart: file,
    stage: 'plan',
    summary: `${count(charts.length, 'chart')}, ${count(images.length, 'image')}`,
  })
  if (options.dryRun === true) {
    progress.close()
    return printDryRun(push, options)
  }
  const pushed = await pushPlanned(bundle, file, push, options, progress, signal)
  for (const { place, relocation, carried } of pushed.charts)
    note({ name: place, status: 'passed', detail: proofWords(relocation?.proof ?? carried) })
  progress.close()
  print(pushed, options)
}

/** The engine would prove again what it proved when the bundle was made: only helm's word is new. */
async function findHelm(options: PushOptions, mayHoldSecrets: boolean): Promise<ChartRenderer | undefined> {
  return findRenderer(
    { mayHoldSecrets, quiet: options.quiet === true || options.dryRun === true },
    'the proof that the bundle carries is stated',
  )
}

async function carriesValues({ contents, renderedWith }: Bundle): Promise<boolean> {
  const carried = await Promise.all(contents.charts.map(renderedWith))
  return carried.some((values) => values !== undefined)
}

function pushPlanned(
  bundle: Bundle,
  file: string,
  push: BundlePush,
  options: PushOptions,
  { report }: Progress,
  signal: AbortSignal,
): Promise<PushedBundle> {
  const place = chartPlace(options)
  const flags = { ...options, journal: journalFor(options, push.images) }
  return withCopying(flags, { report, signal, name: file }, (copying) =>
    pushBundle(bundle, push, {
      ...copying,
      sink: place.startsWith('oci://')
        ? ociRepositorySink((name) => copying.open(`${place.slice('oci://'.length)}/${name}`))
        : staticRepositorySink(place, { now: () => new Date() }),
    }),
  )
}

const chartPlace = ({ charts, to }: Pick<PushOptions, 'charts' | 'to'>): string =>
  (charts ?? `oci://${to}/charts`).replace(/\/+$/, '')

function printDryRun({ charts, images }: BundlePush, options: PushOptions): void {
  const archives = charts.map(
    ({ original, relocation }) => `${chartPlace(options)}/${(relocation?.archive ?? original).fileName}`,
  )
  if (options.json === true) sayJson({ images, charts: archives })
  else for (const line of [...images.map(({ from, to }) => `${from} → ${to}`), ...archives]) say(line)
}

function print({ charts, copied }: PushedBundle, { json }: PushOptions): void {
  if (json === true) {
    const pushed = charts.map(({ original, relocation, place, carried }) => ({
      name: original.chart.metadata.name,
      version: original.chart.metadata.version,
      place,
      digest: (relocation?.archive ?? original).digest,
      proof: relocation?.proof ?? null,
      carriedProof: carried ?? null,
      plan: relocation?.plan ?? null,
    }))
    sayJson({ charts: pushed, ...(copied === undefined ? {} : copiedToJson(copied)) })
    return
  }
  if (copied !== undefined) say(formatCopied(copied))
  for (const { place, relocation, carried } of charts) {
    say(place)
    if (relocation?.proof !== undefined) say(`  ${proofLine(relocation.proof)}`)
    else say(`  not proven here; when the bundle was made: ${proofWords(carried)}`)
  }
}
