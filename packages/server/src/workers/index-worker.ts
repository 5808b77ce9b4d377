// The thread in which a big index file is read: what it answers is small, whatever the file was.
import { parentPort, workerData } from 'node:worker_threads'
import { type ErrorCode, isChartferryError } from '@chartferry/core'
import type { SkippedEntry } from '@chartferry/core/helm'
import { formatCompactIndex, messageOf } from '@chartferry/core/internal'
import { type CompactFileOptions, compactFile } from './compact-file.ts'

/** What a thread is started with. */
export interface IndexWork {
  readonly bytes: Uint8Array
  readonly options: CompactFileOptions
}

/** What it answers, once. */
export type IndexAnswer =
  | { readonly compact: Uint8Array; readonly skipped: readonly SkippedEntry[] }
  | { readonly code: ErrorCode | undefined; readonly message: string }

function answer({ bytes, options }: IndexWork): IndexAnswer {
  try {
    const { compact, skipped } = compactFile(bytes, options)
    return { compact: formatCompactIndex(compact), skipped }
  } catch (thrown) {
    return { code: isChartferryError(thrown) ? thrown.code : undefined, message: messageOf(thrown) }
  }
}

const made = answer(workerData as IndexWork)
const owned = 'compact' in made && made.compact.byteLength === made.compact.buffer.byteLength
parentPort?.postMessage(made, owned ? [made.compact.buffer as ArrayBuffer] : [])
