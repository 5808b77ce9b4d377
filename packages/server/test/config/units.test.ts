import { describe, expect, it } from 'vitest'
import { parseDuration, parseShare, parseSize } from '../../src/config/units.ts'

describe('parseDuration', () => {
  it.each([
    ['500ms', 500],
    ['30s', 30_000],
    ['5m', 300_000],
    ['2h', 7_200_000],
    ['1d', 86_400_000],
    ['5', undefined],
    ['-5s', undefined],
    ['1.5h', undefined],
    ['', undefined],
  ])('takes %s as %s', (text, milliseconds) => expect(parseDuration(text)).toBe(milliseconds))
})

describe('parseSize', () => {
  it.each([
    ['1000', 1000],
    ['64KiB', 65_536],
    ['20 MiB', 20_971_520],
    ['1GiB', 1_073_741_824],
    ['20MB', undefined],
    ['x', undefined],
  ])('takes %s as %s', (text, bytes) => expect(parseSize(text)).toBe(bytes))
})

describe('parseShare', () => {
  it.each([
    ['0%', 0],
    ['50%', 0.5],
    ['100%', 1],
    ['101%', undefined],
    ['0.5', undefined],
    ['-1%', undefined],
  ])('takes %s as %s', (text, share) => expect(parseShare(text)).toBe(share))
})
