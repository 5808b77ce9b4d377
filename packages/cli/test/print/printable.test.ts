import { describe, expect, it } from 'vitest'
import { printable } from '../../src/print/printable.ts'
import { formatTable } from '../../src/print/table.ts'

describe('printable', () => {
  it('shows what would move the cursor or turn the text around', () => {
    expect(printable('a\u001b[2Jb\u202ec\u0007')).toBe('a\\u001b[2Jb\\u202ec\\u0007')
  })

  it('keeps lines and tabs', () => {
    expect(printable('a\n\tb')).toBe('a\n\tb')
  })
})

describe('formatTable', () => {
  it('makes columns as wide as they must be', () => {
    expect(
      formatTable([
        ['a', 'bb', 'c'],
        ['aaa', 'b', 'cc'],
      ]),
    ).toBe('a    bb  c\naaa  b   cc')
  })
})
