// What clients of registries ask (OCI distribution specification 1.1, pull and content discovery); nothing is written
// here.
import { Readable } from 'node:stream'
import { ChartferryError, digestOf, isDigest } from '@chartferry/core'
import { type ContentStream, type Descriptor, isPath, mediaTypes } from '@chartferry/core/oci'
import type { ByteRange } from '@chartferry/core/transfer'
import type { Context } from 'koa'
import type { Registry, RegistryRepository } from '../registry/registry.ts'
import { callerOf } from './caller.ts'
import { type PathParameters, parameter, type Route } from './route.ts'
import { sendFile } from './send-file.ts'
import { signalOf } from './signal-of.ts'

/** Most entries of a page, and how many there are where nobody says. */
const page = 1000

/**
 * The routes of a registry. `name` is the pattern of its repositories' names below `/v2/`; a parameter `repository` in
 * it is what rights are about.
 */
export function registryRoutes(registry: Registry, name = ':repository/*chart'): readonly Route[] {
  const pull = (path: string, send: Send): Route => ({
    name: 'registry',
    path: `/v2/${name}/${path}`,
    methods: { GET: { needs: 'pull', run: (ctx, found) => sendFrom(ctx, registry, found, send) } },
  })
  return [
    { name: 'registry', path: '/v2', methods: { GET: { needs: 'login', run: sendRegistryVersion } } },
    pull('tags/list', sendTags),
    pull('manifests/:reference', async (ctx, repository, reference) =>
      sendContent(ctx, repository, await repository.resolve(reference)),
    ),
    pull('blobs/:reference', async (ctx, repository, digest) =>
      sendContent(ctx, repository, await blobOf(repository, digest)),
    ),
    pull('referrers/:reference', sendReferrers),
  ]
}

/** `/v2/`: this is a registry. */
function sendRegistryVersion(ctx: Context): void {
  ctx.set('Docker-Distribution-API-Version', 'registry/2.0')
  ctx.set('Cache-Control', 'no-store')
  ctx.body = {}
}

type Send = (ctx: Context, repository: RegistryRepository, reference: string, name: string) => Promise<void>

/** Throws REFERENCE_INVALID, REPOSITORY_NOT_FOUND, MANIFEST_NOT_FOUND, BLOB_NOT_FOUND, RANGE_INVALID. */
async function sendFrom(ctx: Context, registry: Registry, found: PathParameters, send: Send): Promise<void> {
  const name = [found.repository, found.chart].filter((part) => part !== undefined).join('/')
  ctx.set('Docker-Distribution-API-Version', 'registry/2.0')
  if (!isPath(name) || name.length > 255)
    throw new ChartferryError('REFERENCE_INVALID', `${JSON.stringify(name)} is no name of a repository`)
  const repository = registry.repository(name, {
    caller: callerOf(ctx),
    signal: signalOf(ctx),
    via: ctx.get('via') || undefined,
    namespace: textOf(ctx.query.ns),
  })
  if (repository === undefined) throw new ChartferryError('REPOSITORY_NOT_FOUND', `there is no repository ${name}`)
  await send(ctx, repository, parameter(found, 'reference'), name)
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

async function sendTags(ctx: Context, repository: RegistryRepository, _: string, name: string): Promise<void> {
  const last = textOf(ctx.query.last)
  const all = (await Array.fromAsync(repository.tags())).filter((tag) => last === undefined || tag > last).sort()
  const count = pageSize(textOf(ctx.query.n))
  const shown = all.slice(0, count)
  const end = shown.at(-1)
  if (end !== undefined && shown.length < all.length)
    ctx.set('Link', `<${ctx.path}?n=${count}&last=${encodeURIComponent(end)}>; rel="next"`)
  await sendJson(ctx, 'application/json', { name, tags: shown })
}

async function sendReferrers(ctx: Context, repository: RegistryRepository, reference: string): Promise<void> {
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
    ctx.set('Link', `<${ctx.path}?n=${count}&last=${end.digest}${filter}>; rel="next"`)
  }
  if (wanted !== undefined) ctx.set('OCI-Filters-Applied', 'artifactType')
  await sendJson(ctx, mediaTypes.index, { schemaVersion: 2, mediaType: mediaTypes.index, manifests })
}

async function sendJson(ctx: Context, type: string, value: object): Promise<void> {
  const bytes = Buffer.from(JSON.stringify(value))
  await sendFile(ctx, {
    size: bytes.length,
    etag: `"${digestOf(bytes)}"`,
    type,
    cacheControl: 'no-cache',
    open: async (range) => (range === undefined ? bytes : bytes.subarray(range.start, range.end + 1)),
  })
}

/** `n` of a query: at most a page; what is no number counts as nothing said. */
function pageSize(text: string | undefined): number {
  return text !== undefined && /^\d{1,9}$/.test(text) ? Math.min(Number(text), page) : page
}

/** A query parameter that was given once. */
function textOf(value: string | readonly string[] | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined
}
