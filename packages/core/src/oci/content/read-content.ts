// Small content in memory, believed by its digest alone.
import { checkDigest } from '../../digest.ts'
import { ChartferryError, type ErrorCode } from '../../errors.ts'
import { defaultLimits } from '../../limits.ts'
import { requestError } from '../http/request-error.ts'
import { discardBody } from '../http/send-request.ts'
import type { ContentOptions, ContentSource } from './content.ts'
import type { Descriptor } from './descriptor.ts'
import { type Manifest, parseManifest } from './manifest.ts'

/**
 * Content that is known to be small. Throws the code for too many bytes (default: REGISTRY_INVALID), DIGEST_MISMATCH.
 */
export async function readContent(
  source: ContentSource,
  descriptor: Descriptor,
  options: ContentOptions & { readonly maxBytes: number; readonly tooLarge?: ErrorCode },
): Promise<Uint8Array> {
  const { maxBytes, tooLarge = 'REGISTRY_INVALID', signal } = options
  const where = `${source.name}@${descriptor.digest}`
  if (descriptor.size > maxBytes)
    throw new ChartferryError(tooLarge, `${where}: ${descriptor.size} bytes, the limit is ${maxBytes}`)
  const body = await source.fetch(descriptor, { signal })
  const pieces: Uint8Array[] = []
  let size = 0
  try {
    for await (const piece of body) {
      size += piece.length
      if (size > descriptor.size)
        throw new ChartferryError('DIGEST_MISMATCH', `${where}: more than the ${descriptor.size} bytes promised`)
      pieces.push(piece)
    }
  } catch (thrown) {
    discardBody({ body })
    throw requestError(thrown, `https://${where}`, signal)
  }
  const bytes = Buffer.concat(pieces)
  checkDigest(where, bytes, descriptor.digest)
  return bytes
}

/** A manifest with its bytes. Throws MANIFEST_TOO_LARGE, MANIFEST_INVALID, DIGEST_MISMATCH. */
export async function readManifest(
  source: ContentSource,
  descriptor: Descriptor,
  options: ContentOptions & { readonly maxBytes?: number } = {},
): Promise<{ readonly bytes: Uint8Array; readonly manifest: Manifest }> {
  const { maxBytes = defaultLimits.manifestBytes, signal } = options
  const bytes = await readContent(source, descriptor, { maxBytes, tooLarge: 'MANIFEST_TOO_LARGE', signal })
  return { bytes, manifest: parseManifest(bytes, descriptor.mediaType, `${source.name}@${descriptor.digest}`) }
}
