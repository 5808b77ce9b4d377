import { describe, expect, it } from 'vitest'
import { copySummary, formatBytes, formatCopyProgress, formatSeconds, openRate } from '../../src/print/copy-progress.ts'

describe('formatBytes', () => {
  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1400, '1.4 kB'],
    [84_200_000, '84 MB'],
    [2_900_000_000, '2.9 GB'],
    [-5, '0 B'],
  ])('writes %d as %s', (bytes, text) => expect(formatBytes(bytes)).toBe(text))
})

describe('formatSeconds', () => {
  it.each([
    [17.2, '18 s'],
    [150, '3 min'],
    [7200, '2 h'],
  ])('writes %d as %s', (seconds, text) => expect(formatSeconds(seconds)).toBe(text))
})

describe('openRate', () => {
  it('is the mean of the last seconds, and unknown at first', () => {
    const rate = openRate()
    expect(rate(0, 0)).toBeUndefined()
    expect(rate(10, 100)).toBeUndefined()
    expect(rate(1000, 1000)).toBe(1000)
    expect(rate(1000, 30_000)).toBe(0)
  })
})

describe('formatCopyProgress', () => {
  it('says how much is done, how fast, how long it takes, and where each blob is', () => {
    const text = formatCopyProgress(
      {
        images: { done: 11, total: 19 },
        bytes: { done: 1_400_000_000, total: 2_900_000_000 },
        active: [{ name: 'registry.corp:5000/mirror/prometheus/prometheus', digest: 'sha256:1', done: 71, size: 100 }],
        quota: { host: 'docker.io', remaining: 76 },
      },
      84_000_000,
      60,
    )
    expect(text.split('\n')).toEqual([
      '11/19 images · 1.4 GB of 2.9 GB · 18 s left',
      '    …prometheus/prometheus ━━━━━━━━━━━━━━━━━╌╌╌╌╌╌╌  71 %',
    ])
  })
})

describe('copySummary', () => {
  const progress = {
    images: { done: 11, total: 19 },
    bytes: { done: 1_400_000_000, total: 2_900_000_000 },
    active: [],
    quota: { host: 'docker.io', remaining: 76 },
  }
  it.each([
    [Number.POSITIVE_INFINITY, '11/19 images · 1.4 GB of 2.9 GB · 84 MB/s · 18 s left · docker.io lets 76 more pass'],
    [60, '11/19 images · 1.4 GB of 2.9 GB · 84 MB/s · 18 s left'],
    [48, '11/19 images · 1.4 GB of 2.9 GB · 18 s left'],
    [30, '11/19 images · 18 s left'],
    [8, '11/19 images'],
  ])('says in %d columns what fits', (columns, text) => expect(copySummary(progress, 84_000_000, columns)).toBe(text))
})
