// Looks before anything moves: which manifests an image consists of, what refers to them, and what the target has
// already.
import { ChartferryError, isChartferryError } from '../../errors.ts'
import { defaultLimits } from '../../limits.ts'
import { openSlots, type Slots } from '../client/host-gate.ts'
import { isRefusal, referrersTag } from '../client/referrers.ts'
import type { ContentRepository, ContentSource } from '../content/content.ts'
import { type Descriptor, isForeign, isIndexType, isManifestType } from '../content/descriptor.ts'
import { keepPlatforms } from '../content/platforms.ts'
import { readManifest } from '../content/read-content.ts'
import type { CopyFailures } from './copy-failures.ts'
import { atSide, type CopyItem, type CopyOptions } from './copy-item.ts'

/** One manifest on its way from a source to a sink. */
export interface CopyNode {
  readonly descriptor: Descriptor
  readonly route: Route
  /** Whether the sink has it, with all that it names. */
  readonly present: boolean
  /** Its bytes, unless it is present. */
  readonly bytes: Uint8Array | undefined
  readonly blobs: readonly Descriptor[]
  readonly children: readonly Descriptor[]
  readonly referrers: readonly Descriptor[]
  /** Tags by which cosign finds what belongs to it. */
  readonly tags: readonly { readonly tag: string; readonly descriptor: Descriptor; readonly present: boolean }[]
}

/** A source and a sink, and all that goes from one to the other. */
export interface Route {
  readonly source: ContentSource
  readonly sink: ContentRepository
  readonly nodes: Map<string, CopyNode>
}

export interface SurveyedImage {
  readonly item: CopyItem
  readonly route: Route
  readonly source: Descriptor
  readonly target: Descriptor
  /** What the tag stands for at the target, where it exists. */
  readonly tagged: Descriptor | undefined
}

/** Manifests that are read at once. */
const lookAhead = 16
const cosignSuffixes = ['sig', 'att', 'sbom']
/** Pages of tags are read up to here; a repository with more is asked for each tag instead. */
const mostTags = 5000

/** Surveys all images; those that fail are added to the failures. Errors say which side they are of. */
export async function survey(
  items: readonly CopyItem[],
  options: CopyOptions,
  failures: CopyFailures,
): Promise<readonly SurveyedImage[]> {
  const routes = new Map<string, Route>()
  const tagLists = new Map<ContentSource, Promise<ReadonlySet<string> | undefined>>()
  const slots = openSlots(lookAhead)
  const surveyOne = async (item: CopyItem): Promise<SurveyedImage> => {
    const { source, sink, tag, from } = item
    const key = `${source.name} ${sink.name}`
    const route = routes.get(key) ?? { source, sink, nodes: new Map<string, CopyNode>() }
    routes.set(key, route)
    const [found, tagged] = await slots.run(() =>
      Promise.all([
        atSide('source', source.resolve(from, options)),
        tag === undefined ? undefined : atSide('target', tryResolve(sink, tag, options)),
      ]),
    )
    const visit = openVisits(route, options, slots, tagLists)
    const target = await visit(found, { present: tagged?.digest === found.digest ? true : undefined, isTop: true })
    return { item, route, source: found, target, tagged }
  }
  const surveyed = await Promise.all(
    items.map((item) =>
      surveyOne(item).then(
        (image) => [image],
        (thrown: unknown) => {
          failures.add(item, thrown)
          return []
        },
      ),
    ),
  )
  return surveyed.flat()
}

/** What a tag stands for, or undefined: whoever refuses to say so may take a push all the same. */
async function tryResolve(
  source: ContentSource,
  reference: string,
  { signal }: { readonly signal?: AbortSignal | undefined },
): Promise<Descriptor | undefined> {
  try {
    return await source.resolve(reference, { signal })
  } catch (thrown) {
    if (isRefusal(thrown)) return undefined
    throw thrown
  }
}

/** Whether content is there, as far as anybody says so. */
export async function tryHas(
  sink: ContentSource,
  descriptor: Descriptor,
  { signal }: { readonly signal?: AbortSignal | undefined },
): Promise<boolean> {
  try {
    return await sink.has(descriptor, { signal })
  } catch (thrown) {
    if (isRefusal(thrown)) return false
    throw thrown
  }
}

interface VisitOptions {
  /** Undefined: the sink is asked. */
  readonly present?: boolean | undefined
  readonly isTop?: boolean
  readonly depth?: number
}

type Visit = (descriptor: Descriptor, options: VisitOptions) => Promise<Descriptor>

/** Visits a manifest and all that hangs on it; what was seen is not visited again, so that a circle ends. */
function openVisits(
  route: Route,
  options: CopyOptions,
  slots: Slots,
  tagLists: Map<ContentSource, Promise<ReadonlySet<string> | undefined>>,
): Visit {
  const { source, sink } = route
  const { signal, platforms = [], limits = defaultLimits } = options
  const seen = new Set<string>()
  const visit: Visit = async (descriptor, { present, isTop = false, depth = 1 }) => {
    if (seen.has(descriptor.digest)) return descriptor
    seen.add(descriptor.digest)
    if (depth > limits.indexDepth)
      throw new ChartferryError(
        'DEPTH_EXCEEDED',
        `source ${source.name}@${descriptor.digest}: indexes nested deeper than ${limits.indexDepth}`,
      )
    const isIndex = isIndexType(descriptor.mediaType)
    const isHere = present ?? (await slots.run(() => atSide('target', tryHas(sink, descriptor, { signal }))))
    const isFiltered = isTop && isIndex && platforms.length > 0
    // What an index names is looked for even where the index is there: some registries take one without its manifests.
    const read =
      isHere && !isIndex
        ? undefined
        : await slots.run(() =>
            atSide('source', readManifest(source, descriptor, { signal, maxBytes: limits.manifestBytes })),
          )
    const smaller =
      isFiltered && read !== undefined
        ? keepPlatforms(`source ${source.name}@${descriptor.digest}`, descriptor, read.bytes, read.manifest, platforms)
        : undefined
    const target = smaller?.descriptor ?? descriptor
    const listed = smaller?.kept ?? read?.manifest.manifests ?? []
    const children = listed.filter(({ mediaType }) => isManifestType(mediaType))
    const isPresent =
      smaller === undefined ? isHere : await slots.run(() => atSide('target', tryHas(sink, target, { signal })))
    // Whatever refers to an index that is not copied as it is has nothing to refer to.
    const attached =
      options.referrers === false || smaller !== undefined
        ? nothing
        : await slots.run(() => findAttached(route, descriptor, options, tagLists))
    const foreign = (blob: Descriptor): boolean => options.foreignLayers !== true && isForeign(blob)
    const blobs = [...(read?.manifest.blobs ?? []), ...listed.filter(({ mediaType }) => !isManifestType(mediaType))]
    if (blobs.some(foreign))
      options.onWarning?.(
        `${source.name}@${descriptor.digest}: layers that may not be distributed are left where they are`,
      )
    route.nodes.set(target.digest, {
      descriptor: target,
      route,
      present: isPresent,
      bytes: isPresent ? undefined : (smaller?.bytes ?? read?.bytes),
      blobs: isPresent ? [] : blobs.filter((blob) => !foreign(blob)),
      children,
      referrers: attached.referrers,
      tags: attached.tags,
    })
    if (smaller !== undefined)
      options.onWarning?.(
        `${source.name}@${descriptor.digest}: without some platforms it is ${target.digest}; signatures of the whole index do not hold for it`,
      )
    await Promise.all([
      ...children.map((child) => visit(child, { depth: depth + 1 })),
      ...attached.referrers.map((referrer) => visit(referrer, {})),
      ...attached.tags.map((tag) => visit(tag.descriptor, { present: tag.present ? true : undefined })),
    ])
    return target
  }
  return visit
}

interface Attached {
  readonly referrers: readonly Descriptor[]
  readonly tags: CopyNode['tags']
}

const nothing: Attached = { referrers: [], tags: [] }

async function findAttached(
  { source, sink }: Route,
  subject: Descriptor,
  { signal, limits = defaultLimits }: CopyOptions,
  tagLists: Map<ContentSource, Promise<ReadonlySet<string> | undefined>>,
): Promise<Attached> {
  const known = tagLists.get(source) ?? digestTags(source, signal)
  tagLists.set(source, known)
  const tags = await known
  const fallback = referrersTag(subject)
  const referrers = new Map<string, Descriptor>()
  for await (const referrer of source.referrers(subject, { signal, knownTags: tags })) {
    if (referrer.digest !== subject.digest) referrers.set(referrer.digest, referrer)
    if (referrers.size > limits.referrers)
      throw new ChartferryError(
        'TOO_MANY_REFERRERS',
        `source ${source.name}@${subject.digest}: more than ${limits.referrers} referrers`,
      )
  }
  const cosign = cosignSuffixes.map((suffix) => `${fallback}.${suffix}`).filter((tag) => tags?.has(tag) ?? true)
  const found = await Promise.all(
    cosign.map(async (tag) => {
      const descriptor = await atSide('source', tryResolve(source, tag, { signal }))
      if (descriptor === undefined) return []
      const there = await atSide('target', tryResolve(sink, tag, { signal }))
      return [{ tag, descriptor, present: there?.digest === descriptor.digest }]
    }),
  )
  return { referrers: [...referrers.values()], tags: found.flat() }
}

/** The tags that are made from digests; undefined where they cannot all be listed. */
async function digestTags(
  source: ContentSource,
  signal: AbortSignal | undefined,
): Promise<ReadonlySet<string> | undefined> {
  const found = new Set<string>()
  let count = 0
  try {
    for await (const tag of source.tags({ signal })) {
      if (tag.startsWith('sha256-')) found.add(tag)
      if (++count > mostTags) return undefined
    }
    return found
  } catch (thrown) {
    if (isChartferryError(thrown) && thrown.kind === 'cancelled') throw thrown
    return undefined
  }
}
