// Gives memory back after work that needed much of it for a moment: the engine would keep it for more of the same,
// which does not come.
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/**
 * Collects everything at once; takes a millisecond for each megabyte that stays. To be called when there is as much to
 * free as stays.
 */
export function collectNow(): void {
  collect({ type: 'major', flavor: 'last-resort' })
}

/** Bytes after which reading goes on better without those that were read. */
const muchRead = 6 * 1024 * 1024

/**
 * To be told of bytes that are read in large pieces, and let go again: they lie outside of the heap, where a collection
 * waits for much more of them, and what comes to lie behind them keeps their place from the system.
 */
export function collectAsRead(): (bytes: number) => void {
  let read = 0
  return (bytes) => {
    read += bytes
    if (read < muchRead) return
    read = 0
    collect({ type: 'major' })
  }
}

function collect(options: { readonly type: 'major'; readonly flavor?: 'last-resort' }): void {
  setFlagsFromString('--expose-gc')
  const run: unknown = runInNewContext('gc')
  if (typeof run === 'function') run(options)
}
