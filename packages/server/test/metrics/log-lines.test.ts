import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { gatherLines, withoutControls } from '../../src/metrics/log-lines.ts'
import { openLog } from '../../src/metrics/open-log.ts'

describe('gatherLines', () => {
  it('writes what came in one turn at once, all of it and in order', async () => {
    const written: string[] = []
    const lines = gatherLines({ write: (text) => written.push(text) })
    lines.write('one\n')
    lines.write('two\n')
    expect(written).toEqual([])
    await turn()
    lines.write('three\n')
    await turn()
    expect(written).toEqual(['one\ntwo\n', 'three\n'])
  })
})

describe('withoutControls', () => {
  it('escapes what a terminal obeys and JSON leaves as it is', () => {
    let text = ''
    openLog(
      'info',
      withoutControls({
        write: (line) => {
          text += line
        },
      }),
    ).info({ path: '\u001b[2J\u009b2J\u202e' }, 'm')
    expect(text).toMatch(/\\u001b\[2J\\u009b2J\\u202e/)
    expect(JSON.parse(text).path).toBe('\u001b[2J\u009b2J\u202e')
  })
})
