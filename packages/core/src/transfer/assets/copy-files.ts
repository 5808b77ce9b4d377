// Copies files: each fetched, compared with its digest while it streams, and published only where they agree.
import { ChartferryError, isChartferryError, throwIfCancelled } from '../../errors.ts'
import type { CopyProgress } from '../../events.ts'
import { redactUrl } from '../../oci/http/redact-url.ts'
import { type FetchFileOptions, fetchFile } from './fetch-file.ts'
import type { PlacedFile } from './file-naming.ts'
import type { FileSink } from './file-sink.ts'
import { checkPublic, readBack } from './read-back.ts'

export interface CopyFilesOptions extends Omit<FetchFileOptions, 'onSize'> {
  /** Whether clusters read the sink without credentials, so that each file is read back so. Default: false. */
  readonly isPublic?: boolean
  /** Files on their way at once. Default: 4. */
  readonly transfers?: number
  readonly onProgress?: (progress: CopyProgress) => void
}

export interface CopiedFile {
  readonly file: PlacedFile
  /** Whether it was there before. */
  readonly present: boolean
}

/**
 * Copies files into a sink. What is there with the same digest is skipped; a failure stops no other file. Throws what
 * one file has thrown, or ASSETS_INCOMPLETE with all of them in its message and in `details.failures`; CANCELLED.
 */
export async function copyFiles(
  files: readonly PlacedFile[],
  sink: FileSink,
  options: CopyFilesOptions,
): Promise<readonly CopiedFile[]> {
  const { signal, transfers = 4 } = options
  const progress = trackProgress(files, options.onProgress)
  const copied: CopiedFile[] = []
  const failures: { readonly file: PlacedFile; readonly error: unknown }[] = []
  const waiting = files.values()
  const work = async (): Promise<void> => {
    for (const file of waiting) {
      throwIfCancelled(signal)
      try {
        copied.push({ file, present: await copyFile(file, sink, options, progress) })
      } catch (error) {
        if (!isChartferryError(error) || error.code === 'CANCELLED') throw error
        failures.push({ file, error })
      }
      progress.finish(file)
    }
  }
  await Promise.all(Array.from({ length: Math.min(transfers, files.length) }, work))
  refuseFailures(failures, files.length)
  return copied.sort((a, b) => files.indexOf(a.file) - files.indexOf(b.file))
}

async function copyFile(
  file: PlacedFile,
  sink: FileSink,
  options: CopyFilesOptions,
  progress: Tracker,
): Promise<boolean> {
  const { url, digest, key, download } = file
  if (key === undefined) return true
  const { isPublic = false } = options
  if (await sink.has(key, digest)) {
    if (isPublic) await checkPublic(download, options)
    return true
  }
  const body = fetchFile(url, { ...options, onSize: (size) => progress.start(file, size) })
  try {
    await sink.put(key, progress.count(file, body), digest)
  } catch (thrown) {
    if (!isChartferryError(thrown, 'DIGEST_MISMATCH')) throw thrown
    throw new ChartferryError(thrown.code, `${redactUrl(url)}: ${thrown.message}; nothing was written`, {
      cause: thrown,
    })
  }
  if (isPublic) await readBack(download, digest, options)
  return false
}

function refuseFailures(
  failures: readonly { readonly file: PlacedFile; readonly error: unknown }[],
  total: number,
): void {
  const [first] = failures
  if (first === undefined) return
  if (failures.length === 1) throw first.error
  const messages = failures.map(({ error }) => (error instanceof Error ? error.message : String(error)))
  throw new ChartferryError(
    'ASSETS_INCOMPLETE',
    `${failures.length} of ${total} files were not copied\n${messages.map((message) => `  ${message}`).join('\n')}`,
    {
      details: { failures: failures.map(({ file }, at) => ({ url: redactUrl(file.url), message: messages[at] })) },
      cause: first.error,
    },
  )
}

interface Tracker {
  start(file: PlacedFile, size: number): void
  count(file: PlacedFile, body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array>
  finish(file: PlacedFile): void
}

function trackProgress(files: readonly PlacedFile[], report: CopyFilesOptions['onProgress']): Tracker {
  const active = new Map<PlacedFile, { done: number; size: number }>()
  const bytes = { done: 0, total: 0 }
  let finished = 0
  const tell = (): void =>
    report?.({
      what: 'files',
      images: { done: finished, total: files.length },
      bytes: { ...bytes },
      active: [...active].map(([{ url, digest }, { done, size }]) => ({ name: redactUrl(url), digest, done, size })),
    })
  return {
    start(file, size) {
      active.set(file, { done: 0, size })
      bytes.total += size
      tell()
    },
    async *count(file, body) {
      for await (const piece of body) {
        const state = active.get(file)
        if (state !== undefined) state.done += piece.length
        bytes.done += piece.length
        bytes.total = Math.max(bytes.total, bytes.done)
        tell()
        yield piece
      }
    },
    finish(file) {
      active.delete(file)
      finished++
      tell()
    },
  }
}
