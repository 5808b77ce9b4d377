// The thread in which a big index file is read: its entries in parts, so that nobody has to take them in at once, then
// the rest of it or an error's code and words.
import { once } from 'node:events'
import { parentPort, workerData } from 'node:worker_threads'
import { type ErrorCode, isChartferryError } from '@chartferry/core'
import { type ChartVersion, type IndexFile, type ParseIndexOptions, parseIndexFile } from '@chartferry/core/helm'
import { messageOf } from '@chartferry/core/internal'
import type { AnswerPart } from './ask-thread.ts'

/** What a thread is started with. */
export interface IndexWork {
  readonly bytes: Uint8Array
  readonly options: ParseIndexOptions
}

/** Some versions of a chart, behind those that were sent before. */
export type IndexPart = readonly (readonly [chart: string, versions: readonly ChartVersion[]])[]

/** What it answers, once. */
export type IndexAnswer =
  | { readonly index: Omit<IndexFile, 'entries'> }
  | { readonly code: ErrorCode | undefined; readonly message: string }

/** Versions of a part: they are taken in within a few milliseconds. */
const partSize = 200

function* partsOf(entries: IndexFile['entries']): Generator<IndexPart> {
  let part: [string, readonly ChartVersion[]][] = []
  let room = partSize
  for (const [chart, versions] of entries) {
    for (let at = 0; at < versions.length; ) {
      const some = versions.slice(at, at + room)
      part.push([chart, some])
      at += some.length
      room -= some.length
      if (room > 0) continue
      yield part
      part = []
      room = partSize
    }
  }
  yield part
}

async function answer({ bytes, options }: IndexWork): Promise<IndexAnswer> {
  try {
    const { entries, ...index } = parseIndexFile(bytes, options)
    for (const part of partsOf(entries)) {
      parentPort?.postMessage({ part } satisfies AnswerPart<IndexPart>)
      if (parentPort !== null) await once(parentPort, 'message')
    }
    return { index }
  } catch (thrown) {
    return { code: isChartferryError(thrown) ? thrown.code : undefined, message: messageOf(thrown) }
  }
}

parentPort?.postMessage(await answer(workerData as IndexWork))
