// What ends the process is in the log, with the part that it came from: a stack on standard error is easily lost.
import process from 'node:process'
import type { Logger } from 'pino'

/** Logs errors that nobody catches, before the process ends of them; gives what stops that. */
export function logUncaught(log: Logger): () => void {
  const tell = (error: unknown, origin: string): void =>
    log.fatal({ err: error, origin, part: partOf(error) }, 'the process ends of an error that nobody caught')
  process.on('uncaughtExceptionMonitor', tell)
  return () => void process.off('uncaughtExceptionMonitor', tell)
}

/** The first folder and file of ours in the stack: `quarantine/inspect-by-command`, or the package it came from. */
export function partOf(error: unknown): string {
  const stack = error instanceof Error ? (error.stack ?? '') : ''
  const own = /[\\/]packages[\\/](\w+)[\\/](?:src|dist)[\\/]([^:)\n]+?)\.[jt]s\b/.exec(stack)
  if (own !== null) return `${own[1]}: ${own[2]?.replaceAll('\\', '/')}`
  const installed = /[\\/]@chartferry[\\/](\w+)[\\/]dist[\\/]([^:)\n]+?)\.js\b/.exec(stack)
  if (installed !== null) return `${installed[1]}: ${installed[2]?.replaceAll('\\', '/')}`
  return /node_modules[\\/]((?!\.pnpm)(?:@[^\\/]+[\\/])?[^\\/]+)[\\/]/.exec(stack)?.[1] ?? 'unknown'
}
