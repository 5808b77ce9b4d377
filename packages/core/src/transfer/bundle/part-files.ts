// The bytes of a bundle, which may lie in several files one after the other, read at any place.
import { type FileHandle, open, stat } from 'node:fs/promises'
import { ChartferryError, messageOf } from '../../errors.ts'

/** Bytes that can be read anywhere. */
export interface PartFiles {
  /** What messages call them. */
  readonly name: string
  readonly paths: readonly string[]
  /** Of all parts. */
  readonly size: number
  /** The bytes from `start` on, fewer than asked only at the end. Throws STORE_UNAVAILABLE. */
  read(start: number, length: number): Promise<Buffer>
  close(): Promise<void>
}

/** The path of a part; the first is 1. */
export function partPath(path: string, number: number): string {
  return `${path}.${String(number).padStart(3, '0')}`
}

/**
 * The files that a bundle of this name consists of: the file itself, or its parts, where the first one may be named as
 * well. Throws FILE_NOT_FOUND, BUNDLE_PART_MISSING where a later part is there without an earlier one.
 */
export async function findParts(path: string): Promise<readonly string[]> {
  const whole = path.replace(/\.001$/, '')
  if (whole === path && (await exists(path))) return [path]
  const parts: string[] = []
  while (await exists(partPath(whole, parts.length + 1))) parts.push(partPath(whole, parts.length + 1))
  const missing = partPath(whole, parts.length + 1)
  for (let later = parts.length + 2; later < parts.length + 20; later++)
    if (await exists(partPath(whole, later)))
      throw new ChartferryError(
        'BUNDLE_PART_MISSING',
        `${missing}: this part is missing, ${partPath(whole, later)} is there`,
      )
  if (parts.length === 0) throw new ChartferryError('FILE_NOT_FOUND', `${path}: no such file`)
  return parts
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  )
}

/** Opens files as one. Throws FILE_NOT_FOUND. */
export async function openPartFiles(paths: readonly string[]): Promise<PartFiles> {
  const parts: { readonly handle: FileHandle; readonly start: number; readonly end: number }[] = []
  const close = async (): Promise<void> => {
    await Promise.all(parts.map(({ handle }) => handle.close()))
  }
  let size = 0
  for (const path of paths) {
    try {
      const handle = await open(path)
      parts.push({ handle, start: size, end: size })
      const found = await handle.stat()
      if (!found.isFile()) throw new Error('not a file')
      parts.splice(-1, 1, { handle, start: size, end: size + found.size })
      size += found.size
    } catch (cause) {
      await close()
      throw new ChartferryError('FILE_NOT_FOUND', `${path}: ${messageOf(cause)}`, { cause })
    }
  }
  const name = paths.length === 1 ? (paths[0] ?? '') : `${paths[0]} and ${paths.length - 1} more`
  return {
    name,
    paths,
    size,
    async read(start, length) {
      const bytes = Buffer.allocUnsafe(Math.max(0, Math.min(length, size - start)))
      let filled = 0
      try {
        for (const part of parts) {
          while (filled < bytes.length && start + filled >= part.start && start + filled < part.end) {
            const place = start + filled - part.start
            const wanted = Math.min(bytes.length - filled, part.end - start - filled)
            const { bytesRead } = await part.handle.read(bytes, filled, wanted, place)
            if (bytesRead === 0) return bytes.subarray(0, filled)
            filled += bytesRead
          }
        }
      } catch (cause) {
        throw new ChartferryError('STORE_UNAVAILABLE', `${name}: ${messageOf(cause)}`, { cause })
      }
      return bytes.subarray(0, filled)
    },
    close,
  }
}
