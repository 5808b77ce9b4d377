// How long a bucket may take, and how often it is asked: no call waits for ever, none repeats without a pause.
import { Readable } from 'node:stream'
import { setTimeout as wait } from 'node:timers/promises'
import { ChartferryError } from '../errors.ts'

/** Milliseconds for a call that moves no body, from its first try to the answer of its last. */
export const callTime = 10_000

/** A body may take a second longer for so many bytes: a slow line is no fault. */
const bytesPerSecond = 256 * 1024

/**
 * Makes a call that is ended when it takes too long; `bytes` is the size of its body. A body that is answered has no
 * part in it.
 */
export async function within<Value>(
  time: number,
  call: (bounds: { readonly abortSignal: AbortSignal }) => Promise<Value>,
  bytes = 0,
): Promise<Value> {
  const ending = new AbortController()
  const timer = setTimeout(() => ending.abort(), time + Math.ceil((bytes / bytesPerSecond) * 1000))
  try {
    return await call({ abortSignal: ending.signal })
  } finally {
    clearTimeout(timer)
  }
}

/** So often a write is tried that meets another one, and its first pause in milliseconds: each is twice the one before. */
const conflict = { tries: 6, pause: 50 }

/**
 * Makes a write until it meets no other one any more. `isConflict` says of what it throws whether it did. Throws what
 * the last try throws.
 */
export async function untilAlone<Value>(
  write: () => Promise<Value>,
  isConflict: (thrown: unknown) => boolean,
): Promise<Value> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await write()
    } catch (thrown) {
      if (!isConflict(thrown) || attempt === conflict.tries) throw thrown
      // Two that met once would meet again after the same time.
      await wait(conflict.pause * 2 ** (attempt - 1) * (0.5 + Math.random()))
    }
  }
}

/** A body that breaks off with STORE_UNAVAILABLE when nothing comes for so many milliseconds, while somebody waits. */
export function untilSilent(body: Readable, time: number): Readable {
  async function* pieces(): AsyncGenerator<Uint8Array> {
    const iterator: AsyncIterator<Uint8Array> = body[Symbol.asyncIterator]()
    for (;;) {
      const timer = setTimeout(() => body.destroy(silent(time)), time)
      const next = await iterator.next().finally(() => clearTimeout(timer))
      if (next.done === true) return
      yield next.value
    }
  }
  const bounded = Readable.from(pieces(), { objectMode: false })
  bounded.once('close', () => body.destroy())
  return bounded
}

function silent(time: number): ChartferryError {
  return new ChartferryError('STORE_UNAVAILABLE', `the bucket has sent nothing of an object for ${time / 1000} s`)
}
