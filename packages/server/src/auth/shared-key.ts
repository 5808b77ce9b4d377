// A key that all servers on a store share; the first one makes it.
import { randomBytes } from 'node:crypto'
import { ChartferryError } from '@chartferry/core'
import { readBlob } from '@chartferry/core/internal'
import type { BlobStore } from '@chartferry/core/transfer'

/** Gives the 32 bytes at a place of the store, read once. Throws STORE_UNAVAILABLE; then the next call tries again. */
export function sharedKey(store: BlobStore, place: string): () => Promise<Buffer> {
  let key: Promise<Buffer> | undefined
  return () => {
    key ??= readOrMake(store, place).catch((thrown: unknown) => {
      key = undefined
      throw thrown
    })
    return key
  }
}

async function readOrMake(store: BlobStore, place: string): Promise<Buffer> {
  for (let attempt = 0; attempt < 2; attempt++) {
    const there = await readBlob(store, place)
    if (there !== undefined) return there
    await store.create(place, randomBytes(32))
  }
  throw new ChartferryError('STORE_UNAVAILABLE', `the key ${place} cannot be read`)
}
