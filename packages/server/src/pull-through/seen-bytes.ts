// Which bytes a path has had whose entry does not say: those that come later, after the first ones have made room for
// others, are compared with them.
import { type Digest, digestOf } from '@chartferry/core'
import { digestHex } from '@chartferry/core/internal'
import type { BlobStore } from '@chartferry/core/transfer'
import { readRecord, recordBytes } from '../cache/json-record.ts'

export interface SeenBytes {
  /** Undefined where none were ever seen. */
  find(repository: string, path: string): Promise<Digest | undefined>
  note(repository: string, path: string, digest: Digest): Promise<void>
}

/** Opens what was seen of all repositories of a store. */
export function seenBytes(store: BlobStore): SeenBytes {
  const keyOf = (repository: string, path: string): string =>
    `proxy/${repository}/seen/${digestHex(digestOf(path))}.json`
  return {
    find: async (repository, path) => (await readRecord<{ digest: Digest }>(store, keyOf(repository, path)))?.digest,
    note: async (repository, path, digest) => {
      await store.put(keyOf(repository, path), recordBytes({ digest }))
    },
  }
}
