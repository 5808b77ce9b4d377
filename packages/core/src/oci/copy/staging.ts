// Where half-fetched blobs wait on disk, so that a run that was killed goes on inside them.
import { createReadStream } from 'node:fs'
import { type FileHandle, mkdir, open, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { type Digest, digestHex } from '../../digest.ts'
import { ChartferryError, messageOf } from '../../errors.ts'

/** The part of one blob that is on disk. All methods throw STORE_UNAVAILABLE. */
export interface StagedBlob {
  /** Bytes that were there when it was opened. */
  readonly size: number
  read(): AsyncIterable<Uint8Array>
  /** Adds to the end; may keep up to a quarter of a mebibyte in memory until `close`. */
  append(piece: Uint8Array): Promise<void>
  close(): Promise<void>
}

export interface Staging {
  /** Blobs below this are not worth a file. */
  readonly leastSize: number
  open(digest: Digest): Promise<StagedBlob>
  remove(digest: Digest): Promise<void>
}

const batchBytes = 256 << 10
const defaultLeastSize = 4 << 20

/** Opens a folder, which is made when it is missing. A blob must not be opened twice at the same time. */
export async function openStaging(
  folder: string,
  { leastSize = defaultLeastSize }: { readonly leastSize?: number } = {},
): Promise<Staging> {
  const pathOf = (digest: Digest): string => join(folder, `${digestHex(digest)}.partial`)
  await guarded(folder, () => mkdir(folder, { recursive: true }))
  return {
    leastSize,
    open: (digest) => guarded(folder, () => openStaged(folder, pathOf(digest))),
    remove: (digest) => guarded(folder, () => rm(pathOf(digest), { force: true })),
  }
}

async function openStaged(folder: string, path: string): Promise<StagedBlob> {
  const size = await stat(path).then(
    (found) => found.size,
    () => 0,
  )
  let file: FileHandle | undefined
  let waiting: Uint8Array[] = []
  let waitingBytes = 0
  const flush = async (): Promise<void> => {
    if (waiting.length === 0) return
    const pieces = waiting
    waiting = []
    waitingBytes = 0
    file ??= await open(path, 'a')
    let { bytesWritten } = await file.writev(pieces)
    // A full disk may take a part without a word; the next write says why.
    for (const piece of pieces) {
      const done = Math.min(bytesWritten, piece.length)
      bytesWritten -= done
      if (done < piece.length) await file.writeFile(piece.subarray(done))
    }
  }
  return {
    size,
    async *read() {
      if (size > 0)
        yield* createReadStream(path, { end: size - 1, highWaterMark: batchBytes }) as AsyncIterable<Uint8Array>
    },
    append: async (piece) => {
      waiting.push(piece)
      waitingBytes += piece.length
      if (waitingBytes >= batchBytes) await guarded(folder, flush)
    },
    close: () =>
      guarded(folder, async () => {
        try {
          await flush()
        } finally {
          await file?.close()
          file = undefined
        }
      }),
  }
}

async function guarded<Value>(folder: string, run: () => Promise<Value>): Promise<Value> {
  try {
    return await run()
  } catch (cause) {
    const isFull = cause instanceof Error && 'code' in cause && (cause.code === 'ENOSPC' || cause.code === 'EDQUOT')
    throw new ChartferryError(
      'STORE_UNAVAILABLE',
      `staging folder ${folder}: ${isFull ? 'no space left' : messageOf(cause)}`,
      {
        cause,
        hint: 'Half-fetched blobs wait there. Make room, or give a folder on another disk with --journal; what arrived is kept.',
      },
    )
  }
}
