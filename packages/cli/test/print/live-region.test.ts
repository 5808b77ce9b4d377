import { Writable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { cutLine, openLiveRegion } from '../../src/print/live-region.ts'

/** A terminal that keeps what is written, and can be resized. */
function openTerminal(columns: number): { readonly stream: NodeJS.WriteStream; readonly taken: () => string } {
  let text = ''
  const stream = new Writable({
    write(chunk, _encoding, done) {
      text += String(chunk)
      done()
    },
  })
  return {
    stream: Object.assign(stream, { isTTY: true, columns, rows: 24 }) as unknown as NodeJS.WriteStream,
    taken: () => {
      const before = text
      text = ''
      return before
    },
  }
}

describe('openLiveRegion', () => {
  it('goes back over every row that its lines take, also after the terminal was made narrower', () => {
    const { stream, taken } = openTerminal(80)
    const region = openLiveRegion(stream)
    region.show(['x'.repeat(70), 'y'])
    taken()
    stream.columns = 20
    region.show(['z'])
    // 70 columns are four rows of 20; the cursor stands in the fifth.
    expect(taken()).toBe('\r\u001b[4A\u001b[Jz')
    region.close()
  })

  it('cuts lines, so that none of them wraps', () => {
    const { stream, taken } = openTerminal(20)
    const region = openLiveRegion(stream)
    region.show(['x'.repeat(70)])
    expect(taken()).toBe(`\u001b[?25l${'x'.repeat(18)}…`)
    region.keep('stays')
    expect(taken()).toBe('\r\u001b[Jstays\n')
    region.close()
    expect(taken()).toBe('\u001b[?25h')
  })
})

describe('cutLine', () => {
  it('counts no colour, and keeps the one that ends', () => {
    expect(cutLine('\u001b[36m⠋\u001b[39m copy  11/19', 8)).toBe('\u001b[36m⠋\u001b[39m copy …')
  })
})
