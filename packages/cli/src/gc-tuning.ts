// Keeps the memory of transfers and servers low: what was read lives for a moment, and the engine would let it fill
// tens of megabytes.
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/**
 * Keeps the room for young objects at the size it begins with. For commands that move bytes or answer requests;
 * rendering would collect too often. Called before the command is loaded.
 */
export function keepYoungMemorySmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1')
}

/** Milliseconds between two collections of everything. */
const wholeEvery = 1000

/**
 * Frees what loading left behind, and gives what collects everything once a second, in some ten milliseconds. Young
 * objects are left to the engine: pieces that are on their way when somebody else collects them count as old, and then
 * stay.
 */
export function openCollector(): () => void {
  setFlagsFromString('--expose-gc')
  const collect: unknown = runInNewContext('gc')
  if (typeof collect !== 'function') return () => {}
  let whole = Number.NEGATIVE_INFINITY
  const run = (): void => {
    const now = performance.now()
    if (now - whole <= wholeEvery) return
    whole = now
    collect({ type: 'major', flavor: 'last-resort' })
  }
  run()
  return run
}
