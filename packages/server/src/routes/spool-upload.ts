// Uploads wait on disk until it is their turn: what many clients send at once is never held in memory as a whole.
import { randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ChartferryError } from '@chartferry/core'
import { messageOf } from '@chartferry/core/internal'
import type { Context } from 'koa'
import { boundedBody } from './read-upload.ts'

export interface UploadSpoolOptions {
  /** Bytes that all uploads together may take on disk; more are told to come again. Default: 1 GiB. */
  readonly space?: number
  /** Uploads that are worked on at once. Default: 4. */
  readonly atOnce?: number
}

/** The body of a request, whole. */
export type UploadBody = AsyncIterable<Buffer>

export interface UploadSpool {
  /**
   * Takes the body of a request in, then works on it when its turn comes. Throws UPLOAD_TOO_LARGE for more than so many
   * bytes, UPLOADS_FULL while there is no room, STORE_UNAVAILABLE when the disk refuses it, CANCELLED when the client goes away, and what the work throws.
   */
  take<Value>(ctx: Context, maxBytes: number, work: (body: UploadBody) => Promise<Value>): Promise<Value>
  /** Removes what is left. */
  close(): Promise<void>
}

/** Bodies up to so many bytes are no file. */
const small = 64 * 1024
/** Milliseconds after which there may be room again. */
const retryAfter = 5000

/** Makes a folder when there is something to put into it. */
export function uploadSpool({ space = 2 ** 30, atOnce = 4 }: UploadSpoolOptions = {}): UploadSpool {
  let used = 0
  let busy = 0
  const waiting: (() => void)[] = []
  let folder: Promise<string> | undefined

  async function inTurn<Value>(work: () => Promise<Value>): Promise<Value> {
    if (busy < atOnce) busy += 1
    else await new Promise<void>((resolve) => waiting.push(resolve))
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      if (next === undefined) busy -= 1
      else next()
    }
  }

  /** Counts bytes that are about to be taken. */
  function reserve(ctx: Context, bytes: number): void {
    if (used + bytes > space) {
      // The rest of the body is not read, so the connection is of no further use.
      ctx.set('Connection', 'close')
      throw new ChartferryError('UPLOADS_FULL', 'too many uploads at a time', { details: { retryAfter } })
    }
    used += bytes
  }

  return {
    take: async (ctx, maxBytes, work) => {
      const pieces: Buffer[] = []
      let size = 0
      let path: string | undefined
      let file: Awaited<ReturnType<typeof open>> | undefined
      try {
        for await (const piece of boundedBody(ctx, maxBytes)) {
          reserve(ctx, piece.length)
          size += piece.length
          if (file === undefined && size <= small) {
            pieces.push(piece)
            continue
          }
          await onDisk(async () => {
            if (file === undefined) {
              folder ??= mkdtemp(join(tmpdir(), 'chartferry-uploads-'))
              path = join(await folder, randomUUID())
              file = await open(path, 'wx', 0o600)
              for (const earlier of pieces.splice(0)) await file.writeFile(earlier)
            }
            await file.writeFile(piece)
          })
        }
        await onDisk(async () => file?.close())
        file = undefined
        const spooled = path
        if (spooled === undefined) return await inTurn(() => work(fromMemory(pieces)))
        return await inTurn(async () => {
          const stream = createReadStream(spooled)
          try {
            return await work(stream)
          } finally {
            stream.destroy()
          }
        })
      } finally {
        used -= size
        await file?.close()
        if (path !== undefined) await rm(path, { force: true })
      }
    },
    close: async () => {
      if (folder !== undefined) await rm(await folder, { recursive: true, force: true })
    },
  }
}

/** What the disk refuses is no fault of the server's or of the client's. Throws STORE_UNAVAILABLE. */
async function onDisk(work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (thrown) {
    const { code = messageOf(thrown), syscall = 'operation' } = thrown as NodeJS.ErrnoException
    throw new ChartferryError('STORE_UNAVAILABLE', `folder for uploads: ${syscall} failed with ${code}`, {
      cause: thrown,
    })
  }
}

async function* fromMemory(pieces: readonly Buffer[]): AsyncGenerator<Buffer> {
  yield* pieces
}
