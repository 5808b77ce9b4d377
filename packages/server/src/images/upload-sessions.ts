// Uploads that have begun: what has arrived lies in the store in parts, so that another server can take the rest.
import { randomUUID } from 'node:crypto'
import { ChartferryError, isChartferryError } from '@chartferry/core'
import type { BlobStore } from '@chartferry/core/transfer'
import { recordBytes } from '../cache/json-record.ts'
import { type ImagePlace, placeFolder } from './image-keys.ts'

/** An upload that is under way. */
export interface UploadState {
  /** Bytes that have arrived, from the first one on, and are kept. */
  readonly size: number
}

export interface UploadSessions {
  /** Begins an upload; gives its name. */
  begin(place: ImagePlace): Promise<string>
  /** Throws UPLOAD_NOT_FOUND. */
  state(place: ImagePlace, session: string): Promise<UploadState>
  /**
   * Adds bytes that begin at `start` (default: behind those that are there). What arrived before the body broke off is
   * kept. Throws UPLOAD_NOT_FOUND, UPLOAD_MISPLACED where others are wanted next, UPLOAD_TOO_LARGE beyond `limit` bytes
   * in all, and what reading the body throws.
   */
  append(
    place: ImagePlace,
    session: string,
    body: AsyncIterable<Uint8Array>,
    options: { readonly start?: number | undefined; readonly limit: number },
  ): Promise<UploadState>
  /** All that has arrived, in order. */
  read(place: ImagePlace, session: string): AsyncIterable<Uint8Array>
  /** Ends an upload; what has arrived goes. Nothing happens where there is none. */
  end(place: ImagePlace, session: string): Promise<void>
}

interface SessionRecord {
  /** Milliseconds since 1970. */
  readonly began: number
}

/** Bytes of a part: what is sent again at most when a server dies. */
const partBytes = 4 * 1024 * 1024
const digits = 15
const sessionName = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** The folder of the uploads into a repository. */
const uploadsFolder = (place: ImagePlace): string => `${placeFolder(place)}uploads/`
/** The record of an upload below that folder; beside it are its parts, each under the number of its first byte. */
export const recordName = 'begun'

/**
 * Opens the uploads of a store. Who writes a part has seen all before it, and a part is only ever created: so those
 * that are there follow one another without a gap, whoever wrote them.
 */
export function uploadSessions(store: BlobStore, now: () => number): UploadSessions {
  function folderOf(place: ImagePlace, session: string): string {
    if (!sessionName.test(session)) throw notFound(session)
    return `${uploadsFolder(place)}${session}/`
  }

  async function parts(folder: string): Promise<string[]> {
    const found: string[] = []
    for await (const key of store.list(`${folder}part-`)) found.push(key)
    return found
  }

  async function state(place: ImagePlace, session: string): Promise<UploadState> {
    const folder = folderOf(place, session)
    const [record, written] = await Promise.all([store.stat(folder + recordName), parts(folder)])
    if (record === undefined) throw notFound(session)
    const last = written.at(-1)
    if (last === undefined) return { size: 0 }
    const part = await store.stat(last)
    if (part === undefined) throw notFound(session)
    return { size: Number(last.slice(-digits)) + part.size }
  }

  async function write(folder: string, start: number, pieces: readonly Uint8Array[]): Promise<number> {
    const bytes = Buffer.concat(pieces)
    if (!(await store.create(`${folder}part-${String(start).padStart(digits, '0')}`, bytes)))
      throw misplaced('somebody else sends the same upload', start)
    return start + bytes.length
  }

  return {
    begin: async (place) => {
      const session = randomUUID()
      const record: SessionRecord = { began: now() }
      await store.put(folderOf(place, session) + recordName, recordBytes(record))
      return session
    },
    state,
    append: async (place, session, body, { start, limit }) => {
      const folder = folderOf(place, session)
      let { size } = await state(place, session)
      if (start !== undefined && start !== size) throw misplaced(`bytes from ${start} on were sent`, size)
      let held: Uint8Array[] = []
      let heldBytes = 0
      const flush = async (): Promise<void> => {
        if (heldBytes === 0) return
        const pieces = held
        held = []
        heldBytes = 0
        size = await write(folder, size, pieces)
      }
      try {
        for await (const piece of body) {
          if (size + heldBytes + piece.length > limit)
            throw new ChartferryError('UPLOAD_TOO_LARGE', `the upload is larger than ${limit} bytes`, {
              details: { maxBytes: limit },
            })
          held.push(piece)
          heldBytes += piece.length
          if (heldBytes >= partBytes) await flush()
        }
      } catch (thrown) {
        // What has come counts, so that the client need not send it again; but not what ends the upload.
        if (!isChartferryError(thrown, 'UPLOAD_TOO_LARGE', 'UPLOAD_MISPLACED', 'STORE_UNAVAILABLE')) await flush()
        throw thrown
      }
      await flush()
      return { size }
    },
    async *read(place, session) {
      for (const key of await parts(folderOf(place, session))) {
        const blob = await store.get(key)
        if (blob === undefined) throw notFound(session)
        yield* blob.body
      }
    },
    end: async (place, session) => {
      const folder = folderOf(place, session)
      // The record first: an upload without one is over.
      await store.delete(folder + recordName)
      for (const key of await parts(folder)) await store.delete(key)
    },
  }
}

function notFound(session: string): ChartferryError {
  return new ChartferryError('UPLOAD_NOT_FOUND', `there is no upload ${JSON.stringify(session.slice(0, 80))}`)
}

function misplaced(what: string, size: number): ChartferryError {
  return new ChartferryError('UPLOAD_MISPLACED', `${what}; the next byte of this upload is ${size}`, {
    details: { size },
  })
}
