import { isChartferryError } from '@chartferry/core'
import { describe, expect, it } from 'vitest'
import { isNotModified, parseRange } from '../../src/routes/send-file.ts'

describe('parseRange', () => {
  it.each([
    ['', undefined],
    ['bytes=0-3', { start: 0, end: 3 }],
    ['bytes=5-', { start: 5, end: 9 }],
    ['bytes=-4', { start: 6, end: 9 }],
    ['bytes=-100', { start: 0, end: 9 }],
    ['bytes=8-100', { start: 8, end: 9 }],
    ['bytes=0-1,3-4', undefined],
    ['bytes=-', undefined],
    ['lines=0-1', undefined],
  ])('takes %j of ten bytes as %j', (header, range) => expect(parseRange(header, 10)).toEqual(range))

  it.each(['bytes=10-', 'bytes=10-20', 'bytes=-0'])('refuses %s of ten bytes', (header) => {
    expect(() => parseRange(header, 10)).toThrow(
      expect.toSatisfy((thrown) => isChartferryError(thrown, 'RANGE_INVALID')),
    )
  })
})

describe('isNotModified', () => {
  it.each([
    ['"a"', true],
    ['W/"a"', true],
    ['"b", "a"', true],
    ['*', true],
    ['', false],
    ['"b"', false],
    ['a', false],
  ])('compares %s with "a": %s', (header, result) => expect(isNotModified(header, '"a"')).toBe(result))
})
