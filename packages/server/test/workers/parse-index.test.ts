import { defaultLimits } from '@chartferry/core'
import { formatIndexFile, parseIndexFile } from '@chartferry/core/helm'
import { describe, expect, it } from 'vitest'
import { parseIndexOffLoop } from '../../src/workers/parse-index.ts'

const text = Buffer.from(
  `apiVersion: v1\nentries:\n${Array.from(
    { length: 3000 },
    (_, patch) =>
      `  chart-${patch}:\n  - {name: chart-${patch}, version: 1.0.${patch}, digest: ${'a'.repeat(64)}, maintainers: [{name: x}]}\n`,
  ).join('')}  bad:\n  - {name: ../bad, version: 1.0.0}\n  __proto__:\n  - {name: __proto__, version: 1.0.0}\n`,
)

describe('parseIndexOffLoop', () => {
  it('gives in a thread what it gives without one', async () => {
    const threaded = await parseIndexOffLoop(text, { threadFrom: 0 })
    const direct = parseIndexFile(text)
    expect(threaded.skipped).toEqual(direct.skipped)
    for (const form of ['json', 'yaml'] as const)
      expect(formatIndexFile(threaded, form)).toBe(formatIndexFile(direct, form))
  })

  it('lets the event loop go on meanwhile', async () => {
    let turns = 0
    const timer = setInterval(() => turns++, 1)
    await parseIndexOffLoop(text, { threadFrom: 0 })
    clearInterval(timer)
    expect(turns).toBeGreaterThan(3)
  })

  it.each([
    ['<html>', 'INDEX_INVALID'],
    ['apiVersion: v1\nentries: {a: [{}, {}]}', 'INDEX_TOO_LARGE'],
  ])('throws for %j what it throws without one', async (bad, code) => {
    const options = { limits: { ...defaultLimits, indexVersions: 1 }, where: 'index of x', threadFrom: 0 }
    await expect(parseIndexOffLoop(Buffer.from(bad), options)).rejects.toMatchObject({
      code,
      message: expect.stringContaining('index of x'),
    })
  })

  it('stops when the signal fires', async () => {
    const stopping = new AbortController()
    const parsed = parseIndexOffLoop(text, { threadFrom: 0, signal: stopping.signal })
    stopping.abort()
    await expect(parsed).rejects.toMatchObject({ code: 'CANCELLED' })
    await expect(parseIndexOffLoop(text, { threadFrom: 0, signal: stopping.signal })).rejects.toMatchObject({
      code: 'CANCELLED',
    })
  })
})
