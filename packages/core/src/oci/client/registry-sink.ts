// Writing into a repository of a registry (OCI distribution specification 1.1, push).
import { digestOf } from '../../digest.ts'
import { ChartferryError, isChartferryError } from '../../errors.ts'
import type { ContentBody, ContentOptions, PushOptions } from '../content/content.ts'
import type { Descriptor } from '../content/descriptor.ts'
import { profileOf } from '../content/profiles.ts'
import { asking, endpoint, type RepositoryContext, suffixOf } from './registry-context.ts'
import { drain, statusError } from './registry-error.ts'
import { beginUpload, cancelUpload, isDone, learnPieces, sessionOf, type UploadSession, upload } from './upload.ts'

/** Milliseconds after which a session that was opened for later is not trusted any more. */
const sessionLife = 60_000

/** Uploads that were begun and not used: the proof that one may push is spent on the first blob. */
export interface SpareSessions {
  take(): UploadSession | undefined
  add(session: UploadSession): void
  all(): readonly UploadSession[]
}

/** Opens the spare sessions of a repository. */
export function openSpareSessions(): SpareSessions {
  const sessions: UploadSession[] = []
  return {
    take: () => {
      const session = sessions.pop()
      return session !== undefined && Date.now() - session.opened < sessionLife ? session : undefined
    },
    add: (session) => void sessions.push(session),
    all: () => sessions.splice(0),
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
  const response = await transport.send(endpoint(context, `blobs/uploads/?${query.toString()}`), {
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
 * Pushes a blob. Where it is too large at once the next attempt sends it in pieces: here, if the body can be read
 * again.
 */
export async function pushBlob(
  context: RepositoryContext,
  spare: SpareSessions,
  descriptor: Descriptor,
  body: ContentBody,
  options: ContentOptions,
): Promise<void> {
  const session = spare.take() ?? (await beginUpload(context, options))
  try {
    await upload(context, session, descriptor, body, options)
  } catch (thrown) {
    await cancelUpload(context, session)
    if (!learnPieces(context, thrown)) throw thrown
    if (body instanceof Uint8Array) return pushBlob(context, spare, descriptor, body, options)
    throw new ChartferryError(
      'REGISTRY_UNREACHABLE',
      `${context.name}: takes no blob of ${descriptor.size} bytes at once`,
      {
        cause: thrown,
        details: { reason: 'pieces' },
      },
    )
  }
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
  const response = await transport.send(endpoint(context, `manifests/${reference}`), {
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
