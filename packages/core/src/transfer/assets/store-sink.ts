// Files into a blob store, a bucket as a rule.
import { type BlobStore, readBlob } from '../../storage/blob-store.ts'
import { formatChecksum, parseChecksum } from './checksum-file.ts'
import { checksumSuffix, type FileSink } from './file-sink.ts'

/** A store that may hold connections. */
export interface ClosableStore extends BlobStore {
  close?(): void
}

/**
 * Takes a store and its name in messages. What the checksum file says of a file that is there is believed: it is
 * written after the file, and reading all again would cost as much as writing it.
 */
export function storeSink(name: string, store: ClosableStore): FileSink {
  return {
    name,
    async has(key, digest) {
      const [found, text] = await Promise.all([store.stat(key), readBlob(store, key + checksumSuffix)])
      return found !== undefined && parseChecksum(text?.toString() ?? '', lastOf(key)) === digest
    },
    async put(key, body, digest) {
      await store.put(key, body, { digest })
      await store.put(key + checksumSuffix, Buffer.from(formatChecksum(digest, lastOf(key))))
    },
    close: async () => store.close?.(),
  }
}

const lastOf = (key: string): string => key.slice(key.lastIndexOf('/') + 1)
