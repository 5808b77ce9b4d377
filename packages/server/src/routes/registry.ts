// What clients of registries read (OCI distribution specification 1.1, pull and content discovery).
import { ChartferryError, digestOf } from '@chartferry/core'
import { isPath, mediaTypes } from '@chartferry/core/oci'
import type { Context } from 'koa'
import type { ServedContent, ServedRegistry, ServedRepository } from '../registry/served.ts'
import { callerOf } from './caller.ts'
import { type PathParameters, parameter, type Route } from './route.ts'
import { sendFile } from './send-file.ts'
import { signalOf } from './signal-of.ts'

/** Most entries of a page, and how many there are where nobody says. */
const page = 1000

/**
 * The routes of a registry. `name` is the pattern of its repositories' names below `/v2/`; a parameter `repository` in
 * it is what rights are about. `more` are methods that change something, by the path behind the name.
 */
export function registryRoutes(
  registry: ServedRegistry,
  name = ':repository/*chart',
  more: Readonly<Record<string, Route['methods']>> = {},
): readonly Route[] {
  const pull = (path: string, send: Send): Route => ({
    name: 'registry',
    path: `/v2/${name}/${path}`,
    methods: { GET: { needs: 'pull', run: (ctx, found) => sendFrom(ctx, registry, found, send) }, ...more[path] },
  })
  const reading = [
    pull('tags/list', sendTags),
    pull('manifests/:reference', async (ctx, repository, reference) => {
      const found = await repository.manifest(reference)
      if (found === undefined)
        throw new ChartferryError('MANIFEST_NOT_FOUND', `${repository.name}: there is no ${reference}`)
      await sendContent(ctx, found)
    }),
    pull('blobs/:reference', async (ctx, repository, digest) => {
      const found = await repository.blob(digest)
      if (found === undefined)
        throw new ChartferryError('BLOB_NOT_FOUND', `${repository.name}: there is no blob ${digest}`)
      await sendContent(ctx, found)
    }),
    pull('referrers/:reference', sendReferrers),
  ]
  const known = reading.map(({ path }) => path)
  const others = Object.entries(more).flatMap(([path, methods]) =>
    known.includes(`/v2/${name}/${path}`) ? [] : [{ name: 'registry', path: `/v2/${name}/${path}`, methods }],
  )
  return [
    { name: 'registry', path: '/v2', methods: { GET: { needs: 'login', run: sendRegistryVersion } } },
    // More is said in these paths than in those of blobs, which fit them too.
    ...others,
    ...reading,
    // Some ask below a path whether there is a registry.
    { name: 'registry', path: '/v2/*prefix', methods: { GET: { needs: 'login', run: sendPrefixVersion } } },
  ]
}

/** `/v2/`: this is a registry. */
function sendRegistryVersion(ctx: Context): void {
  ctx.set('Docker-Distribution-API-Version', 'registry/2.0')
  ctx.set('Cache-Control', 'no-store')
  ctx.body = {}
}

/** `/v2/some/prefix/`: so is this, for clients that have an address with a path. */
function sendPrefixVersion(ctx: Context): void {
  if (!ctx.path.endsWith('/')) throw new ChartferryError('ROUTE_NOT_FOUND', 'nothing at this path')
  sendRegistryVersion(ctx)
}

/** The name of a repository that a path has. Throws REFERENCE_INVALID. */
export function repositoryName(found: PathParameters): string {
  const name = [found.repository, found.chart].filter((part) => part !== undefined).join('/')
  if (isPath(name) && name.length <= longestName) return name
  throw new ChartferryError('REFERENCE_INVALID', `${JSON.stringify(name.slice(0, 300))} is no name of a repository`)
}

const longestName = 255

type Send = (ctx: Context, repository: ServedRepository, reference: string, name: string) => Promise<void>

/** Throws REFERENCE_INVALID, REPOSITORY_NOT_FOUND, MANIFEST_NOT_FOUND, BLOB_NOT_FOUND, RANGE_INVALID. */
async function sendFrom(ctx: Context, registry: ServedRegistry, found: PathParameters, send: Send): Promise<void> {
  ctx.set('Docker-Distribution-API-Version', 'registry/2.0')
  const name = repositoryName(found)
  const repository = registry.repository(name, {
    caller: callerOf(ctx),
    signal: signalOf(ctx),
    via: ctx.get('via') || undefined,
    namespace: textOf(ctx.query.ns),
  })
  if (repository === undefined) throw new ChartferryError('REPOSITORY_NOT_FOUND', `there is no repository ${name}`)
  await send(ctx, repository, parameter(found, 'reference'), name)
}

async function sendContent(ctx: Context, { digest, size, mediaType, cache, open }: ServedContent): Promise<void> {
  ctx.set('Docker-Content-Digest', digest)
  if (cache !== undefined) ctx.set('X-Cache', cache)
  const isByDigest = ctx.path.endsWith(digest)
  await sendFile(ctx, {
    size,
    etag: `"${digest}"`,
    type: mediaType,
    cacheControl: isByDigest ? 'public, max-age=31536000, immutable' : 'no-cache',
    open,
  })
}

async function sendTags(ctx: Context, repository: ServedRepository, _: string, name: string): Promise<void> {
  const last = textOf(ctx.query.last)
  const all = (await Array.fromAsync(repository.tags())).filter((tag) => last === undefined || tag > last).sort()
  const count = pageSize(textOf(ctx.query.n))
  const shown = all.slice(0, count)
  const end = shown.at(-1)
  if (end !== undefined && shown.length < all.length)
    ctx.set('Link', `<${ctx.path}?n=${count}&last=${encodeURIComponent(end)}>; rel="next"`)
  await sendJson(ctx, 'application/json', { name, tags: shown })
}

async function sendReferrers(ctx: Context, repository: ServedRepository, reference: string): Promise<void> {
  const [last, wanted] = [textOf(ctx.query.last), textOf(ctx.query.artifactType)]
  const all = (await repository.referrers(reference))
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
export function textOf(value: string | readonly string[] | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined
}
