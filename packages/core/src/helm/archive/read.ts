// Reads a `.tgz` stream into its entries, within limits that hold while it streams.
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { ChartferryError } from '../../errors.ts'
import { defaultLimits, type Limits } from '../../limits.ts'
import { type ArchiveEntry, safePath } from './entry.ts'
import { readTar, type TarHeader } from './tar.ts'

/**
 * What is left of `unpackedBytes` and `archiveEntries`; one budget is spent by an archive and all archives inside it.
 */
export interface ArchiveBudget {
  bytes: number
  entries: number
}

/** Options of `readArchive`. */
export interface ReadArchiveOptions {
  /** What messages call the archive. Default: `archive`. */
  readonly name?: string
  /** Default: `defaultLimits`. */
  readonly limits?: Limits
  /** Spent by this call. Default: a fresh one of the limits. */
  readonly budget?: ArchiveBudget
  /** Default: none. */
  readonly signal?: AbortSignal
}

const sliceBytes = 64 * 1024
const mebibyte = 1024 * 1024

const linkKinds: Readonly<Record<string, string>> = {
  1: 'a hard link',
  2: 'a symbolic link',
  3: 'a device',
  4: 'a device',
  6: 'a fifo',
}

/** A full budget. */
export function archiveBudget(limits: Limits): ArchiveBudget {
  return { bytes: limits.unpackedBytes, entries: limits.archiveEntries }
}

async function* slices(source: Uint8Array): AsyncGenerator<Uint8Array, void, void> {
  for (let start = 0; start < source.length; start += sliceBytes) yield source.subarray(start, start + sliceBytes)
}

function entryOf(where: string, header: TarHeader, data: Uint8Array): ArchiveEntry {
  const path = safePath(where, header.name)
  const directory = header.type === '5'
  const plainName = directory ? `${path}/` : path
  return {
    path,
    ...(header.name === plainName ? {} : { rawPath: header.name }),
    type: directory ? 'directory' : 'file',
    mode: header.mode,
    mtime: header.mtime,
    data,
  }
}

/** Throws PATH_UNSAFE for what is neither a file nor a folder. */
export function refuseLinks(where: string, { name, type }: TarHeader): void {
  if ('057'.includes(type)) return
  const kind = linkKinds[type] ?? `of the unknown type ${JSON.stringify(type)}`
  throw new ChartferryError('PATH_UNSAFE', `${where}: entry ${JSON.stringify(name)} is ${kind}`)
}

/** The failure in our words: zlib's faults are the archive's, an abort is ours, anything else is the source's own. */
function failureOf(where: string, thrown: unknown, signal: AbortSignal | undefined): unknown {
  if (thrown instanceof ChartferryError) return thrown
  if (signal?.aborted) return new ChartferryError('CANCELLED', `${where}: stopped on request`, { cause: thrown })
  const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : ''
  if (!code.startsWith('Z_')) return thrown
  const why = code === 'Z_BUF_ERROR' ? 'the gzip stream is cut off' : 'not a gzip file, or a damaged one'
  return new ChartferryError('ARCHIVE_INVALID', `${where}: ${why}`, { cause: thrown })
}

/**
 * All entries of a gzip-compressed tar in their order, duplicates included. Throws ARCHIVE_INVALID (empty, not gzip,
 * cut off, not a tar), PATH_UNSAFE (links, devices, names that leave the folder), ARCHIVE_TOO_LARGE and
 * TOO_MANY_ENTRIES (before the bytes in excess are read), CANCELLED.
 */
export async function readArchive(
  source: Uint8Array | AsyncIterable<Uint8Array>,
  options: ReadArchiveOptions = {},
): Promise<ArchiveEntry[]> {
  const { name: where = 'archive', limits = defaultLimits, signal } = options
  const budget = options.budget ?? archiveBudget(limits)
  const tooLarge = (why: string): ChartferryError => new ChartferryError('ARCHIVE_TOO_LARGE', `${where}: ${why}`)
  let compressed = 0
  let unpacked = 0
  // Headers and padding come on top of the files; without this a tar of nothing but long names would be free.
  const tarBytes = budget.bytes + budget.entries * 2048 + mebibyte

  async function* counted(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, void> {
    for await (const chunk of chunks) {
      compressed += chunk.length
      if (compressed > limits.archiveBytes) throw tooLarge(`larger than ${limits.archiveBytes} bytes`)
      yield chunk
    }
    if (compressed === 0) throw new ChartferryError('ARCHIVE_INVALID', `${where}: the file is empty`)
  }

  async function* bounded(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, void> {
    for await (const chunk of chunks) {
      unpacked += chunk.length
      if (unpacked > tarBytes) throw tooLarge(`unpacks to more than ${limits.unpackedBytes} bytes`)
      if (unpacked > mebibyte && unpacked > compressed * limits.compressionRatio) {
        throw tooLarge(`unpacks to more than ${limits.compressionRatio} times its size`)
      }
      yield chunk
    }
  }

  function admit(header: TarHeader): void {
    const entry = `entry ${JSON.stringify(header.name)}`
    refuseLinks(where, header)
    budget.entries -= 1
    if (budget.entries < 0) {
      throw new ChartferryError('TOO_MANY_ENTRIES', `${where}: more than ${limits.archiveEntries} entries`)
    }
    if (header.size > limits.fileBytes) throw tooLarge(`${entry} is larger than ${limits.fileBytes} bytes`)
    budget.bytes -= header.size
    if (budget.bytes < 0) throw tooLarge(`unpacks to more than ${limits.unpackedBytes} bytes`)
  }

  async function collect(chunks: AsyncIterable<Uint8Array>): Promise<ArchiveEntry[]> {
    const entries: ArchiveEntry[] = []
    const stream = bounded(chunks)
    for await (const { header, data } of readTar(where, stream, admit)) entries.push(entryOf(where, header, data))
    // Read to the end all the same: only there does zlib compare length and checksum.
    for await (const _ of stream);
    return entries
  }

  try {
    const bytes = source instanceof Uint8Array ? slices(source) : source
    return await pipeline(counted(bytes), createGunzip(), collect, signal ? { signal } : {})
  } catch (thrown) {
    throw failureOf(where, thrown, signal)
  }
}
