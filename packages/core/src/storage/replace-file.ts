// Writes a file of the user's: whole or not at all.
import { mkdir } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import type { Digest } from '../digest.ts'
import { ChartferryError, isChartferryError, messageOf } from '../errors.ts'
import type { BlobBody } from './blob-store.ts'
import { publishOver, writeTemporary } from './publish-file.ts'

/**
 * Writes beside the name, flushes to disk, moves to the name; the folder is made when it is missing. Throws
 * STORE_UNAVAILABLE, DIGEST_MISMATCH where a digest was given and the bytes have another one.
 */
export async function replaceFile(
  path: string,
  body: BlobBody,
  { digest }: { readonly digest?: Digest } = {},
): Promise<void> {
  const folder = dirname(resolve(path))
  try {
    await mkdir(folder, { recursive: true })
    const temporary = await writeTemporary(folder, body, digest, path)
    await publishOver(temporary.path, path, folder)
  } catch (thrown) {
    if (isChartferryError(thrown)) throw thrown
    throw new ChartferryError('STORE_UNAVAILABLE', `${path}: ${messageOf(thrown)}`, { cause: thrown })
  }
}
