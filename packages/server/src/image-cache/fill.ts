// Blobs on their way here: each is fetched once however many wait for it, and all of them get its bytes as they arrive.
import { Readable } from 'node:stream'
import { ChartferryError, type Digest } from '@chartferry/core'
import { type BlobDraft, messageOf, openDraft } from '@chartferry/core/internal'
import type { BlobStore, ByteRange } from '@chartferry/core/transfer'

export interface FillOptions {
  readonly digest: Digest
  /** Bytes. */
  readonly size: number
  /** Where it is published when all of it has come. */
  readonly key: string
  /** The bytes; it throws where they do not have the digest, before the last of them. */
  readonly source: () => AsyncIterable<Uint8Array>
  /** Notes that it comes, before it is there: what nobody knows of would never make room. */
  readonly note: () => Promise<void>
  /** Told when it is there. */
  readonly onStored: () => void
}

export interface Fills {
  /**
   * The bytes of a blob that is being fetched, from now on if nobody fetches it yet. Resolves with the first of them;
   * throws what the source throws before that. Who reads them may leave: the fetching goes on.
   */
  open(options: FillOptions, range: ByteRange | undefined): Promise<Readable>
  /** Fetches a blob for nobody. Throws what the source throws. */
  run(options: FillOptions): Promise<void>
  /** Whether a blob is on its way. */
  has(digest: Digest): boolean
  /** Waits for all that are on their way. */
  settle(): Promise<void>
}

/** Bytes that arrived last are in memory for those who keep up; the others read them from the disk. */
const recentBytes = 2 * 1024 * 1024
/** Bytes that are read from the disk at once. */
const readBytes = 256 * 1024

interface Fill {
  /** The first byte is there, or nothing will come. */
  readonly started: Promise<void>
  /** The blob is in the store, or an error was thrown. */
  readonly done: Promise<void>
  read(range: ByteRange): AsyncGenerator<Uint8Array>
}

/** Nothing is on its way yet. `warn` hears of what fails when nobody waits for it. */
export function openFills(
  store: BlobStore,
  warn: (message: string, details: Readonly<Record<string, unknown>>) => void,
): Fills {
  const running = new Map<Digest, Fill>()

  function fillOf(options: FillOptions): Fill {
    const known = running.get(options.digest)
    if (known !== undefined) return known
    const fill = startFill(store, options)
    running.set(options.digest, fill)
    const forget = (): void => {
      running.delete(options.digest)
    }
    fill.done.then(forget, (thrown: unknown) => {
      forget()
      warn('a blob could not be kept', { digest: options.digest, error: messageOf(thrown) })
    })
    return fill
  }

  return {
    open: async (options, range = { start: 0, end: options.size - 1 }) => {
      const fill = fillOf(options)
      await fill.started
      return Readable.from(fill.read(range), { objectMode: false, highWaterMark: readBytes })
    },
    run: (options) => fillOf(options).done,
    has: (digest) => running.has(digest),
    settle: async () => {
      while (running.size > 0) await Promise.allSettled([...running.values()].map(({ done }) => done))
    },
  }
}

function startFill(store: BlobStore, { digest, size, key, source, note, onStored }: FillOptions): Fill {
  const started = Promise.withResolvers<void>()
  let changed = Promise.withResolvers<void>()
  let recent: { readonly start: number; readonly piece: Uint8Array }[] = []
  let recentSize = 0
  let written = 0
  let failure: unknown
  let draft: BlobDraft | undefined
  let users = 1

  const tell = (): void => {
    const before = changed
    changed = Promise.withResolvers<void>()
    before.resolve()
  }
  const release = async (): Promise<void> => {
    users -= 1
    if (users === 0) await draft?.close()
  }

  async function take(into: BlobDraft, piece: Uint8Array): Promise<void> {
    await into.append(piece)
    recent.push({ start: written, piece })
    recentSize += piece.length
    while (recentSize > recentBytes) recentSize -= recent.shift()?.piece.length ?? 0
    written += piece.length
    started.resolve()
    tell()
  }

  async function run(): Promise<void> {
    try {
      draft = await openDraft(store)
      for await (const piece of source()) await take(draft, piece)
      if (written !== size)
        throw new ChartferryError('UPSTREAM_INVALID', `${digest}: ${written} bytes came, ${size} were expected`)
      await note()
      await draft.publish(key)
      onStored()
      started.resolve()
    } catch (thrown) {
      failure = thrown
      started.reject(thrown)
      throw thrown
    } finally {
      recent = []
      tell()
      await release()
    }
  }

  function pieceAt(at: number): Uint8Array | undefined {
    const found = recent.findLast(({ start }) => start <= at)
    return found !== undefined && at < found.start + found.piece.length
      ? found.piece.subarray(at - found.start)
      : undefined
  }

  async function* read({ start, end }: ByteRange): AsyncGenerator<Uint8Array> {
    users += 1
    try {
      for (let at = start; at <= end; ) {
        if (at >= written) {
          if (failure !== undefined) throw failure
          await changed.promise
          continue
        }
        const most = Math.min(written, end + 1) - at
        const piece = pieceAt(at)?.subarray(0, most) ?? (await draft?.read(at, Math.min(most, readBytes)))
        if (piece === undefined || piece.length === 0)
          throw new ChartferryError('STORE_UNAVAILABLE', `${digest}: the bytes that arrived cannot be read`)
        at += piece.length
        yield piece
      }
    } finally {
      await release()
    }
  }

  const done = run()
  // Whoever waits is told; nobody may be waiting.
  done.catch(() => {})
  started.promise.catch(() => {})
  return { started: started.promise, done, read }
}
