// Content addresses: `sha256:` and 64 lower-case hexadecimal digits (OCI image specification, descriptors, digests).
import { createHash } from 'node:crypto'
import { ChartferryError } from './errors.ts'

/** `sha256:` and 64 lower-case hexadecimal digits. */
export type Digest = `sha256:${string}`

const pattern = /^sha256:[0-9a-f]{64}$/

/** The digest of bytes, or of the UTF-8 form of a text. */
export function digestOf(data: Uint8Array | string): Digest {
  return `sha256:${createHash('sha256').update(data).digest('hex')}`
}

/** The digest of bytes that come in pieces. Throws what they throw. */
export async function digestOfPieces(pieces: AsyncIterable<Uint8Array>): Promise<Digest> {
  const hash = createHash('sha256')
  for await (const piece of pieces) hash.update(piece)
  return `sha256:${hash.digest('hex')}`
}

/** Whether a text is a digest in its canonical form. */
export function isDigest(text: string): text is Digest {
  return pattern.test(text)
}

/** The 64 digits without the algorithm. */
export function digestHex(digest: Digest): string {
  return digest.slice('sha256:'.length)
}

/** Takes a digest as index files write it, with or without the algorithm, in any case; undefined when it is none. */
export function parseIndexDigest(text: string): Digest | undefined {
  const lower = text.trim().toLowerCase()
  const full = lower.startsWith('sha256:') ? lower : `sha256:${lower}`
  return isDigest(full) ? full : undefined
}

/** Throws DIGEST_MISMATCH unless the bytes have the digest. `what` names them in the message. */
export function checkDigest(what: string, data: Uint8Array, expected: Digest): void {
  const actual = digestOf(data)
  if (actual !== expected) {
    throw new ChartferryError('DIGEST_MISMATCH', `${what}: expected ${expected}, got ${actual}`, {
      details: { expected, actual },
    })
  }
}
