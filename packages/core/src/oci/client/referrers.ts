// Which manifests refer to another: the registry's own answer, or the index under a tag where it has none
// (specification, referrers tag schema).
import { digestHex, digestOf } from '../../digest.ts'
import { ChartferryError, isChartferryError } from '../../errors.ts'
import type { ContentOptions, ContentSink, ContentSource } from '../content/content.ts'
import { type Descriptor, isIndexType, mediaTypes, parseDescriptor } from '../content/descriptor.ts'
import { readManifest } from '../content/read-content.ts'
import { endpoint, type RepositoryContext } from './registry-context.ts'
import { jsonPages } from './registry-source.ts'

/** The tag that stands for the referrers of a manifest where a registry has no API for them. */
export function referrersTag({ digest }: Descriptor): string {
  return `sha256-${digestHex(digest)}`
}

/** The list that the registry keeps itself; undefined where it keeps none. */
export async function apiReferrers(
  context: RepositoryContext,
  subject: Descriptor,
  { signal }: ContentOptions = {},
): Promise<readonly Descriptor[] | undefined> {
  const { known } = context.transport
  if (known.referrersApi === false) return undefined
  const found = new Map<string, Descriptor>()
  try {
    for await (const page of jsonPages(context, endpoint(context, `referrers/${subject.digest}`), '', signal)) {
      if (!Array.isArray(page.manifests)) return undefined
      for (const entry of page.manifests) {
        const descriptor = parseDescriptor(entry, `${context.name}: referrers of ${subject.digest}`)
        found.set(descriptor.digest, descriptor)
      }
      if (found.size > context.limits.referrers) throw tooMany(context.name, subject, context.limits.referrers)
    }
  } catch (thrown) {
    // The specification lets 404 mean one thing alone: no API. Others refuse, or send what they send for every address.
    const status = isChartferryError(thrown) ? Number(thrown.details.status) : Number.NaN
    const isAbsent = isRefusal(thrown) || isChartferryError(thrown, 'REGISTRY_INVALID')
    if (!isAbsent || (known.referrersApi === true && status === 404)) throw thrown
    if (status === 401 || status === 403) tellOnce(context, status)
    // Of one repository that is closed the others are not.
    if (known.referrersApi === undefined && status !== 401 && status !== 403) known.referrersApi = false
    return undefined
  }
  known.referrersApi = true
  return [...found.values()]
}

/** Whether an error is an answer that says no, and not one that may pass. */
export function isRefusal(thrown: unknown): boolean {
  if (isChartferryError(thrown, 'MANIFEST_NOT_FOUND')) return true
  if (!isChartferryError(thrown)) return false
  const status = Number(thrown.details.status)
  return (status >= 400 && status < 500 && status !== 408 && status !== 425 && status !== 429) || status === 501
}

function tellOnce({ transport, name, onWarning }: RepositoryContext, status: number): void {
  const { told } = transport.known
  if (told.has('referrers')) return
  told.add('referrers')
  onWarning(
    `${name}: the registry does not say what refers to an image (${status}); signatures and SBOMs that only it knows of stay there`,
  )
}

function tooMany(name: string, subject: Descriptor, limit: number): ChartferryError {
  return new ChartferryError('TOO_MANY_REFERRERS', `${name}@${subject.digest}: more than ${limit} referrers`)
}

/** What the index under the fallback tag lists; nothing where there is no such tag. */
export async function taggedReferrers(
  source: ContentSource,
  subject: Descriptor,
  options: ContentOptions & { readonly limit: number },
): Promise<readonly Descriptor[]> {
  const tagged = await source.resolve(referrersTag(subject), options).catch((thrown: unknown) => {
    if (isRefusal(thrown)) return undefined
    throw thrown
  })
  // Some registries take the tag for the digest that it is made of.
  if (tagged === undefined || tagged.digest === subject.digest || !isIndexType(tagged.mediaType)) return []
  const { manifest } = await readManifest(source, tagged, options)
  if (manifest.manifests.length > options.limit) throw tooMany(source.name, subject, options.limit)
  return manifest.manifests.filter(({ digest }) => digest !== subject.digest)
}

/**
 * Writes the index under the fallback tag with what it had and what is new. Whoever writes at the same time may lose an
 * entry: the specification knows no lock.
 */
export async function tagReferrers(
  place: ContentSource & ContentSink,
  subject: Descriptor,
  fresh: readonly Descriptor[],
  options: ContentOptions & { readonly limit: number },
): Promise<void> {
  const present = await taggedReferrers(place, subject, options)
  const described = await Promise.all(fresh.map((descriptor) => describe(place, descriptor, options)))
  const entries = new Map([...present, ...described].map((entry) => [entry.digest, entry]))
  const index = { schemaVersion: 2, mediaType: mediaTypes.index, manifests: [...entries.values()] }
  const bytes = new TextEncoder().encode(JSON.stringify(index))
  const descriptor = { mediaType: mediaTypes.index, digest: digestOf(bytes), size: bytes.length }
  await place.push(descriptor, bytes, { ...options, tag: referrersTag(subject) })
}

/** An entry says what it refers with: its artifact type and its annotations, as the API would. */
async function describe(source: ContentSource, descriptor: Descriptor, options: ContentOptions): Promise<Descriptor> {
  if (descriptor.artifactType !== undefined) return descriptor
  const { manifest } = await readManifest(source, descriptor, options)
  const { artifactType, annotations } = manifest
  return {
    ...descriptor,
    ...(artifactType === undefined ? {} : { artifactType }),
    ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
  }
}
