// Bytes into a registry: whole where it takes that, in pieces where it does not (distribution specification, pushing
// blobs).
import { ChartferryError, isChartferryError } from '../../errors.ts'
import type { ContentBody, ContentOptions } from '../content/content.ts'
import type { Descriptor } from '../content/descriptor.ts'
import type { HttpResponse } from '../http/http-message.ts'
import { isMoved, sendWriting } from './follow-writing.ts'
import { asking, endpoint, type RepositoryContext } from './registry-context.ts'
import { drain, statusError } from './registry-error.ts'

/** Where an upload goes on. */
export interface UploadSession {
  readonly location: string
  /** The least that a piece but the last may have; 0 where the registry says nothing. */
  readonly leastChunk: number
  /** Milliseconds since 1970. */
  readonly opened: number
}

/** Begins an upload. Throws TARGET_MISSING, REGISTRY_DENIED. */
export async function beginUpload(context: RepositoryContext, { signal }: ContentOptions = {}): Promise<UploadSession> {
  const { transport, repository } = context
  const response = await sendWriting(transport, endpoint(context, 'blobs/uploads/'), {
    method: 'POST',
    repository,
    actions: 'pull,push',
    headers: { 'content-length': '0' },
    signal,
  })
  if (!isDone(response.status)) throw await statusError(response, asking(context, '', 'TARGET_MISSING', true))
  await drain(response)
  return sessionOf(context, response)
}

/** Whether a write succeeded: 202, 201 or 204 by the specification, any of them by the registries that people run. */
export function isDone(status: number): boolean {
  return status >= 200 && status <= 204
}

/** The session that an answer names. Throws REGISTRY_INVALID. */
export async function sessionOf(
  { transport, name }: RepositoryContext,
  { headers, url }: Pick<HttpResponse, 'headers' | 'url'>,
): Promise<UploadSession> {
  if (headers.location === undefined)
    throw new ChartferryError('REGISTRY_INVALID', `${name}: an upload without a Location`)
  return {
    location: await transport.locate(headers.location, url),
    leastChunk: Number(headers['oci-chunk-min-length'] ?? 0) || 0,
    opened: Date.now(),
  }
}

/** Ends an upload that will not go on; whether the registry minds is its own affair. */
export async function cancelUpload(
  { transport, repository }: RepositoryContext,
  { location }: UploadSession,
): Promise<void> {
  const request = { method: 'DELETE', repository, actions: 'pull,push' } as const
  await transport.send(location, request).then(drain, () => {})
}

/** An upload that goes on: where, and how many bytes the registry has. */
export interface ResumedUpload {
  readonly session: UploadSession
  readonly offset: number
}

/**
 * Asks how far an upload came that broke off (distribution specification, pushing a blob in chunks). Undefined where
 * the registry does not say, or says `0-0`: that is one byte to some and none to others.
 */
export async function findOffset(
  context: RepositoryContext,
  session: UploadSession,
  size: number,
  { signal }: ContentOptions = {},
): Promise<ResumedUpload | undefined> {
  const { transport, repository } = context
  const response = await transport.send(session.location, { repository, actions: 'pull,push', signal })
  await drain(response)
  if (!isDone(response.status)) return undefined
  const end = Number(/^(?:bytes=)?0-([1-9]\d*)$/.exec(response.headers.range?.trim() ?? '')?.[1])
  if (!Number.isSafeInteger(end) || end >= size) return undefined
  const next = response.headers.location === undefined ? session : await sessionOf(context, response)
  return { session: next, offset: end + 1 }
}

/**
 * Sends a blob into a session, from an offset on where the registry has what is before it; the body is read from its
 * beginning all the same, since it checks itself. `onPiece` hears where the upload goes on after each piece. Throws
 * DIGEST_MISMATCH, REGISTRY_REFUSED, what reading the body throws.
 */
export async function upload(
  context: RepositoryContext,
  { session, offset }: ResumedUpload,
  descriptor: Descriptor,
  body: ContentBody,
  options: ContentOptions & { readonly onPiece?: (reached: ResumedUpload) => void } = {},
): Promise<void> {
  const { chunkBytes = context.transport.known.chunkBytes } = context
  if (offset === 0 && (chunkBytes === undefined || descriptor.size <= chunkBytes))
    return finish(context, session, descriptor, body, options)
  const size = Math.max(chunkBytes ?? descriptor.size, session.leastChunk)
  const pieces = body instanceof Uint8Array ? [body][Symbol.iterator]() : body[Symbol.asyncIterator]()
  const reader = chunkReader(pieces)
  for await (const _there of reader(offset));
  let current = session
  for (let start = offset; start < descriptor.size; start += size) {
    const length = Math.min(size, descriptor.size - start)
    current = await sendChunk(context, current, reader(length), start, length, options)
    options.onPiece?.({ session: current, offset: start + length })
  }
  return finish(context, current, descriptor, undefined, options)
}

type Pieces = Iterator<Uint8Array> | AsyncIterator<Uint8Array>

/** Takes so many bytes at a time from pieces of any size. */
function chunkReader(pieces: Pieces): (length: number) => AsyncGenerator<Uint8Array> {
  let rest: Uint8Array = new Uint8Array()
  return async function* chunk(length) {
    for (let left = length; left > 0; ) {
      if (rest.length === 0) {
        const next = await pieces.next()
        if (next.done === true) return
        rest = next.value
      }
      const piece = rest.subarray(0, left)
      rest = rest.subarray(piece.length)
      left -= piece.length
      yield piece
    }
  }
}

async function sendChunk(
  context: RepositoryContext,
  session: UploadSession,
  body: AsyncIterable<Uint8Array>,
  start: number,
  length: number,
  options: ContentOptions,
): Promise<UploadSession> {
  const headers = {
    'content-type': 'application/octet-stream',
    'content-length': String(length),
    'content-range': `${start}-${start + length - 1}`,
  }
  const response = await sendWatched(context, 'PATCH', session.location, headers, body, options)
  await checkMoved(context, response)
  if (!isDone(response.status)) throw await statusError(response, asking(context, '', 'TARGET_MISSING', true))
  await drain(response)
  // Some name the next place only where it is another one.
  return response.headers.location === undefined ? session : sessionOf(context, response)
}

async function finish(
  context: RepositoryContext,
  { location }: UploadSession,
  descriptor: Descriptor,
  body: ContentBody | undefined,
  options: ContentOptions,
): Promise<void> {
  // What the registry put into the address stays as it wrote it: it may be signed.
  const url = new URL(location)
  const digest = `digest=${encodeURIComponent(descriptor.digest)}`
  url.search = url.search === '' ? `?${digest}` : `${url.search}&${digest}`
  const length = body === undefined ? 0 : descriptor.size
  const headers = { 'content-type': 'application/octet-stream', 'content-length': String(length) }
  const response = await sendWatched(context, 'PUT', url.href, headers, length === 0 ? undefined : body, options)
  await checkMoved(context, response)
  if (!isDone(response.status))
    throw await statusError(response, asking(context, `@${descriptor.digest}`, 'REGISTRY_REFUSED', true))
  await drain(response)
}

/** A body that was read in part goes nowhere else: whoever has it opens it anew, and the upload goes on over there. */
async function checkMoved(context: RepositoryContext, response: HttpResponse): Promise<void> {
  if (!isMoved(response)) return
  await drain(response)
  const { location } = await sessionOf(context, response)
  const bare = new URL(location)
  bare.searchParams.delete('digest')
  throw new ChartferryError('REGISTRY_UNREACHABLE', `${context.name}: the upload goes on at another address`, {
    details: { reason: 'moved', location: bare.href },
  })
}

/** A long upload may take as long as it moves: a watch instead of a bound on the whole. */
async function sendWatched(
  { transport, repository, stallTimeout, name }: RepositoryContext,
  method: 'PUT' | 'PATCH',
  url: string,
  headers: Readonly<Record<string, string>>,
  body: ContentBody | undefined,
  { signal }: ContentOptions,
): ReturnType<typeof transport.send> {
  const stalled = new AbortController()
  const timer = setTimeout(() => stalled.abort(), stallTimeout)
  let failure: unknown
  const watched = async function* (pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    try {
      for await (const piece of pieces) {
        timer.refresh()
        yield piece
      }
    } catch (thrown) {
      failure = thrown
      throw thrown
    }
  }
  try {
    return await sendWriting(transport, url, {
      method,
      once: true,
      repository,
      actions: 'pull,push',
      headers,
      headTimeout: 0,
      signal: signal === undefined ? stalled.signal : AbortSignal.any([signal, stalled.signal]),
      ...(body === undefined ? {} : { body: body instanceof Uint8Array ? body : watched(body) }),
    })
  } catch (thrown) {
    // What the far side of the body said, rather than that the upload broke because of it.
    if (failure !== undefined) throw failure
    if (stalled.signal.aborted && !signal?.aborted)
      throw new ChartferryError('REGISTRY_UNREACHABLE', `${name}: the upload does not move any more`, {
        details: { reason: 'timeout' },
      })
    throw thrown
  } finally {
    clearTimeout(timer)
  }
}

/** Bytes of a piece where a registry, or a proxy before it, refuses a blob at once. */
const smallerPieces = 32 << 20

/** Learns from a refusal that the next blobs must be sent in pieces; true where that is news. */
export function learnPieces({ transport, chunkBytes }: RepositoryContext, thrown: unknown): boolean {
  const isNews = chunkBytes === undefined && transport.known.chunkBytes === undefined
  if (!isNews || !isChartferryError(thrown) || thrown.details.status !== 413) return false
  transport.known.chunkBytes = smallerPieces
  return true
}
