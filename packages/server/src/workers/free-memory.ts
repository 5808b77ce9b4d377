// Gives memory back after work that needed much of it for a moment: the engine would keep it for more of the same, which does not come.
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** Collects everything at once; takes a millisecond for each megabyte that stays. To be called when there is as much to free as stays. */
export function freeMemory(): void {
  setFlagsFromString('--expose-gc')
  const collect: unknown = runInNewContext('gc')
  if (typeof collect === 'function') collect({ type: 'major', flavor: 'last-resort' })
}
