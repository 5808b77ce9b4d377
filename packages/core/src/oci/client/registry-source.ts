// Reading from a repository of a registry (OCI distribution specification 1.1, pull and content discovery).
import { type Digest, digestOf, isDigest } from '../../digest.ts'
import { ChartferryError } from '../../errors.ts'
import type { Limits } from '../../limits.ts'
import type { ContentOptions, ContentStream } from '../content/content.ts'
import { type Descriptor, isManifestType, isRecord, manifestTypes } from '../content/descriptor.ts'
import { parseManifest } from '../content/manifest.ts'
import type { HttpResponse } from '../http/http-message.ts'
import { parseLinks } from '../http/link-header.ts'
import { readBody } from '../http/response-body.ts'
import { discardBody } from '../http/send-request.ts'
import { type AskedContext, asking, endpoint, type RepositoryContext, suffixOf } from './registry-context.ts'
import { drain, statusError } from './registry-error.ts'
import type { Transport } from './transport.ts'

const accept = [...manifestTypes, 'application/vnd.docker.distribution.manifest.v1+prettyjws', '*/*;q=0.1'].join(', ')
const tagsPage = 1000
const pageBytes = 16 << 20

/** What registries answer to HEAD where they do not know it, or do not want to say: GET is asked before it is believed. */
const doubtful = [400, 401, 403, 404, 405, 501]

/** What a tag or digest stands for; undefined where there is none. A HEAD, which registries do not count as a pull. */
export async function resolveManifest(
  context: RepositoryContext,
  reference: string,
  { signal }: ContentOptions = {},
): Promise<Descriptor | undefined> {
  const { transport, repository } = context
  const path = endpoint(context, `manifests/${reference}`)
  const request = { repository, actions: 'pull', headers: { accept }, signal } as const
  const kind = reference.includes(':') ? 'digest' : 'tag'
  const { headTells } = transport.known
  const response = await transport.send(path, { ...request, method: 'HEAD' })
  const { 'docker-content-digest': digest = '', 'content-type': type = '', 'content-length': length } = response.headers
  const mediaType = bareType(type)
  if (response.status === 200 && isDigest(digest) && length !== undefined && isManifestType(mediaType)) {
    checkNamed(context, reference, digest)
    headTells.add(kind)
    return { mediaType, digest, size: Number(length) }
  }
  if (response.status === 404 && headTells.has(kind)) return undefined
  if (response.status !== 200 && !doubtful.includes(response.status))
    throw await statusError(response, asking(context, suffixOf(reference), 'MANIFEST_NOT_FOUND'))
  // A registry that says too little without the body, or one before schema 2: the body tells.
  const full = await transport.send(path, request)
  if (full.status === 404) {
    await drain(full)
    return undefined
  }
  const bytes = await manifestBody(context, full, reference)
  const manifest = parseManifest(
    bytes,
    bareType(full.headers['content-type'] ?? ''),
    `${context.name}${suffixOf(reference)}`,
  )
  const actual = digestOf(bytes)
  checkNamed(context, reference, actual)
  return { mediaType: manifest.mediaType, digest: actual, size: bytes.length }
}

function bareType(header: string): string {
  return header.split(';')[0]?.trim() ?? ''
}

function checkNamed({ name }: RepositoryContext, reference: string, digest: string): void {
  if (!reference.includes(':') || reference === digest) return
  throw new ChartferryError('DIGEST_MISMATCH', `${name}@${reference}: the registry has ${digest} there`, {
    details: { expected: reference, actual: digest },
  })
}

async function manifestBody(context: RepositoryContext, response: HttpResponse, reference: string): Promise<Buffer> {
  if (response.status !== 200)
    throw await statusError(response, asking(context, suffixOf(reference), 'MANIFEST_NOT_FOUND'))
  return readBody(response, { maxBytes: context.limits.manifestBytes, tooLarge: 'MANIFEST_TOO_LARGE' })
}

/** Whether the repository has a manifest or a blob. */
export async function hasContent(
  context: RepositoryContext,
  descriptor: Descriptor,
  { signal }: ContentOptions = {},
): Promise<boolean> {
  const { transport, repository } = context
  const isManifest = isManifestType(descriptor.mediaType)
  const path = endpoint(context, `${isManifest ? 'manifests' : 'blobs'}/${descriptor.digest}`)
  const request = { repository, actions: 'pull', signal } as const
  const headers: Record<string, string> = isManifest ? { accept } : {}
  const response = await transport.send(path, { ...request, headers, method: 'HEAD' })
  await drain(response)
  if (response.status === 200) return true
  // What is taken for missing is sent once more than needed: that is no reason to ask twice for all that is.
  if (response.status === 404) return false
  const isDoubtful = doubtful.includes(response.status)
  const least = isManifest ? headers : { range: 'bytes=0-0' }
  const full = isDoubtful ? await transport.send(path, { ...request, headers: least }) : response
  if (isDoubtful && full.status < 300) discardBody(full)
  if (full.status === 200 || full.status === 206) return true
  if (full.status === 404) return false
  throw await statusError(full, asking(context, `@${descriptor.digest}`, 'BLOB_NOT_FOUND'))
}

/** What a blob is, as far as the registry says: its size. Undefined where there is none. Throws REGISTRY_INVALID. */
export async function describeBlob(
  context: RepositoryContext,
  digest: Digest,
  { signal }: ContentOptions = {},
): Promise<Descriptor | undefined> {
  const { transport, repository, name } = context
  const response = await transport.send(endpoint(context, `blobs/${digest}`), {
    method: 'HEAD',
    repository,
    actions: 'pull',
    signal,
  })
  await drain(response)
  if (response.status === 404) return undefined
  if (response.status !== 200) throw await statusError(response, asking(context, `@${digest}`, 'BLOB_NOT_FOUND'))
  const size = Number(response.headers['content-length'] ?? Number.NaN)
  if (!Number.isSafeInteger(size) || size < 0)
    throw new ChartferryError('REGISTRY_INVALID', `${name}@${digest}: the registry does not say how large it is`)
  return { mediaType: 'application/octet-stream', digest, size }
}

/** The bytes from an offset on. A registry that knows no ranges sends them all, and the first are thrown away. */
export async function fetchContent(
  context: RepositoryContext,
  descriptor: Descriptor,
  { signal, offset = 0 }: ContentOptions & { readonly offset?: number } = {},
): Promise<ContentStream> {
  const { transport, repository, name } = context
  const { digest, size, mediaType } = descriptor
  const isManifest = isManifestType(mediaType)
  const response = await transport.send(endpoint(context, `${isManifest ? 'manifests' : 'blobs'}/${digest}`), {
    repository,
    actions: 'pull',
    signal,
    headers: { ...(isManifest ? { accept: mediaType } : {}), ...(offset > 0 ? { range: `bytes=${offset}-` } : {}) },
  })
  const { status, headers, body } = response
  const partial = status === 206 && offset > 0
  if (status !== 200 && !partial) {
    const notFound = isManifest ? 'MANIFEST_NOT_FOUND' : 'BLOB_NOT_FOUND'
    throw await statusError(response, asking(context, `@${digest}`, notFound))
  }
  const refuse = (why: string): ChartferryError => {
    discardBody(response)
    return new ChartferryError('REGISTRY_INVALID', `${name}@${digest}: ${why}`)
  }
  if (partial && !headers['content-range']?.startsWith(`bytes ${offset}-`))
    throw refuse(`asked for bytes from ${offset}, got ${headers['content-range'] ?? 'others'}`)
  const rest = partial ? size - offset : size
  const declared = headers['content-encoding'] === undefined ? headers['content-length'] : undefined
  if (declared !== undefined && Number(declared) !== rest)
    throw refuse(`${declared} bytes are announced, ${rest} were expected`)
  return partial || offset === 0 ? body : skipping(body, offset)
}

function skipping(body: ContentStream, count: number): ContentStream {
  return {
    destroy: () => discardBody({ body }),
    async *[Symbol.asyncIterator]() {
      let left = count
      for await (const piece of body) {
        if (piece.length > left) yield piece.subarray(left)
        left = Math.max(0, left - piece.length)
      }
    },
  }
}

/** All tags, a page at a time. */
export async function* listTags(context: RepositoryContext, { signal }: ContentOptions = {}): AsyncGenerator<string> {
  for await (const page of jsonPages(context, endpoint(context, `tags/list?n=${tagsPage}`), '', signal)) {
    const { tags } = page
    if (Array.isArray(tags)) for (const tag of tags) if (typeof tag === 'string') yield tag
  }
}

/** All repositories of a host, a page at a time (distribution's own, not the specification's). */
export async function* listRepositories(
  transport: Transport,
  limits: Limits,
  { signal }: ContentOptions = {},
): AsyncGenerator<string> {
  const host = { transport, repository: '', name: transport.host, limits }
  for await (const { repositories } of jsonPages(host, `/v2/_catalog?n=${tagsPage}`, '', signal)) {
    if (Array.isArray(repositories)) for (const name of repositories) if (typeof name === 'string') yield name
  }
}

/** The pages of a list, by their Link headers (RFC 8288). A page that was seen before ends the list. */
export async function* jsonPages(
  context: AskedContext,
  first: string,
  thing: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<Readonly<Record<string, unknown>>> {
  const seen = new Set<string>()
  for (let path: string | undefined = first; path !== undefined && !seen.has(path); ) {
    seen.add(path)
    const response: HttpResponse = await context.transport.send(path, {
      repository: context.repository,
      actions: 'pull',
      signal,
    })
    if (response.status !== 200) throw await statusError(response, asking(context, thing, 'MANIFEST_NOT_FOUND'))
    const body = await readBody(response, { maxBytes: pageBytes, tooLarge: 'REGISTRY_INVALID', signal })
    yield parsePage(context, body)
    path = await nextPage(context, response)
  }
}

function parsePage({ name }: AskedContext, body: Buffer): Readonly<Record<string, unknown>> {
  try {
    const page: unknown = JSON.parse(body.toString())
    if (isRecord(page)) return page
  } catch {
    // The same words as for JSON of another form.
  }
  throw new ChartferryError('REGISTRY_INVALID', `${name}: answered with a list that is not a JSON object`)
}

/** Only pages of the registry itself: the address goes out with its credentials. */
async function nextPage(
  { transport, name }: AskedContext,
  { headers, url }: HttpResponse,
): Promise<string | undefined> {
  const link = parseLinks(headers.link ?? '').find(({ relations }) => relations.includes('next'))
  if (link === undefined) return undefined
  const next = new URL(await transport.locate(link.target, url))
  if (next.host !== new URL(await transport.locate('/')).host)
    throw new ChartferryError('REGISTRY_INVALID', `${name}: the next page is at another host, ${next.host}`)
  return next.pathname + next.search
}
