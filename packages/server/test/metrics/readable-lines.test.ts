import { PassThrough } from 'node:stream'
import type { Logger } from 'pino'
import { describe, expect, it } from 'vitest'
import { openLog } from '../../src/metrics/open-log.ts'
import { readableLines } from '../../src/metrics/readable-lines.ts'

/** What a log with these lines looks like, without the times. */
function read(log: (to: Logger) => void): readonly string[] {
  let text = ''
  const to = {
    write: (piece: string): void => {
      text += piece
    },
  }
  log(openLog('debug', readableLines(to, new PassThrough())))
  const lines = text.trimEnd().split('\n')
  expect(lines[0]).toMatch(/^\d\d:\d\d:\d\d /)
  return lines.map((line) => line.replace(/^\d\d:\d\d:\d\d /, ''))
}

describe('readableLines', () => {
  it('puts a request into one line, the status first', () => {
    const line = { requestId: 'r', method: 'GET', path: '/local/index.yaml', status: 200, bytes: 1234, ms: 3 }
    expect(
      read((log) => log.info({ ...line, cache: 'HIT', client: '10.0.0.7', who: 'ci', agent: 'Helm/3' }, 'request')),
    ).toEqual(['info  200 GET /local/index.yaml  1.2 kB  3 ms  HIT  from 10.0.0.7 as ci  Helm/3'])
  })

  it('has the level as a word, and all fields of other lines', () => {
    expect(read((log) => log.warn({ repository: 'a', members: ['b'] }, 'unheard'))).toEqual([
      'warn  unheard  repository=a  members=["b"]',
    ])
  })

  it('shows where an error comes from, and lets no text move the cursor', () => {
    const error = new Error('boom\u001b[2J')
    const [first, second] = read((log) => log.error({ err: error }, 'answer failed'))
    expect(first).toBe('error answer failed')
    expect(second).toBe('    Error: boom\\u001b[2J')
  })
})

describe('openLog', () => {
  it('writes JSON with the level as a word where it is given a target', () => {
    let text = ''
    openLog('info', {
      write: (line) => {
        text += line
      },
    }).info({ a: 1 }, 'm')
    expect(JSON.parse(text)).toMatchObject({ level: 'info', a: 1, msg: 'm' })
  })
})
