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

/** Milliseconds between two collections of everything, and at least so many times what the last one took: a large heap must not keep the process from its work. */
const wholeEvery = 1000
const leastRest = 20

/**
 * Frees what loading left behind, and gives what collects everything once a second, in some ten milliseconds. Young
 * objects are left to the engine: pieces that are on their way when somebody else collects them count as old, and then
 * stay.
 */
export function openCollector(): () => void {
  setFlagsFromString('--expose-gc')
  const collect: unknown = runInNewContext('gc')
  if (typeof collect !== 'function') return () => {}
  let next = Number.NEGATIVE_INFINITY
  const run = (): void => {
    const start = performance.now()
    if (start <= next) return
    collect({ type: 'major', flavor: 'last-resort' })
    const end = performance.now()
    next = end + Math.max(wholeEvery, leastRest * (end - start))
  }
  run()
  return run
}
