// `chartferry relocate`: charts in, charts that pull from the private registry out, with a proof.

import {
  applyPlan,
  ChartferryError,
  type ChartRenderer,
  isChartferryError,
  parsePlan,
  relocate,
} from '@chartferry/core'
import { count } from '@chartferry/core/internal'
import type { SkippedImage } from '@chartferry/core/oci'
import { type CopiedForCharts, copyForCharts, imagesOf, packBundle, passChart } from '@chartferry/core/transfer'
import type { Command } from 'commander'
import { addCarriedOption, type CarriedOptions, carriedValues, tellCarried } from '../flags/carried-values.ts'
import {
  addScenarioOptions,
  type ChartOptions,
  findRenderer,
  readRenderValues,
  renderOptions,
} from '../flags/chart-options.ts'
import type { ChartRequest } from '../flags/chart-request.ts'
import { readChart } from '../flags/chart-source.ts'
import { type CommandRun, withRun } from '../flags/command-run.ts'
import {
  addCopyOptions,
  gateOf,
  type ImageCopyOptions,
  journalFor,
  skippedOf,
  withCopying,
} from '../flags/copy-options.ts'
import type { ConfigOption } from '../flags/declared.ts'
import { manifestHelp, partManifests } from '../flags/manifest-source.ts'
import { addOutputOptions, addSummaryOption, type OutputOptions } from '../flags/output-options.ts'
import {
  addPlanFlags,
  addTargetFlags,
  checkPlanFlags,
  type PlanFlags,
  refusePlanFlags,
  withPlanOptions,
} from '../flags/plan-options.ts'
import { readReported } from '../flags/read-reported.ts'
import { readText } from '../flags/read-text.ts'
import { addRegistryOptions } from '../flags/registry-options.ts'
import { formatSkipped } from '../print/copied.ts'
import type { Progress } from '../print/progress.ts'
import { formatDiff, formatRelocation, proofLine, type RelocatedChart, relocationToJson } from '../print/relocation.ts'
import { say, sayJson } from '../print/say.ts'
import type { SummaryRow } from '../print/summary.ts'
import { withDone } from '../print/with-done.ts'
import { deniedOf, throwDenied } from './denied-images.ts'
import { relocateManifestFiles } from './relocate-manifests.ts'
import { type RelocationRequests, relocationRequests } from './relocate-requests.ts'
import { undoRelocation } from './undo-relocation.ts'
import { checkWriteOptions, type WriteOptions, writeRelocated } from './write-relocated.ts'

interface RelocateCommandOptions
  extends ChartOptions,
    ImageCopyOptions,
    CarriedOptions,
    OutputOptions,
    PlanFlags,
    WriteOptions,
    ConfigOption {
  readonly to?: string
  readonly plan?: string
  readonly bundle?: string
  readonly images?: boolean
  readonly copy?: boolean
  readonly undo?: string
  readonly dryRun?: boolean
  readonly allowUnresolved?: boolean
  readonly diff?: boolean
  readonly inPlace?: boolean
}

/** Adds the command. */
export function addRelocateCommand(program: Command): void {
  const command = program
    .command('relocate [chart...]')
    .description(
      'Rewrite charts, manifests or kustomizations so that every image comes from your registry. Each is compared before and after: nothing else may change.',
    )
  addTargetFlags(command)
    .option('--config <file>', 'relocate the charts of this chartferry.yaml, by its lock file, to its target')
    .option('-d, --destination <folder>', 'folder for the relocated charts or manifests')
    .option('--in-place', 'edit the files of manifests themselves')
    .option('--index', 'also write index.yaml: the folder becomes a chart repository')
    .option('--plan <file>', 'apply this plan; with --to, for another registry')
    .option('--save-plan <file>', 'write the plan as JSON')
    .option('--bundle <file>', 'write the original charts, their images and plans as one file')
    .option('--no-images', 'the bundle without images')
    .option('--copy', 'copy the images to the registry before anything is written')
    .option('--undo <plan>', 'undo the relocation of this plan: write the original files again')
    .option('--sign-key <file>', 'sign the charts with this secret key of OpenPGP, as `helm package --sign` does')
    .option('--passphrase-file <file>', 'passphrase of the key')
    .option('--dry-run', 'write nothing')
    .optionsGroup('How:')
    .option('--allow-unresolved', 'write charts even if some of their images cannot be moved')
    .option('--diff', 'print what changes, as diff -u does')
  addPlanFlags(command)
  addOutputOptions(addSummaryOption(addRegistryOptions(addCarriedOption(addScenarioOptions(addCopyOptions(command))))))
    .addHelpText(
      'after',
      `
CHART is a folder, an archive, a URL of an archive, or REPOSITORY/NAME as helm knows it; a folder of charts stands for all of them.
It may be ${manifestHelp}, as well.

Example:
  $ chartferry relocate ingress-nginx/ingress-nginx --to registry.corp:5000/mirror -d out/
  $ chartferry relocate web-1.0.0.tgz --to registry.corp:5000 --dry-run --diff
  $ chartferry relocate web-1.0.0.tgz --to registry.corp:5000/mirror --copy -d out/
  $ chartferry relocate k8s/ --to registry.corp:5000/mirror --in-place
  $ chartferry relocate out/web-1.0.0.tgz --undo plan.json -d original/`,
    )
    .action((charts: string[], options: RelocateCommandOptions) =>
      withRun('chartferry relocate', options, (commandRun) => run(charts, options, commandRun)),
    )
}

async function run(charts: readonly string[], flags: RelocateCommandOptions, commandRun: CommandRun): Promise<void> {
  const { progress, signal, note } = commandRun
  if (flags.undo !== undefined) return undo(charts, flags.undo, flags, signal)
  const { manifests, charts: named } = await partManifests(charts)
  if (manifests.length > 0) {
    if (named.length > 0)
      throw new ChartferryError('USAGE', `${named[0]} is a chart, and ${manifests[0]} is not: relocate them one by one`)
    return relocateManifestFiles(manifests, flags, commandRun)
  }
  if (flags.inPlace === true)
    throw new ChartferryError('USAGE', '--in-place is for manifests', { hint: 'Give a folder for charts with -d.' })
  const { options, charts: requests, pin, pins } = await relocationRequests(charts, flags)
  const { destination, savePlan, bundle, dryRun = false } = options
  if (options.to === undefined && options.plan === undefined) {
    throw new ChartferryError('USAGE', 'the registry that the images move to is missing', {
      hint: 'Give it with --to, or a saved plan with --plan.',
    })
  }
  checkPlanFlags(options)
  if (options.plan !== undefined) refusePlanFlags(options)
  if (!dryRun && destination === undefined && savePlan === undefined && bundle === undefined && options.copy !== true) {
    throw new ChartferryError('USAGE', 'the destination of the result is missing', {
      hint: 'Give a folder with -d, a file with --bundle or --save-plan, or --dry-run to write nothing.',
    })
  }
  checkWriteOptions(options)
  const renderer = await findRenderer(options)
  const relocated: RelocatedChart[] = []
  const denied: ChartferryError[] = []
  for (const request of requests) {
    const given = { ...options, ...request.options }
    const one = await relocateOne(request, given, { renderer, pins, progress, signal }).catch((thrown: unknown) => {
      // What the rules forbid in the other charts is told, too.
      if (!isChartferryError(thrown, 'IMAGE_DENIED')) throw thrown
      denied.push(thrown)
    })
    if (one !== undefined) relocated.push(one)
  }
  throwDenied(denied)
  const { copy = false, gate } = options
  if (gate !== undefined && !copy && !dryRun)
    for (const { relocation } of relocated) await passChart(gateOf(gate, signal), relocation.archive)
  const copied = copy && !dryRun ? await copyTheirImages(relocated, options, { pin, progress, signal }) : undefined
  const settled = copied?.charts ?? relocated
  if (bundle !== undefined && !dryRun) await packTheirBundle(bundle, settled, pins, options, progress, signal)
  const written = dryRun ? relocated : await writeRelocated(settled, options, progress)
  progress.close()
  for (const chart of written) note(rowOf(chart))
  const skipped = [...deniedOf(relocated), ...(copied?.copied.skipped ?? [])]
  const failure = options.allowUnresolved === true ? undefined : unresolvedOf(written)
  if (failure !== undefined && options.json === true) throw withDone(failure, documentOf(written, skipped))
  print(written, skipped, options)
  if (failure !== undefined) throw failure
}

async function undo(
  [chart = '', ...more]: readonly string[],
  file: string,
  options: RelocateCommandOptions,
  signal: AbortSignal,
): Promise<void> {
  if (more.length > 0) throw new ChartferryError('USAGE', '--undo takes one chart')
  await undoRelocation(await readChart(chart, options, signal), parsePlan(await readText(file, 'plan'), file), options)
}

interface Run {
  readonly renderer: ChartRenderer | undefined
  /** What tags stood for when they were locked, by `host/path:tag`. */
  readonly pins: ReadonlyMap<string, string>
  readonly progress: Progress
  readonly signal: AbortSignal
}

async function relocateOne(
  request: ChartRequest,
  options: RelocateCommandOptions,
  { renderer, pins, progress: { report }, signal }: Run,
): Promise<RelocatedChart> {
  const original = await readReported(request, report, signal)
  const prove = { renderer, values: await readRenderValues(options), context: renderOptions(options, signal) }
  const renderedWith = await carriedValues(options)
  const { to, plan } = options
  if (plan !== undefined) {
    const relocation = await applyPlan(original, parsePlan(await readText(plan, 'plan'), plan), { ...prove, to })
    return { original, relocation, prove, renderedWith }
  }
  const relocation = await withPlanOptions(options, { signal, pins }, (given) =>
    relocate(original, {
      ...prove,
      ...given,
      skipDenied: skippedOf(options.skipMissing),
      // A dry run shows what it found before it fails.
      allowUnresolved: options.allowUnresolved === true || options.dryRun === true,
      report: (event) => report({ ...event, chart: request.name }),
    }),
  )
  return { original, relocation, prove, renderedWith }
}

/** The charts whose images are at the target, as they are to be written. */
async function copyTheirImages(
  charts: readonly RelocatedChart[],
  options: RelocateCommandOptions,
  { pin, progress, signal }: Pick<Run, 'progress' | 'signal'> & Pick<RelocationRequests<unknown>, 'pin'>,
): Promise<CopiedForCharts<RelocatedChart>> {
  const images = pin(imagesOf(charts))
  const flags = { ...options, journal: journalFor(options, images) }
  const run = { report: progress.report, signal, name: options.to ?? 'copy' }
  return withCopying(flags, run, (copying) => copyForCharts(charts, { ...copying, images }))
}

/** The charts as they were, with their images and plans, in one file. */
async function packTheirBundle(
  file: string,
  relocated: readonly RelocatedChart[],
  pins: ReadonlyMap<string, string>,
  options: RelocateCommandOptions,
  { report }: Progress,
  signal: AbortSignal,
): Promise<void> {
  const charts = relocated.map(({ original, relocation: { plan, proof }, renderedWith }) => ({
    original,
    plan,
    proof,
    renderedWith,
  }))
  tellCarried(charts, file, report)
  await withCopying(options, { report, signal, name: file }, (copying) =>
    packBundle(file, { charts }, { ...copying, pins, withImages: options.images !== false }),
  )
}

function unresolvedOf(charts: readonly RelocatedChart[]): ChartferryError | undefined {
  const stuck = charts.flatMap(({ relocation }) => relocation.plan.unresolved.filter(({ rendered }) => rendered))
  if (stuck.length === 0) return undefined
  return new ChartferryError(
    'IMAGE_UNRESOLVED',
    `${count(stuck.length, 'image')} cannot be moved: ${stuck.map(({ image }) => image).join(', ')}`,
  )
}

function rowOf({ original, relocation: { plan, proof } }: RelocatedChart): SummaryRow {
  const { unresolved, images } = plan
  const stuck = unresolved.length === 0 ? '' : `, ${count(unresolved.length, 'image')} cannot be moved`
  return {
    name: original.fileName,
    status: unresolved.some(({ rendered }) => rendered) ? 'failed' : 'passed',
    detail: `${count(images.length, 'image')}${stuck}; ${proofLine(proof).split('\n')[0] ?? ''}`,
  }
}

function print(
  charts: readonly RelocatedChart[],
  skipped: readonly SkippedImage[],
  { json, diff, bundle, dryRun }: RelocateCommandOptions,
): void {
  if (json === true) {
    sayJson(documentOf(charts, skipped))
    return
  }
  for (const chart of charts)
    if (diff === true) process.stdout.write(formatDiff(chart))
    else say(formatRelocation(chart))
  for (const line of formatSkipped(skipped)) say(line)
  if (bundle !== undefined && dryRun !== true) say(bundle)
}

/** The stable shape of `--json`. */
function documentOf(charts: readonly RelocatedChart[], skipped: readonly SkippedImage[]): object {
  return { charts: charts.map(relocationToJson), ...(skipped.length === 0 ? {} : { complete: false, skipped }) }
}
