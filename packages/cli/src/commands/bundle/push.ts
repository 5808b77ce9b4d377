// `chartferry bundle push`: images and charts of a bundle to a registry that was not known when it was made.

import {
  type ChartArchive,
  ChartferryError,
  type ChartRenderer,
  type Plan,
  type Proof,
  parseMode,
  parseTarget,
  proveRelocation,
  repinDigests,
  targetModes,
} from '@chartferry/core'
import { editByPlan } from '@chartferry/core/internal'
import { type CopyResult, formatReference, namingOf, parseReference } from '@chartferry/core/oci'
import {
  type Bundle,
  type ImagePair,
  imageName,
  ociRepositorySink,
  staticRepositorySink,
} from '@chartferry/core/transfer'
import type { Command } from 'commander'
import { addBundleOptions, type BundleOptions, withBundle } from '../../options/bundle-options.ts'
import { findRenderer } from '../../options/chart-options.ts'
import { addPushOptions, gateChart, type ImageCopyOptions, runCopy } from '../../options/copy-options.ts'
import { addOutputOptions, type OutputOptions } from '../../options/output-options.ts'
import { addRegistryOptions, addTlsOptions, openCommandRegistries } from '../../options/registry-options.ts'
import { untilStopped } from '../../options/stop-signal.ts'
import { proofWords } from '../../ui/bundle.ts'
import { copiedToJson, formatCopied } from '../../ui/copied.ts'
import { openProgress, type Progress } from '../../ui/progress.ts'
import { proofLine } from '../../ui/relocation.ts'

interface PushOptions extends Omit<ImageCopyOptions, 'verifyKey'>, BundleOptions, OutputOptions {
  readonly to: string
  readonly charts?: string
  readonly mode?: string
  readonly dryRun?: boolean
}

/** A chart of a bundle, relocated to where it is pushed. */
interface PushedChart {
  readonly original: ChartArchive
  readonly archive: ChartArchive
  readonly plan: Plan | undefined
  /** Made here and now. Default: helm is not at hand, or nothing had to change. */
  readonly proof: Proof | undefined
  /** Made when the bundle was. */
  readonly carried: Proof | undefined
}

/** Adds the command. */
export function addBundlePushCommand(bundle: Command): void {
  const command = bundle
    .command('push <file>')
    .summary('push images and charts of a bundle to your registry')
    .description(
      'Relocate the charts of a bundle to your registry, and push them there with their images, signatures and all. What is there is skipped. With helm at hand each chart is proven anew.',
    )
    .optionsGroup('Where to:')
    .requiredOption('--to <registry[/prefix]>', 'registry that the images go to, and the path below it')
    .option(
      '--charts <place>',
      'oci://HOST/PATH, or a folder that becomes a repository (default: oci://REGISTRY/PREFIX/charts)',
    )
    .option('--mode <mode>', `names of images that no chart uses: ${targetModes.join(', ')} (default: path)`)
    .option('--dry-run', 'print what would be pushed')
  addOutputOptions(addTlsOptions(addRegistryOptions(addBundleOptions(addPushOptions(command.optionsGroup('How:'))))))
    .addHelpText(
      'after',
      `
Example:
  $ chartferry bundle push shop.ferry --to registry.plant.local:5000/shop
  $ chartferry bundle push shop.ferry --to registry.plant.local:5000/shop --charts out/`,
    )
    .action((file: string, options: PushOptions) =>
      untilStopped((signal) => withBundle(file, options, (opened) => push(opened, file, options, signal))),
    )
}

async function push(bundle: Bundle, file: string, options: PushOptions, signal: AbortSignal): Promise<void> {
  parseTarget(options.to)
  const progress = openProgress({ quiet: options.quiet === true })
  try {
    const renderer =
      bundle.contents.charts.length === 0 ? undefined : await findHelm(options, await carriesValues(bundle))
    const digests = changedDigests(bundle)
    const charts: PushedChart[] = []
    for (const { name, version } of bundle.contents.charts)
      charts.push(await relocateChart(bundle, { name, version }, options, renderer, digests, signal))
    const pairs = pairsOf(bundle, charts, options, progress, file)
    if (options.dryRun === true) {
      progress.close()
      return printDryRun(charts, pairs, options)
    }
    const { gate } = options
    if (gate !== undefined) for (const { archive } of charts) await gateChart(archive, gate, signal)
    const copied = await copyPairs(bundle, pairs, file, options, progress, signal)
    // A chart that is there says that its images are: it comes last.
    const places = await pushCharts(charts, options)
    progress.close()
    print(charts, places, copied, options)
  } finally {
    progress.close()
  }
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

/** Digests that images were asked for by and have no more, since platforms were left out. */
function changedDigests({ contents }: Bundle): ReadonlyMap<string, string> {
  return new Map(
    contents.images.flatMap(({ name, manifest }) => {
      const { digest } = parseReference(name)
      return digest === undefined || digest === manifest.digest ? [] : [[digest, manifest.digest] as const]
    }),
  )
}

async function relocateChart(
  bundle: Bundle,
  id: { readonly name: string; readonly version: string },
  { to }: PushOptions,
  renderer: ChartRenderer | undefined,
  digests: ReadonlyMap<string, string>,
  signal: AbortSignal,
): Promise<PushedChart> {
  const original = await bundle.charts.fetch(id, { signal })
  const carried = await bundle.proof(id)
  const planned = await bundle.plan(id)
  if (planned === undefined) return { original, archive: original, plan: undefined, proof: undefined, carried }
  const edited = await editByPlan(original, planned, to)
  const plan = {
    ...edited.plan,
    images: edited.plan.images.map((image) => ({ ...image, to: repinned(image.to, digests) })),
  }
  const archive = await repinDigests(edited.archive, digests)
  if (renderer === undefined) return { original, archive, plan, proof: undefined, carried }
  const { values = {}, context } = (await bundle.renderedWith(id)) ?? {}
  const proof = await proveRelocation(original, archive, plan, {
    renderer,
    values,
    context: { ...context, signal },
  })
  if (proof.status === 'refuted')
    throw new ChartferryError('VERIFICATION_FAILED', `${original.fileName}: ${proof.reasons.join('\n')}`, {
      details: { plan, proof },
    })
  return { original, archive, plan, proof, carried }
}

function repinned(text: string, digests: ReadonlyMap<string, string>): string {
  const [name = '', digest = ''] = text.split('@')
  const changed = digests.get(digest)
  return changed === undefined ? text : `${name}@${changed}`
}

/**
 * Images of plans under the names that their charts give them, and all others of the bundle under those of the mode.
 */
function pairsOf(
  bundle: Bundle,
  charts: readonly PushedChart[],
  { to, mode }: PushOptions,
  { report }: Progress,
  file: string,
): readonly ImagePair[] {
  const held = new Set(bundle.contents.images.map(({ name }) => name))
  const named = new Set<string>()
  const naming = namingOf(parseTarget(to), parseMode(mode))
  const planned = charts
    .flatMap(({ plan }) => plan?.images ?? [])
    .flatMap(({ from, to: name }): readonly ImagePair[] => {
      const image = imageName(from) ?? from
      named.add(image)
      // A rule lets it stay where it is.
      if (imageName(name) === image && !name.startsWith(`${to}/`)) return []
      if (held.has(image)) return [{ from: image, to: name }]
      report({ type: 'warning', chart: file, message: `${from} is not inside, and is not pushed` })
      return []
    })
  const others = [...held].filter((name) => !named.has(name))
  return [
    ...planned,
    ...others.map((name) => ({ from: name, to: formatReference(naming.rename(parseReference(name))) })),
  ]
}

async function copyPairs(
  bundle: Bundle,
  pairs: readonly ImagePair[],
  file: string,
  { verifyKey: _bundleKey, ...options }: PushOptions,
  { report }: Progress,
  signal: AbortSignal,
): Promise<CopyResult | undefined> {
  if (pairs.length === 0) return undefined
  return runCopy(pairs, options, {
    report,
    signal,
    name: file,
    source: (repository) => bundle.repository(repository) ?? bundle.source,
  })
}

async function pushCharts(charts: readonly PushedChart[], options: PushOptions): Promise<readonly string[]> {
  const place = chartPlace(options)
  const registries = await openCommandRegistries(options)
  try {
    const sink = place.startsWith('oci://')
      ? ociRepositorySink((name) => registries.repository(`${place.slice('oci://'.length)}/${name}`))
      : staticRepositorySink(place, { now: () => new Date() })
    const places: string[] = []
    for (const { archive } of charts) places.push(await sink.put(archive))
    await sink.close()
    return places
  } finally {
    await registries.close()
  }
}

const chartPlace = ({ charts, to }: PushOptions): string => (charts ?? `oci://${to}/charts`).replace(/\/+$/, '')

function printDryRun(charts: readonly PushedChart[], pairs: readonly ImagePair[], options: PushOptions): void {
  const archives = charts.map(({ archive }) => `${chartPlace(options)}/${archive.fileName}`)
  if (options.json === true) console.log(JSON.stringify({ images: pairs, charts: archives }, null, 2))
  else for (const line of [...pairs.map(({ from, to }) => `${from} → ${to}`), ...archives]) console.log(line)
}

function print(
  charts: readonly PushedChart[],
  places: readonly string[],
  copied: CopyResult | undefined,
  { json }: PushOptions,
): void {
  if (json === true) {
    const pushed = charts.map(({ archive, plan, proof, carried }, index) => ({
      name: archive.chart.metadata.name,
      version: archive.chart.metadata.version,
      place: places[index] ?? null,
      digest: archive.digest,
      proof: proof ?? null,
      carriedProof: carried ?? null,
      plan: plan ?? null,
    }))
    console.log(JSON.stringify({ charts: pushed, ...(copied === undefined ? {} : copiedToJson(copied)) }, null, 2))
    return
  }
  if (copied !== undefined) console.log(formatCopied(copied))
  for (const [index, { proof, carried }] of charts.entries()) {
    console.log(places[index] ?? '')
    if (proof !== undefined) console.log(`  ${proofLine(proof)}`)
    else console.log(`  not proven here; when the bundle was made: ${proofWords(carried)}`)
  }
}
