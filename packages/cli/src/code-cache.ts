// Keeps the compiled form of the program between runs: a third of the start of a short command.
import { enableCompileCache } from 'node:module'
import { homedir } from 'node:os'
import { join } from 'node:path'

/**
 * Turns it on, in a folder that only this user writes: Node's own default is a shared one, and what lies there is
 * executed. Node checks version and source of each entry; a folder that cannot be written is no fault.
 */
export function keepCompiledCode(): void {
  const { NODE_COMPILE_CACHE, XDG_CACHE_HOME } = process.env
  if (NODE_COMPILE_CACHE !== undefined) return
  enableCompileCache(join(XDG_CACHE_HOME || join(homedir(), '.cache'), 'chartferry', 'code'))
}
