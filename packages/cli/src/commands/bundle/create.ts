// `chartferry bundle create`: charts, their images and files into one file.

import { stat } from 'node:fs/promises'
import {
  type ChartArchive,
  ChartferryError,
  type ChartRenderer,
  parseMode,
  parseRules,
  targetModes,
} from '@chartferry/core'
import {
  type Bundle,
  type BundledChart,
  describeBundle,
  type ForeignBundle,
  openBundle,
  type PackedThings,
  packBundle,
  planForBundle,
  type WrittenBundle,
} from '@chartferry/core/transfer'
import type { Command } from 'commander'
import { withBundle } from '../../flags/bundle-options.ts'
import { addCarriedOption, type CarriedOptions, carriedValues, tellCarried } from '../../flags/carried-values.ts'
import {
  addScenarioOptions,
  type ChartOptions,
  findRenderer,
  readRenderValues,
  renderOptions,
} from '../../flags/chart-options.ts'
import { type CommandRun, withRun } from '../../flags/command-run.ts'
import { addFetchOptions, type ImageCopyOptions, withCopying } from '../../flags/copy-options.ts'
import type { ConfigOption } from '../../flags/declared.ts'
import { withFetchedFiles } from '../../flags/file-list.ts'
import { partForeign, withForeign } from '../../flags/foreign-bundles.ts'
import type { Locked } from '../../flags/locked.ts'
import { withManifests } from '../../flags/manifest-bundle.ts'
import { manifestHelp, partManifests } from '../../flags/manifest-source.ts'
import { addOutputOptions, addSummaryOption, type OutputOptions } from '../../flags/output-options.ts'
import { type PackOptions, packOptions } from '../../flags/pack-options.ts'
import { readReported } from '../../flags/read-reported.ts'
import { readText } from '../../flags/read-text.ts'
import { addRegistryOptions } from '../../flags/registry-options.ts'
import { bundleLine, formatMissing } from '../../print/bundle.ts'
import type { Progress } from '../../print/progress.ts'
import { say, sayJson } from '../../print/say.ts'
import { type RelocationRequests, relocationRequests } from '../relocate-requests.ts'

interface CreateOptions
  extends PackOptions,
    ImageCopyOptions,
    ChartOptions,
    CarriedOptions,
    OutputOptions,
    ConfigOption {
  readonly file: string
  readonly image?: readonly string[]
  readonly add?: readonly string[]
  readonly base?: string
  readonly mode?: string
  readonly rules?: string
  readonly allowUnresolved?: boolean
  readonly dryRun?: boolean
}

const collect = (value: string, previous: readonly string[] = []): string[] => [...previous, value]

/** Adds the command. */
export function addBundleCreateCommand(bundle: Command): void {
  const command = bundle
    .command('create [chart...]')
    .summary('put charts, their images and files into one file')
    .description(
      'Put charts, every image that they use and files into one file. Run it again after a stop: it goes on where it was. The same content gives the same bytes.',
    )
    .optionsGroup('What goes in, and where to:')
    .requiredOption('--file <file>', 'the bundle; it grows in FILE.partial')
    .option('--config <file>', 'take everything from this chartferry.yaml, by its lock file')
    .option('--image <image>', 'an image that no chart names, may be repeated', collect)
    .option('--add <file>', 'a file, may be repeated', collect)
    .option('--no-images', 'charts without their images')
    .option('--base <bundle>', 'leave out what this bundle has')
    .option('--split <size>', 'parts of this size, FILE.001 and so on: 4GiB, 700M')
    .option('--sign-key <file>', 'sign the table of contents with this private key (PEM, ed25519 or ECDSA)')
    .option('--mode <mode>', `how names at the target will be made: ${targetModes.join(', ')} (default: path)`)
    .option('--rules <file>', 'rules for images that go elsewhere, stay, or may not be used')
    .option('--allow-unresolved', 'take charts and manifests even if some of their images cannot be moved')
    .option('--dry-run', 'print what would go in')
  addOutputOptions(addSummaryOption(addRegistryOptions(addCarriedOption(addScenarioOptions(addFetchOptions(command))))))
    .addHelpText(
      'after',
      `
CHART is a folder, an archive, a URL of an archive, oci://HOST/PATH/NAME, or REPOSITORY/NAME as helm knows it; a
folder of charts stands for all of them. A wrap of dt (*.wrap.tgz) and a haul of hauler (*.tar.zst) give their
charts, images and files; only what they lack is fetched. It may be
${manifestHelp}:
their images go in, and the manifests as files.

Example:
  $ chartferry bundle create web-1.0.0.tgz --file shop.ferry
  $ chartferry bundle create web-1.0.0.tgz --platform linux/arm64 --add kubectl --file edge.ferry
  $ chartferry bundle create --config chartferry.yaml --file shop.ferry
  $ chartferry bundle create web-1.0.0.tgz --base shop.ferry --file update.ferry
  $ chartferry bundle create web-1.0.0.tgz k8s/ --file shop.ferry
  $ chartferry bundle create haul.tar.zst shop-1.0.0.wrap.tgz --file all.ferry`,
    )
    .action((charts: string[], options: CreateOptions) =>
      withRun('chartferry bundle create', options, (run) => create(charts, options, run)),
    )
}

async function create(charts: readonly string[], flags: CreateOptions, run: CommandRun): Promise<void> {
  const { file, split, image = [], add = [] } = flags
  if (charts.length + image.length + add.length === 0 && flags.config === undefined)
    throw new ChartferryError('USAGE', 'nothing is to go into the bundle', {
      hint: 'Name charts, or give --image, --add or --config.',
    })
  if (split !== undefined && (await isThere(file)))
    throw new ChartferryError(
      'USAGE',
      `${file}: there is a whole bundle of this name, which its parts would stand beside`,
    )
  const { charts: others, manifests } = await partManifests(charts)
  const { charts: named, foreign } = await partForeign(others)
  const isEmpty = named.length === 0 && flags.config === undefined
  const nothing: RelocationRequests<CreateOptions> = {
    options: flags,
    charts: [],
    pin: (pairs) => pairs,
    pins: new Map(),
  }
  const requests = isEmpty ? nothing : await relocationRequests(named, flags)
  await withManifests(manifests, flags, run.signal, ({ images, paths }) => {
    const options = {
      ...requests.options,
      image: requests.options.images === false ? image : [...image, ...images],
      add: [...add, ...paths],
    }
    return withForeign(foreign, file, { report: run.progress.report, signal: run.signal }, (bundles) =>
      createOf({ ...requests, options }, bundles, run),
    )
  })
}

async function createOf(
  { options, charts: requests, pin, pins, locked }: RelocationRequests<CreateOptions>,
  foreign: readonly ForeignBundle[],
  { progress, signal, note }: CommandRun,
): Promise<void> {
  const { image = [], add = [] } = options
  const wrapped = foreign.flatMap(({ charts }) => charts)
  const renderer = requests.length + wrapped.length === 0 ? undefined : await findRenderer(options)
  const planned: BundledChart[] = []
  for (const request of requests) {
    const original = await readReported(request, progress.report, signal)
    const own = { ...options, ...request.options }
    planned.push(await planChart(request.name, original, own, renderer, progress, signal))
  }
  for (const { plan } of planned) if (plan !== undefined) pin(plan.images)
  for (const original of wrapped)
    planned.push(await planChart(original.fileName, original, options, renderer, progress, signal))
  const images = [...image, ...(locked?.declaration.images ?? [])]
  if (options.dryRun === true) {
    const carried = { image: foreign.flatMap((each) => each.images), add: foreign.flatMap(({ files }) => files) }
    return printPlanned(planned, {
      ...options,
      image: [...images, ...carried.image],
      add: [...add, ...urlsOf(locked), ...carried.add.map(({ name }) => name)],
    })
  }
  tellCarried(planned, options.file, progress.report)
  const written = await withFetchedFiles(locked?.lock.files ?? [], signal, (paths) =>
    pack({ charts: planned, images, foreign, files: [...add, ...paths] }, pins, options, progress, signal),
  )
  for (const { original, plan } of planned)
    note({ name: original.fileName, status: 'passed', detail: `${plan?.images.length ?? 0} images` })
  progress.close()
  await print(written, options)
}

function urlsOf(locked: Locked | undefined): readonly string[] {
  return (locked?.lock.files ?? []).map(({ url }) => url)
}

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}

async function pack(
  things: PackedThings,
  pins: ReadonlyMap<string, string>,
  options: CreateOptions,
  { report }: Progress,
  signal: AbortSignal,
): Promise<WrittenBundle> {
  const { file } = options
  const packing = { ...(await packOptions(options)), pins }
  const write = (base?: Bundle): Promise<WrittenBundle> =>
    withCopying(options, { report, signal, name: file, kept: `${file}.partial` }, (copying) =>
      packBundle(file, things, { ...copying, ...packing, base }),
    )
  return options.base === undefined ? write() : withBundle(options.base, {}, write)
}

async function planChart(
  name: string,
  original: ChartArchive,
  options: CreateOptions,
  renderer: ChartRenderer | undefined,
  { report }: Progress,
  signal: AbortSignal,
): Promise<BundledChart> {
  return planForBundle(original, {
    mode: parseMode(options.mode),
    rules: options.rules === undefined ? [] : parseRules(await readText(options.rules, 'rules file'), options.rules),
    renderer,
    values: await readRenderValues(options),
    context: renderOptions(options, signal),
    allowUnresolved: options.allowUnresolved === true,
    renderedWith: await carriedValues(options),
    report: (event) => report({ ...event, chart: name }),
  })
}

function printPlanned(charts: readonly BundledChart[], { json, image = [], add = [] }: CreateOptions): void {
  const images = [...new Set([...image, ...charts.flatMap(({ plan }) => plan?.images.map(({ from }) => from) ?? [])])]
  const names = charts.map(({ original }) => original.fileName)
  if (json === true) sayJson({ charts: names, images, files: add })
  else for (const name of [...names, ...images, ...add]) say(name)
}

async function print({ paths }: WrittenBundle, { file, json }: CreateOptions): Promise<void> {
  const bundle = await openBundle(paths)
  try {
    const description = await describeBundle(bundle)
    if (json === true) {
      sayJson({ paths, ...description })
      return
    }
    const parts = paths.length === 1 ? file : `${paths[0] ?? file} to ${paths.at(-1) ?? ''}`
    say([bundleLine(parts, description), ...formatMissing(description.missing)].join('\n'))
  } finally {
    await bundle.close()
  }
}
