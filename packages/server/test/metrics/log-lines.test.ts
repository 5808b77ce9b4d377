import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { gatherLines } from '../../src/metrics/log-lines.ts'

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
