// THE VERB `bundle push`: images and charts of a bundle to a registry that was not known when it was made.
import type { ChartArchive } from '../helm/chart/chart.ts'
import type { ChartRenderer } from '../helm/render/chart-renderer.ts'
import type { ContentSource } from '../oci/content/content.ts'
import type { CopyResult } from '../oci/copy/copy-item.ts'
import { namingOf, type TargetMode } from '../reference/naming.ts'
import { formatReference, parseReference } from '../reference/reference.ts'
import { parseTarget } from '../reference/target.ts'
import { type ProveOptions, provePlan } from '../relocation/apply-plan.ts'
import type { Plan } from '../relocation/model/plan.ts'
import type { Proof } from '../relocation/verify/proof.ts'
import { imageName } from './bundle/image-names.ts'
import type { Bundle } from './bundle/read-bundle.ts'
import { type ChartToCopy, type CopyForChartsOptions, copyForCharts } from './copy-for-charts.ts'
import { type ImagePair, pinnedName } from './copy-images.ts'
import { relocateBundled } from './relocate-bundled.ts'
import type { ChartSink } from './sink/chart-sink.ts'

export interface PlanPushOptions {
  /** `host[:port][/prefix]` that the images go to. */
  readonly to: string
  /** How names of images are made that no chart uses. Default: `path`. */
  readonly mode?: TargetMode | undefined
  /** Proves each chart anew. Default: what the bundle carries is believed. */
  readonly renderer?: ChartRenderer | undefined
  readonly onWarning?: (message: string) => void
  readonly signal?: AbortSignal | undefined
}

/** A chart of a bundle, relocated to where it is pushed. */
export interface PushedChart extends ChartToCopy {
  readonly relocation:
    | {
        readonly plan: Plan
        readonly archive: ChartArchive
        /** Made here and now. Default: nothing rendered it. */
        readonly proof?: Proof | undefined
      }
    | undefined
  /** Made when the bundle was. */
  readonly carried: Proof | undefined
}

/** What a push will do. */
export interface BundlePush {
  readonly charts: readonly PushedChart[]
  readonly images: readonly ImagePair[]
}

/**
 * Plans a push: relocates and proves each chart, and names each image. Throws REFERENCE_INVALID, BUNDLE_INVALID,
 * VERIFICATION_FAILED where a chart renders otherwise than planned.
 */
export async function planPush(bundle: Bundle, options: PlanPushOptions): Promise<BundlePush> {
  parseTarget(options.to)
  const charts: PushedChart[] = []
  for (const { name, version } of bundle.contents.charts)
    charts.push(await relocateOne(bundle, { name, version }, options))
  return { charts, images: imagesOf(bundle, charts, options) }
}

async function relocateOne(
  bundle: Bundle,
  id: { readonly name: string; readonly version: string },
  { to, renderer, signal }: PlanPushOptions,
): Promise<PushedChart> {
  const { original, archive, plan } = await relocateBundled(bundle, id, to, { signal })
  const carried = await bundle.proof(id)
  if (plan === undefined) return { original, relocation: undefined, carried }
  const { values = {}, context } = (await bundle.renderedWith(id)) ?? {}
  const prove: ProveOptions = { renderer, values, context: { ...context, ...(signal && { signal }) } }
  const proof = renderer === undefined ? undefined : await provePlan(original, archive, plan, prove)
  return { original, relocation: { plan, archive, proof }, prove, carried }
}

/** Images of plans under the names that their charts give them, all others of the bundle under those of the mode. */
function imagesOf(
  { contents, name: file }: Bundle,
  charts: readonly PushedChart[],
  { to, mode, onWarning }: PlanPushOptions,
): readonly ImagePair[] {
  const held = new Set(contents.images.map(({ name }) => name))
  const named = new Set<string>()
  const naming = namingOf(parseTarget(to), mode)
  const planned = charts
    .flatMap(({ relocation }) => relocation?.plan.images ?? [])
    .flatMap(({ from, to: name }): readonly ImagePair[] => {
      const image = [imageName(pinnedName(from, name)), imageName(from)].find(
        (candidate) => candidate !== undefined && held.has(candidate),
      )
      if (image !== undefined) named.add(image)
      // A rule lets it stay where it is.
      if (imageName(name) === imageName(from) && !name.startsWith(`${to}/`)) return []
      if (image !== undefined) return [{ from: image, to: name }]
      onWarning?.(`${from} is not inside ${file}, and is not pushed`)
      return []
    })
  const others = [...held].filter((name) => !named.has(name))
  return [
    ...planned,
    ...others.map((name) => ({ from: name, to: formatReference(naming.rename(parseReference(name))) })),
  ]
}

export interface PushBundleOptions extends Omit<CopyForChartsOptions, 'source' | 'images'> {
  /** Where the charts go. */
  readonly sink: ChartSink
}

/** What a push did. */
export interface PushedBundle {
  readonly charts: readonly (PushedChart & { readonly place: string })[]
  /** Default: the bundle holds no images. */
  readonly copied: CopyResult | undefined
}

/** Does what was planned: images first, since a chart that is there says that its images are. Throws as its parts do. */
export async function pushBundle(bundle: Bundle, push: BundlePush, options: PushBundleOptions): Promise<PushedBundle> {
  const { charts, copied } = await copyForCharts(push.charts, {
    ...options,
    images: push.images,
    source: (repository) => withDigests(bundle, bundle.repository(repository) ?? bundle.source),
  })
  const pushed: (PushedChart & { readonly place: string })[] = []
  for (const chart of charts)
    pushed.push({ ...chart, place: await options.sink.put(chart.relocation?.archive ?? chart.original) })
  await options.sink.close()
  return { charts: pushed, copied: push.images.length === 0 ? undefined : copied }
}

/** A source for us alone: an image that was asked for by a digest is the one that the bundle has for it. */
function withDigests({ changedDigests }: Bundle, source: ContentSource): ContentSource {
  const digests: ReadonlyMap<string, string> = changedDigests
  return { ...source, resolve: (reference, options) => source.resolve(digests.get(reference) ?? reference, options) }
}
