// The files that a bundle grows in, beside its name until it is whole.
import { constants, type FileHandle, open, rename, rm, stat, statfs } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { ChartferryError, isChartferryError, messageOf } from '../../errors.ts'
import { partPath } from './part-files.ts'

/** Files that are read and written at any place as if they were one. All methods throw STORE_UNAVAILABLE. */
export interface PartialParts {
  read(start: number, length: number): Promise<Buffer>
  write(start: number, pieces: readonly Uint8Array[]): Promise<void>
  /** Makes all durable and gives it its names; those of the parts are given. */
  publish(): Promise<readonly string[]>
  close(): Promise<void>
}

export interface PartialPartsOptions {
  /** Bytes of each part but the last. Default: there is one file. */
  readonly partBytes?: number | undefined
}

const partialEnd = '.partial'

/**
 * Opens the files, as an earlier run left them or new, for a bundle of so many bytes. Throws STORE_UNAVAILABLE, at once
 * where the disk has no room.
 */
export async function openPartialParts(
  path: string,
  size: number,
  { partBytes = size }: PartialPartsOptions,
): Promise<PartialParts> {
  const count = Math.ceil(size / partBytes)
  const names = Array.from({ length: count }, (_, number) => (partBytes >= size ? path : partPath(path, number + 1)))
  const handles: FileHandle[] = []
  const close = async (): Promise<void> => {
    await Promise.all(handles.map((handle) => handle.close()))
  }
  try {
    let present = 0
    for (const [number, name] of names.entries()) {
      const handle = await open(name + partialEnd, constants.O_RDWR | constants.O_CREAT, 0o644)
      handles.push(handle)
      await handle.truncate(Math.min(partBytes, size - number * partBytes))
      present += (await handle.stat()).blocks * 512
    }
    const { bavail, bsize } = await statfs(dirname(resolve(path)))
    if (bavail * bsize < size - present) {
      if (present === 0) for (const name of names) await rm(name + partialEnd, { force: true })
      throw new ChartferryError(
        'STORE_UNAVAILABLE',
        `${path}: ${size - present} bytes are still to be written, and ${bavail * bsize} are free`,
      )
    }
  } catch (cause) {
    await close()
    throw asStoreError(path, cause)
  }
  /** The pieces of a range, each inside one file. */
  const split = (
    start: number,
    length: number,
  ): { readonly number: number; readonly place: number; readonly length: number }[] => {
    const ranges = []
    for (let at = start; at < start + length; ) {
      const number = Math.floor(at / partBytes)
      const place = at - number * partBytes
      const taken = Math.min(partBytes - place, start + length - at)
      ranges.push({ number, place, length: taken })
      at += taken
    }
    return ranges
  }
  return {
    async read(start, length) {
      const bytes = Buffer.allocUnsafe(length)
      let filled = 0
      for (const range of split(start, length)) {
        const read = handles[range.number]?.read(bytes, filled, range.length, range.place)
        filled += (await guarded(path, read))?.bytesRead ?? 0
      }
      return bytes.subarray(0, filled)
    },
    async write(start, pieces) {
      const length = pieces.reduce((sum, piece) => sum + piece.length, 0)
      const ranges = split(start, length)
      const [range] = ranges
      if (ranges.length === 1 && range !== undefined) {
        const handle = handles[range.number]
        const { bytesWritten } = (await guarded(path, handle?.writev(pieces, range.place))) ?? { bytesWritten: 0 }
        if (bytesWritten === length) return
      }
      // Over the end of a part; and a full disk may take a piece without a word, then this says why.
      const bytes = Buffer.concat(pieces)
      let done = 0
      for (const { number, place, length: taken } of ranges) {
        for (let end = done + taken, at = place; done < end; ) {
          const { bytesWritten } = (await guarded(path, handles[number]?.write(bytes, done, end - done, at))) ?? {
            bytesWritten: 0,
          }
          done += bytesWritten
          at += bytesWritten
        }
      }
    },
    async publish() {
      await Promise.all(handles.map((handle) => guarded(path, handle.sync())))
      // The first part is what a reader looks for: it comes last.
      for (const name of names.toReversed()) await guarded(path, rename(name + partialEnd, name))
      if (count > 1) for (let stale = count + 1; await removed(partPath(path, stale)); stale++);
      return names
    },
    close,
  }
}

/** Removes a part of an earlier bundle of the name. */
async function removed(path: string): Promise<boolean> {
  const isThere = await stat(path).then(
    () => true,
    () => false,
  )
  if (isThere) await rm(path)
  return isThere
}

async function guarded<Value>(path: string, work: Promise<Value> | undefined): Promise<Value | undefined> {
  try {
    return await work
  } catch (cause) {
    throw asStoreError(path, cause)
  }
}

function asStoreError(path: string, cause: unknown): ChartferryError {
  if (isChartferryError(cause)) return cause
  const isFull = cause instanceof Error && 'code' in cause && (cause.code === 'ENOSPC' || cause.code === 'EDQUOT')
  return new ChartferryError('STORE_UNAVAILABLE', `${path}: ${isFull ? 'no space left' : messageOf(cause)}`, {
    cause,
    hint: `What arrived is kept in ${path}${partialEnd}: make room and run the command again, and it goes on there.`,
  })
}
