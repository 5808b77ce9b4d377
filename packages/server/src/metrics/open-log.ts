// The log of a server: JSON lines for machines, columns on a terminal.
import { type Logger, pino } from 'pino'
import type { LogLevel } from '../config/config.ts'
import { gatherLines, lineTime, withoutControls } from './log-lines.ts'
import { readableLines } from './readable-lines.ts'

/** Where log lines go. */
export interface LogTarget {
  write(line: string): void
}

/** Whether a person reads the log: standard error is a terminal. */
export function isReadByPerson(): boolean {
  return process.stderr.isTTY === true
}

/** Opens it. Default of `to`: standard error, readable where that is a terminal. Levels are words. */
export function openLog(level: LogLevel, to?: LogTarget): Logger {
  const formatters = { level: (word: string) => ({ level: word }) }
  return pino({ level, base: null, timestamp: lineTime(), formatters }, to ?? standardError())
}

function standardError(): LogTarget {
  const lines = gatherLines(process.stderr)
  return isReadByPerson() ? readableLines(lines) : withoutControls(lines)
}
