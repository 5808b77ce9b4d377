// The thread in which a big index file is read: one answer, the model or an error's code and words.
import { parentPort, workerData } from 'node:worker_threads'
import {
  type ErrorCode,
  type IndexFile,
  isChartferryError,
  messageOf,
  type ParseIndexOptions,
  parseIndexFile,
} from '@chartferry/core'

/** What a thread is started with. */
export interface IndexWork {
  readonly bytes: Uint8Array
  readonly options: ParseIndexOptions
}

/** What it answers, once. */
export type IndexAnswer =
  | { readonly index: IndexFile }
  | { readonly code: ErrorCode | undefined; readonly message: string }

const { bytes, options } = workerData as IndexWork

function answer(): IndexAnswer {
  try {
    return { index: parseIndexFile(bytes, options) }
  } catch (thrown) {
    return { code: isChartferryError(thrown) ? thrown.code : undefined, message: messageOf(thrown) }
  }
}

parentPort?.postMessage(answer())
