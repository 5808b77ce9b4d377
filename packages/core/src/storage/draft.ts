// A blob that is being written and read at the same time: those who wait for it need not wait for its end.
import { randomUUID } from 'node:crypto'
import { type FileHandle, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { BlobDraft, BlobStore } from './blob-store.ts'

/** Begins a draft: in the store's own folder where it has one, else in that for temporary files. */
export async function openDraft(store: BlobStore): Promise<BlobDraft> {
  if (store.draft !== undefined) return store.draft()
  const path = join(tmpdir(), `chartferry-${process.pid}-${randomUUID()}.draft`)
  return fileDraft(path, async (file, key) => {
    await store.put(key, file.createReadStream({ start: 0, autoClose: false }))
  })
}

/** A draft in a file. `publish` makes the file, which is whole, the blob of a key. */
export async function fileDraft(
  path: string,
  publish: (file: FileHandle, key: string) => Promise<void>,
): Promise<BlobDraft> {
  const file = await open(path, 'wx+')
  let size = 0
  return {
    append: async (piece) => {
      for (let at = 0; at < piece.length; ) {
        const { bytesWritten } = await file.write(piece, at, piece.length - at, size + at)
        at += bytesWritten
      }
      size += piece.length
    },
    read: async (start, length) => {
      const bytes = Buffer.allocUnsafe(length)
      let filled = 0
      while (filled < length) {
        const { bytesRead } = await file.read(bytes, filled, length - filled, start + filled)
        if (bytesRead === 0) break
        filled += bytesRead
      }
      return bytes.subarray(0, filled)
    },
    publish: (key) => publish(file, key),
    close: async () => {
      await file.close()
      await rm(path, { force: true })
    },
  }
}
