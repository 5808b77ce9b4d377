import { defaultLimits } from '@chartferry/core'
import { formatCompactIndex } from '@chartferry/core/internal'
import { describe, expect, it } from 'vitest'
import { compactFile } from '../../src/workers/compact-file.ts'
import { readIndexOffLoop } from '../../src/workers/read-index.ts'

const text = Buffer.from(
  `apiVersion: v1\nentries:\n${Array.from(
    { length: 3000 },
    (_, patch) =>
      `  chart-${patch}:\n  - {name: chart-${patch}, version: 1.0.${patch}, digest: ${'a'.repeat(64)}, maintainers: [{name: x}]}\n`,
  ).join('')}  bad:\n  - {name: ../bad, version: 1.0.0}\n  __proto__:\n  - {name: __proto__, version: 1.0.0}\n`,
)
const urls = { base: 'https://charts.example' }

describe('readIndexOffLoop', () => {
  it('gives in a thread what it gives without one', async () => {
    const threaded = await readIndexOffLoop(text, { urls, threadFrom: 0 })
    const direct = compactFile(text, { urls })
    expect(threaded.skipped).toEqual(direct.skipped)
    expect(formatCompactIndex(threaded.compact).equals(formatCompactIndex(direct.compact))).toBe(true)
  })

  it('lets the event loop go on meanwhile', async () => {
    let turns = 0
    const timer = setInterval(() => turns++, 1)
    await readIndexOffLoop(text, { urls, threadFrom: 0 })
    clearInterval(timer)
    expect(turns).toBeGreaterThan(3)
  })

  it.each([
    ['<html>', 'INDEX_INVALID'],
    ['apiVersion: v1\nentries: {a: [{}, {}]}', 'INDEX_TOO_LARGE'],
  ])('throws for %j what it throws without one', async (bad, code) => {
    const options = { limits: { ...defaultLimits, indexVersions: 1 }, where: 'index of x', threadFrom: 0, urls }
    await expect(readIndexOffLoop(Buffer.from(bad), options)).rejects.toMatchObject({
      code,
      message: expect.stringContaining('index of x'),
    })
  })

  it('makes no more values than it may', async () => {
    const limits = { ...defaultLimits, indexNodes: 40 }
    const many = Buffer.from(`{"apiVersion":"v1","entries":{"a":[${Array.from({ length: 30 }, () => '{}').join()}]}}`)
    await expect(readIndexOffLoop(many, { limits, where: 'index of x', urls })).rejects.toMatchObject({
      code: 'INDEX_TOO_LARGE',
      message: expect.stringMatching(/^index of x: 6\d values, the limit is 40$/),
    })
  })

  it('stops when the signal fires', async () => {
    const stopping = new AbortController()
    const read = readIndexOffLoop(text, { urls, threadFrom: 0, signal: stopping.signal })
    stopping.abort()
    await expect(read).rejects.toMatchObject({ code: 'CANCELLED' })
    await expect(readIndexOffLoop(text, { urls, threadFrom: 0, signal: stopping.signal })).rejects.toMatchObject({
      code: 'CANCELLED',
    })
  })
})
