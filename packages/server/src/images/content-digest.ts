// Digests of what registries hold: besides sha256 also sha512, which others may push under (OCI image specification,
// descriptors, digests).
import { createHash, type Hash } from 'node:crypto'
import { ChartferryError } from '@chartferry/core'

/** `sha256:` and 64, or `sha512:` and 128, lower-case hexadecimal digits. */
export type ContentDigest = `sha256:${string}` | `sha512:${string}`

const pattern = /^(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/

/** Whether a text is a digest that content can be kept under. */
export function isContentDigest(text: string): text is ContentDigest {
  return pattern.test(text)
}

/** The digest that a client named. Throws REFERENCE_INVALID for what is none. */
export function contentDigest(text: string): ContentDigest {
  if (isContentDigest(text)) return text
  throw new ChartferryError(
    'REFERENCE_INVALID',
    `${JSON.stringify(text.slice(0, 200))} is no sha256 or sha512 digest`,
    {
      details: { digest: text.slice(0, 200) },
    },
  )
}

/** What hashes content that is to have this digest. */
export function hashFor(digest: ContentDigest): Hash {
  return createHash(algorithmOf(digest))
}

/** The digest of bytes by the algorithm of another digest; default: sha256. */
export function contentDigestOf(bytes: Uint8Array, like?: ContentDigest): ContentDigest {
  const algorithm = like === undefined ? 'sha256' : algorithmOf(like)
  return `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}`
}

/** As it stands in keys of the store: `sha256-` and the digits. */
export function digestSegment(digest: ContentDigest): string {
  return digest.replace(':', '-')
}

function algorithmOf(digest: ContentDigest): 'sha256' | 'sha512' {
  return digest.startsWith('sha256:') ? 'sha256' : 'sha512'
}
