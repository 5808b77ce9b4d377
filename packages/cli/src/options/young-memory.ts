// Keeps the memory of long transfers low: the buffers of what was read wait for a collection, which the engine thinks too small to begin.
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** Gives what collects young memory, in about a millisecond. */
export function openYoungMemory(): () => void {
  setFlagsFromString('--expose-gc')
  const collect: unknown = runInNewContext('gc')
  return () => {
    if (typeof collect === 'function') collect({ type: 'minor' })
  }
}
