// `chartferry relocate`: charts in, charts that pull from the private registry out, with a proof.
import {
  applyPlan,
  type ChartArchive,
  ChartferryError,
  type ChartRenderer,
  parsePlan,
  type Report,
  relocate,
} from '@chartferry/core'
import type { Command } from 'commander'
import { addCarriedOption, type CarriedOptions, carriedValues, tellCarried } from '../options/carried-values.ts'
import { addChartOptions, findRenderer, readRenderValues, renderOptions } from '../options/chart-options.ts'
import type { ChartRequest } from '../options/chart-request.ts'
import { readChart } from '../options/chart-source.ts'
import { addCopyOptions, gateChart } from '../options/copy-options.ts'
import type { ConfigOption } from '../options/declared.ts'
import { addOutputOptions, type OutputOptions } from '../options/output-options.ts'
import { type PackInput, packBundle } from '../options/pack-bundle.ts'
import {
  addPlanFlags,
  addTargetFlags,
  checkPlanFlags,
  type PlanFlags,
  refusePlanFlags,
  withPlanOptions,
} from '../options/plan-options.ts'
import { readReported } from '../options/read-reported.ts'
import { readText } from '../options/read-text.ts'
import { addRegistryOptions } from '../options/registry-options.ts'
import { untilStopped } from '../options/stop-signal.ts'
import { openProgress, type Progress } from '../ui/progress.ts'
import { formatDiff, formatRelocation, type RelocatedChart, relocationToJson } from '../ui/relocation.ts'
import { type CopyingOptions, copyTheirImages } from './relocate-images.ts'
import { relocationRequests } from './relocate-requests.ts'
import { undoRelocation } from './undo-relocation.ts'
import { checkWriteOptions, type WriteOptions, writeRelocated } from './write-relocated.ts'

interface RelocateCommandOptions
  extends CopyingOptions,
    CarriedOptions,
    OutputOptions,
    PlanFlags,
    WriteOptions,
    ConfigOption {
  readonly to?: string
  readonly bundle?: string
  readonly images?: boolean
  readonly copy?: boolean
  readonly undo?: string
  readonly dryRun?: boolean
  readonly allowUnresolved?: boolean
  readonly diff?: boolean
}

/** Adds the command. */
export function addRelocateCommand(program: Command): void {
  const command = program
    .command('relocate [chart...]')
    .description(
      'Rewrite charts so that every image comes from your registry. Each is rendered before and after: nothing else may change.',
    )
  addTargetFlags(command)
    .option('--config <file>', 'the charts of a chartferry.yaml, as its lock file has them, to its target')
    .option('-d, --destination <folder>', 'folder for the relocated charts')
    .option('--index', 'write index.yaml there, too: the folder is a chart repository')
    .option('--plan <file>', 'apply this plan; with --to, for another registry')
    .option('--save-plan <file>', 'write the plan as JSON')
    .option('--bundle <file>', 'write the original charts, their images and plans as one file')
    .option('--no-images', 'the bundle without images')
    .option('--copy', 'copy the images to the registry before anything is written')
    .option('--undo <plan>', 'take a plan back: the original files again')
    .option('--sign <file>', 'sign the charts with this secret key of OpenPGP, as `helm package --sign` does')
    .option('--passphrase-file <file>', 'passphrase of the key')
    .option('--dry-run', 'write nothing')
    .optionsGroup('How:')
    .option('--allow-unresolved', 'write charts although images of them cannot be moved')
    .option('--diff', 'print every value that changes')
  addPlanFlags(command)
  addOutputOptions(addRegistryOptions(addCarriedOption(addChartOptions(addCopyOptions(command)))))
    .addHelpText(
      'after',
      `
CHART is a folder, an archive, a URL of an archive, or REPOSITORY/NAME as helm knows it; a folder of charts stands for all of them.

Example:
  $ chartferry relocate ingress-nginx/ingress-nginx --to registry.corp:5000/mirror -d out/
  $ chartferry relocate web-1.0.0.tgz --to registry.corp:5000 --dry-run --diff
  $ chartferry relocate web-1.0.0.tgz --to registry.corp:5000/mirror --copy -d out/
  $ chartferry relocate --config chartferry.yaml -d out/
  $ chartferry relocate out/web-1.0.0.tgz --undo plan.json -d original/`,
    )
    .action((charts: string[], options: RelocateCommandOptions) =>
      untilStopped((signal) => run(charts, options, signal)),
    )
}

async function run(charts: readonly string[], flags: RelocateCommandOptions, signal: AbortSignal): Promise<void> {
  if (flags.undo !== undefined) return undo(charts, flags.undo, flags, signal)
  const { options, charts: requests, pin, pins } = await relocationRequests(charts, flags)
  const { destination, savePlan, bundle, dryRun = false } = options
  if (options.to === undefined && options.plan === undefined) {
    throw new ChartferryError('USAGE', 'nothing says which registry the images move to', {
      hint: 'Give it with --to, or a saved plan with --plan.',
    })
  }
  checkPlanFlags(options)
  if (options.plan !== undefined) refusePlanFlags(options)
  if (!dryRun && destination === undefined && savePlan === undefined && bundle === undefined && options.copy !== true) {
    throw new ChartferryError('USAGE', 'nothing says where the result goes', {
      hint: 'Give a folder with -d, a file with --bundle or --save-plan, or --dry-run to write nothing.',
    })
  }
  checkWriteOptions(options)
  const progress = openProgress({ quiet: options.quiet === true })
  try {
    const renderer = await findRenderer(options)
    const relocated: RelocatedChart[] = []
    const given = new Map<ChartArchive, RelocateCommandOptions>()
    for (const request of requests) {
      const chart = await relocateOne(request, { ...options, ...request.options }, renderer, progress, signal)
      relocated.push(chart)
      given.set(chart.original, { ...options, ...request.options })
    }
    const { gate, copy = false } = options
    if (gate !== undefined && !dryRun)
      for (const { relocation } of relocated) await gateChart(relocation.archive, gate, signal)
    const relocateAgain = (original: ChartArchive, before: ChartArchive): Promise<RelocatedChart['relocation']> =>
      relocateArchive(original, given.get(before) ?? options, renderer, signal, () => {})
    const run = { progress, signal, relocateAgain, pin }
    const settled = copy && !dryRun ? await copyTheirImages(relocated, options, run) : relocated
    if (bundle !== undefined && !dryRun)
      await packTheirBundle(bundle, { charts: await bundled(relocated, given), pins }, options, progress, signal)
    const written = dryRun ? relocated : await writeRelocated(settled, options, progress)
    progress.close()
    print(written, options)
    if (options.allowUnresolved !== true) refuseUnresolved(written)
  } finally {
    progress.close()
  }
}

async function undo(
  [chart = '', ...more]: readonly string[],
  file: string,
  options: RelocateCommandOptions,
  signal: AbortSignal,
): Promise<void> {
  if (more.length > 0) throw new ChartferryError('USAGE', 'a plan is taken back from one chart')
  await undoRelocation(await readChart(chart, options, signal), parsePlan(await readText(file, 'plan'), file), options)
}

async function relocateOne(
  request: ChartRequest,
  options: RelocateCommandOptions,
  renderer: ChartRenderer | undefined,
  { report }: Progress,
  signal: AbortSignal,
): Promise<RelocatedChart> {
  const { name } = request
  const original = await readReported(request, report, signal)
  const relocation = await relocateArchive(original, options, renderer, signal, (event) =>
    report({ ...event, chart: name }),
  )
  return { original, relocation }
}

async function relocateArchive(
  original: ChartArchive,
  options: RelocateCommandOptions,
  renderer: ChartRenderer | undefined,
  signal: AbortSignal,
  report: Report,
): Promise<RelocatedChart['relocation']> {
  const values = await readRenderValues(options)
  const context = renderOptions(options, signal)
  const common = { renderer, values, context }
  const { to, plan } = options
  if (plan !== undefined) return applyPlan(original, parsePlan(await readText(plan, 'plan'), plan), { ...common, to })
  return withPlanOptions(options, signal, (given) =>
    relocate(original, {
      ...common,
      ...given,
      // A dry run shows what it found before it fails.
      allowUnresolved: options.allowUnresolved === true || options.dryRun === true,
      report,
    }),
  )
}

function bundled(
  charts: readonly RelocatedChart[],
  given: ReadonlyMap<ChartArchive, RelocateCommandOptions>,
): Promise<PackInput['charts']> {
  return Promise.all(
    charts.map(async ({ original, relocation: { plan, proof } }) => {
      const options = given.get(original)
      return { original, plan, proof, renderedWith: options && (await carriedValues(options)) }
    }),
  )
}

/** The charts as they were, with their images and plans, in one file. */
async function packTheirBundle(
  file: string,
  input: PackInput,
  options: RelocateCommandOptions,
  { report }: Progress,
  signal: AbortSignal,
): Promise<void> {
  // The credentials of a chart's repository are no credentials of a registry.
  const { username: _user, password: _password, ...rest } = options
  tellCarried(input.charts, file, report)
  await packBundle(file, input, rest, { report, signal, name: file })
}

function refuseUnresolved(charts: readonly RelocatedChart[]): void {
  const stuck = charts.flatMap(({ relocation }) => relocation.plan.unresolved.filter(({ rendered }) => rendered))
  if (stuck.length === 0) return
  throw new ChartferryError(
    'IMAGE_UNRESOLVED',
    `${stuck.length} images cannot be moved: ${stuck.map(({ image }) => image).join(', ')}`,
  )
}

function print(charts: readonly RelocatedChart[], { json, diff, bundle, dryRun }: RelocateCommandOptions): void {
  if (json === true) {
    console.log(JSON.stringify({ charts: charts.map(relocationToJson) }, null, 2))
    return
  }
  for (const chart of charts) console.log(diff === true ? formatDiff(chart) : formatRelocation(chart))
  if (bundle !== undefined && dryRun !== true) console.log(bundle)
}
