// Reads bytes to their end for their digest alone.
import { createHash } from 'node:crypto'
import { ChartferryError, type Digest } from '@chartferry/core'

/** Gives how many bytes there were. Throws DIGEST_MISMATCH for others than expected; `where` names them. */
export async function digestingStream(
  pieces: AsyncIterable<Uint8Array>,
  where: string,
  expected: Digest | undefined,
): Promise<number> {
  const hash = createHash('sha256')
  let size = 0
  for await (const piece of pieces) {
    hash.update(piece)
    size += piece.length
  }
  const actual = `sha256:${hash.digest('hex')}`
  if (expected !== undefined && actual !== expected)
    throw new ChartferryError('DIGEST_MISMATCH', `${where}: expected ${expected}, got ${actual}`, {
      details: { expected, actual },
    })
  return size
}
