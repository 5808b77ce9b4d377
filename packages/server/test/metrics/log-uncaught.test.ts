import { pino } from 'pino'
import { describe, expect, it } from 'vitest'
import { logUncaught, partOf } from '../../src/metrics/log-uncaught.ts'

function emit(error: Error): void {
  for (const listener of process.listeners('uncaughtExceptionMonitor')) listener(error, 'uncaughtException')
}

describe('an error that nobody catches', () => {
  it('is in the log with its part', () => {
    const lines: string[] = []
    const stop = logUncaught(pino({ base: null }, { write: (line: string) => void lines.push(line) }))
    emit(new Error('no such group'))
    stop()
    emit(new Error('later'))
    expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([
      { level: 60, err: { message: 'no such group' }, origin: 'uncaughtException' },
    ])
  })

  it.each([
    [
      'Error: x\n    at end (/app/packages/server/dist/quarantine/inspect-by-command.js:71:46)',
      'server: quarantine/inspect-by-command',
    ],
    ['Error: x\n    at file:///a/node_modules/@chartferry/core/dist/oci/http/token.js:7:1', 'core: oci/http/token'],
    ['Error: x\n    at f (/a/node_modules/pino/lib/proto.js:1:1)', 'pino'],
    ['Error: x\n    at node:internal/process:1:1', 'unknown'],
  ])('comes from the first of ours: %#', (stack, part) => {
    expect(partOf(Object.assign(new Error('x'), { stack }))).toBe(part)
  })
})
