// What clients of registries ask (OCI distribution specification 1.1, pull and content discovery); nothing is written here.
import { Readable } from 'node:stream'
import {
  type ByteRange,
  ChartferryError,
  type ContentStream,
  type Descriptor,
  isDigest,
  isPath,
  mediaTypes,
} from '@chartferry/core'
import type { Context } from 'koa'
import type { Registry, RegistryRepository } from '../registry/registry.ts'
import { sendFile } from './send-file.ts'
import { signalOf } from './signal-of.ts'

/** A path below `/v2/`. */
export interface RegistryPath {
  readonly kind: 'manifests' | 'blobs' | 'tags' | 'referrers'
  readonly repository: string
  /** A tag or a digest; empty for the list of tags. */
  readonly reference: string
}

/** Most entries of a page, and how many there are where nobody says. */
const page = 1000

/** Takes the segments behind `v2`; undefined where the specification has no such path. */
export function parseRegistryPath(segments: readonly string[]): RegistryPath | undefined {
  const [kind, reference = ''] = segments.slice(-2)
  const repository = segments.slice(0, -2).join('/')
  if (repository === '') return undefined
  if (kind === 'tags' && reference === 'list') return { kind, repository, reference: '' }
  return kind === 'manifests' || kind === 'blobs' || kind === 'referrers' ? { kind, repository, reference } : undefined
}

/** `/v2/`: this is a registry. */
export function sendRegistryVersion(ctx: Context): void {
  ctx.set('Docker-Distribution-API-Version', 'registry/2.0')
  ctx.set('Cache-Control', 'no-store')
  ctx.body = {}
}

/** Anything below `/v2/`. Throws REFERENCE_INVALID, REPOSITORY_NOT_FOUND, MANIFEST_NOT_FOUND, BLOB_NOT_FOUND, RANGE_INVALID. */
export async function sendRegistryContent(ctx: Context, registry: Registry, path: RegistryPath): Promise<void> {
  const { kind, repository: name, reference } = path
  ctx.set('Docker-Distribution-API-Version', 'registry/2.0')
  if (!isPath(name) || name.length > 255)
    throw new ChartferryError('REFERENCE_INVALID', `${JSON.stringify(name)} is no name of a repository`)
  const options = { signal: signalOf(ctx), via: ctx.get('via') || undefined, namespace: textOf(ctx.query.ns) }
  const repository = registry.repository(name, options)
  if (repository === undefined) throw new ChartferryError('REPOSITORY_NOT_FOUND', `there is no repository ${name}`)
  if (kind === 'manifests') await sendContent(ctx, repository, await repository.resolve(reference))
  else if (kind === 'blobs') await sendContent(ctx, repository, await blobOf(repository, reference))
  else if (kind === 'tags') await sendTags(ctx, name, repository)
  else await sendReferrers(ctx, name, repository, reference)
}

async function blobOf(repository: RegistryRepository, digest: string): Promise<Descriptor> {
  const found = isDigest(digest) ? await repository.blob(digest) : undefined
  if (found === undefined) throw new ChartferryError('BLOB_NOT_FOUND', `${repository.name}: there is no blob ${digest}`)
  return found
}

async function sendContent(ctx: Context, repository: RegistryRepository, descriptor: Descriptor): Promise<void> {
  const { digest, size, mediaType } = descriptor
  ctx.set('Docker-Content-Digest', digest)
  const isByDigest = ctx.path.endsWith(digest)
  await sendFile(ctx, {
    size,
    etag: `"${digest}"`,
    type: mediaType,
    cacheControl: isByDigest ? 'public, max-age=31536000, immutable' : 'no-cache',
    open: async (range) => readableOf(await repository.fetch(descriptor, { offset: range?.start ?? 0 }), size, range),
  })
}

/** The piece of a content that begins at the start of the range. */
function readableOf(body: ContentStream, size: number, range: ByteRange | undefined): Readable {
  if (range === undefined || range.end === size - 1) return body instanceof Readable ? body : Readable.from(body)
  return Readable.from(firstOf(body, range.end - range.start + 1))
}

async function* firstOf(body: ContentStream, bytes: number): AsyncGenerator<Uint8Array> {
  let left = bytes
  for await (const piece of body) {
    yield piece.subarray(0, left)
    left -= piece.length
    if (left <= 0) return
  }
}

async function sendTags(ctx: Context, name: string, repository: RegistryRepository): Promise<void> {
  const last = textOf(ctx.query.last)
  const tags = (await Array.fromAsync(repository.tags())).filter((tag) => last === undefined || tag > last).sort()
  const count = pageSize(textOf(ctx.query.n))
  const shown = tags.slice(0, count)
  ctx.set('Cache-Control', 'no-cache')
  const end = shown.at(-1)
  if (end !== undefined && shown.length < tags.length)
    ctx.set('Link', `</v2/${name}/tags/list?n=${count}&last=${encodeURIComponent(end)}>; rel="next"`)
  ctx.body = { name, tags: shown }
}

async function sendReferrers(
  ctx: Context,
  name: string,
  repository: RegistryRepository,
  reference: string,
): Promise<void> {
  if (!isDigest(reference))
    throw new ChartferryError('REFERENCE_INVALID', `${JSON.stringify(reference)} is no sha256 digest`, {
      details: { digest: reference },
    })
  const [last, wanted] = [textOf(ctx.query.last), textOf(ctx.query.artifactType)]
  const subject = { mediaType: mediaTypes.manifest, digest: reference, size: 0 }
  const all = (await Array.fromAsync(repository.referrers(subject)))
    .filter(({ artifactType, digest }) => (wanted ?? artifactType) === artifactType && (last ?? '') < digest)
    .sort((a, b) => (a.digest < b.digest ? -1 : 1))
  const count = pageSize(textOf(ctx.query.n))
  const manifests = all.slice(0, count)
  const end = manifests.at(-1)
  if (end !== undefined && manifests.length < all.length) {
    const filter = wanted === undefined ? '' : `&artifactType=${encodeURIComponent(wanted)}`
    ctx.set('Link', `</v2/${name}/referrers/${reference}?n=${count}&last=${end.digest}${filter}>; rel="next"`)
  }
  if (wanted !== undefined) ctx.set('OCI-Filters-Applied', 'artifactType')
  ctx.set('Cache-Control', 'no-cache')
  ctx.set('Content-Type', mediaTypes.index)
  ctx.body = JSON.stringify({ schemaVersion: 2, mediaType: mediaTypes.index, manifests })
}

/** `n` of a query: at most a page; what is no number counts as nothing said. */
function pageSize(text: string | undefined): number {
  return text !== undefined && /^\d{1,9}$/.test(text) ? Math.min(Number(text), page) : page
}

/** A query parameter that was given once. */
function textOf(value: string | readonly string[] | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined
}
