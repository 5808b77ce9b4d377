// Writing into a repository of a registry (OCI distribution specification 1.1, push).
import { type Digest, digestOf } from '../../digest.ts'
import { ChartferryError, isChartferryError } from '../../errors.ts'
import type { ContentBody, ContentOptions, PushOptions } from '../content/content.ts'
import type { Descriptor } from '../content/descriptor.ts'
import { profileOf } from '../content/profiles.ts'
import { sendWriting } from './follow-writing.ts'
import { asking, endpoint, type RepositoryContext, suffixOf } from './registry-context.ts'
import { drain, statusError } from './registry-error.ts'
import { askedPause, isPassingError, openRepetition, pauseFor } from './repetition.ts'
import {
  beginUpload,
  cancelUpload,
  findOffset,
  isDone,
  learnPieces,
  type ResumedUpload,
  sessionOf,
  type UploadSession,
  upload,
} from './upload.ts'

/** Times that a blob may be sent elsewhere, or otherwise, before a byte of it is taken. */
export const mostTurns = 5

/** Milliseconds after which a session that was opened for later is not trusted any more. */
const sessionLife = 60_000

/** Uploads that were begun and not used: the proof that one may push is spent on the first blob. */
export interface SpareSessions {
  take(): UploadSession | undefined
  add(session: UploadSession): void
  /** The upload of a blob that broke off, to be gone on with. */
  takeBroken(digest: Digest): BrokenUpload | undefined
  addBroken(digest: Digest, broken: BrokenUpload): void
  all(): readonly UploadSession[]
}

/** An upload that broke off. */
export interface BrokenUpload {
  readonly session: UploadSession
  /** Bytes that the registry has; undefined where it must be asked. */
  readonly offset: number | undefined
}

/** Opens the spare sessions of a repository. */
export function openSpareSessions(): SpareSessions {
  const sessions: UploadSession[] = []
  const broken = new Map<Digest, BrokenUpload>()
  return {
    take: () => {
      const session = sessions.pop()
      return session !== undefined && Date.now() - session.opened < sessionLife ? session : undefined
    },
    add: (session) => void sessions.push(session),
    takeBroken: (digest) => {
      const found = broken.get(digest)
      broken.delete(digest)
      return found
    },
    addBroken: (digest, upload) => void broken.set(digest, upload),
    all: () => {
      const all = [...sessions.splice(0), ...[...broken.values()].map(({ session }) => session)]
      broken.clear()
      return all
    },
  }
}

/** Proves that one may push; where the repository must be created first and somebody can do so, it is. */
export async function provePush(
  context: RepositoryContext,
  spare: SpareSessions,
  options: ContentOptions,
): Promise<void> {
  const { createRepository, repository, transport } = context
  checkDepth(context)
  try {
    spare.add(await beginUpload(context, options))
  } catch (thrown) {
    if (!isChartferryError(thrown, 'TARGET_MISSING') || createRepository === undefined) throw thrown
    await createRepository({ host: transport.host, repository })
    spare.add(await beginUpload(context, options))
  }
}

/** Some registries have no names of some depths: that is said before anything is asked. */
function checkDepth({ repository, transport, name }: RepositoryContext): void {
  const profile = profileOf(transport.host)
  const [least, most] = profile.depth
  const count = repository.split('/').length
  if (count >= least && count <= most) return
  const depth = least === most ? String(least) : `${least} or more`
  throw new ChartferryError('REFERENCE_INVALID', `${name}: ${profile.name} takes names of ${depth} components`, {
    hint: 'Choose another prefix, or give the images new names in a list.',
  })
}

/** Ends what was begun and not used. */
export async function closeSessions(context: RepositoryContext, spare: SpareSessions): Promise<void> {
  await Promise.all(spare.all().map((session) => cancelUpload(context, session)))
}

/** Takes a blob over from another repository; an answer that begins an upload instead is kept for one. */
export async function mountBlob(
  context: RepositoryContext,
  spare: SpareSessions,
  { digest }: Descriptor,
  from: string,
  { signal }: ContentOptions = {},
): Promise<boolean> {
  const { transport, repository } = context
  const query = new URLSearchParams({ mount: digest, from })
  const response = await sendWriting(transport, endpoint(context, `blobs/uploads/?${query.toString()}`), {
    method: 'POST',
    repository,
    actions: 'pull,push',
    also: from,
    headers: { 'content-length': '0' },
    signal,
  })
  await drain(response)
  if (response.status === 202 && response.headers.location !== undefined) spare.add(await sessionOf(context, response))
  // What cannot be mounted, for whatever reason, can still be sent; a refusal to push shows itself then.
  return response.status === 201
}

/**
 * Pushes a blob. An upload that breaks off is kept: the next push of the same blob goes on with it, from the last byte
 * that the registry says it has. A body in memory is pushed again here, as patience allows. Where a blob is too large at
 * once the next attempt sends it in pieces: here, if the body can be read again.
 */
export async function pushBlob(
  context: RepositoryContext,
  spare: SpareSessions,
  descriptor: Descriptor,
  body: ContentBody,
  options: ContentOptions,
): Promise<void> {
  const { transport } = context
  const repetition = openRepetition(transport.patience)
  for (let turns = 0; ; ) {
    try {
      return await pushOnce(context, spare, descriptor, body, options)
    } catch (thrown) {
      if (!(body instanceof Uint8Array) || !isPassingError(thrown, true)) throw thrown
      const { reason } = thrown.details
      // Elsewhere, or in pieces, it is taken at once.
      if (['moved', 'pieces'].includes(String(reason)) && ++turns <= mostTurns) continue
      const pause = repetition.next(askedPause(thrown))
      if (pause === undefined) throw thrown
      transport.repeated('an upload broke off')
      await pauseFor(pause, options.signal)
    }
  }
}

async function pushOnce(
  context: RepositoryContext,
  spare: SpareSessions,
  descriptor: Descriptor,
  body: ContentBody,
  options: ContentOptions,
): Promise<void> {
  const { digest } = descriptor
  const began = await goOn(context, spare, descriptor, options)
  let reached = began
  const onPiece = (next: ResumedUpload): void => {
    reached = next
  }
  try {
    await upload(context, began, descriptor, body, { ...options, onPiece })
  } catch (thrown) {
    if (isChartferryError(thrown) && typeof thrown.details.location === 'string') {
      // What was sent before it is here; the piece that was to go elsewhere is not.
      const session = { ...reached.session, location: thrown.details.location }
      spare.addBroken(digest, { session, offset: reached.offset })
      throw thrown
    }
    const isPassing = isPassingError(thrown, true) && thrown.details.side !== 'source'
    if (isPassing && thrown.details.reason !== 'pieces') {
      spare.addBroken(digest, { session: reached.session, offset: undefined })
      throw thrown
    }
    await cancelUpload(context, reached.session)
    // What the registry had of it may have been spoilt on the way.
    if (began.offset > 0 && isChartferryError(thrown, 'DIGEST_MISMATCH', 'REGISTRY_REFUSED', 'REGISTRY_INVALID'))
      throw passing(context, `the upload that broke off could not be finished: ${thrown.message}`, 'resumed', thrown)
    if (!learnPieces(context, thrown)) throw thrown
    throw passing(context, `takes no blob of ${descriptor.size} bytes at once`, 'pieces', thrown)
  }
}

/** The session for a blob: that of an upload which broke off, where the registry says how far it came; else a new one. */
async function goOn(
  context: RepositoryContext,
  spare: SpareSessions,
  { digest, size }: Descriptor,
  options: ContentOptions,
): Promise<ResumedUpload> {
  const broken = spare.takeBroken(digest)
  if (broken?.offset !== undefined) return { session: broken.session, offset: broken.offset }
  if (broken !== undefined) {
    const found = await findOffset(context, broken.session, size, options)
    if (found !== undefined) {
      context.transport.repeated(`an upload went on at byte ${found.offset} of ${size}`)
      return found
    }
    await cancelUpload(context, broken.session)
  }
  return { session: spare.take() ?? (await beginUpload(context, options)), offset: 0 }
}

function passing({ name }: RepositoryContext, what: string, reason: string, cause: unknown): ChartferryError {
  return new ChartferryError('REGISTRY_UNREACHABLE', `${name}: ${what}`, { cause, details: { reason } })
}

/**
 * Puts a manifest under its tag, or under its digest where it has none. Throws DIGEST_MISMATCH, TAG_IMMUTABLE,
 * REGISTRY_REFUSED.
 */
export async function putManifest(
  context: RepositoryContext,
  descriptor: Descriptor,
  bytes: Uint8Array,
  { tag, signal }: PushOptions,
): Promise<void> {
  const { transport, repository, name } = context
  const { digest, mediaType } = descriptor
  if (digestOf(bytes) !== digest)
    throw new ChartferryError('DIGEST_MISMATCH', `${name}: the manifest does not have the digest ${digest}`)
  const reference = tag ?? digest
  const response = await sendWriting(transport, endpoint(context, `manifests/${reference}`), {
    method: 'PUT',
    repository,
    actions: 'pull,push',
    headers: { 'content-type': mediaType },
    body: bytes,
    signal,
  })
  if (!isDone(response.status))
    throw await statusError(response, asking(context, suffixOf(reference), 'TARGET_MISSING', true))
  await drain(response)
  const stored = response.headers['docker-content-digest']
  if (stored !== undefined && stored !== digest) {
    throw new ChartferryError(
      'REGISTRY_INVALID',
      `${name}${suffixOf(reference)}: the registry changed the manifest: it has ${stored} now, not ${digest}`,
    )
  }
}

/** A body that is small, in memory. */
export async function collectManifest(body: ContentBody, maxBytes: number, name: string): Promise<Uint8Array> {
  if (body instanceof Uint8Array) return body
  const pieces: Uint8Array[] = []
  let size = 0
  for await (const piece of body) {
    size += piece.length
    if (size > maxBytes)
      throw new ChartferryError('MANIFEST_TOO_LARGE', `${name}: a manifest of more than ${maxBytes} bytes`)
    pieces.push(piece)
  }
  return Buffer.concat(pieces)
}
