import { describe, expect, it } from 'vitest'
import { hostLimit } from '../../src/upstream/host-limit.ts'

describe('hostLimit', () => {
  it('runs so many calls a server at a time, in their order, also after failures', async () => {
    const limit = hostLimit(2)
    const gates = Array.from({ length: 5 }, () => Promise.withResolvers<void>())
    const begun: number[] = []
    const calls = gates.map((gate, number) =>
      limit('https://a', async () => {
        begun.push(number)
        await gate.promise
      }).catch(() => 'failed'),
    )
    await limit('https://b', async () => void begun.push(100))
    expect(begun).toEqual([0, 1, 100])
    gates[1]?.reject(new Error('broken'))
    expect(await calls[1]).toBe('failed')
    gates[0]?.resolve()
    await calls[0]
    expect(begun).toEqual([0, 1, 100, 2, 3])
    for (const gate of gates) gate.resolve()
    await Promise.all(calls)
    expect(begun).toEqual([0, 1, 100, 2, 3, 4])
  })
})
