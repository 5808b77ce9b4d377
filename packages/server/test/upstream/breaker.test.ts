import { ChartferryError } from '@chartferry/core'
import { beforeEach, describe, expect, it } from 'vitest'
import { type Breaker, breaker } from '../../src/upstream/breaker.ts'

const origin = 'https://charts.example.com'
const down = new ChartferryError('UPSTREAM_UNREACHABLE', 'down', { details: { reason: 'refused' } })
let time: number
let calls: number
let guard: Breaker

/** Makes calls that end so; gives the codes of what was thrown. */
async function run(outcomes: readonly (ChartferryError | undefined)[], at = guard): Promise<string[]> {
  const codes: string[] = []
  for (const outcome of outcomes) {
    const call = async (): Promise<string> => {
      calls++
      if (outcome !== undefined) throw outcome
      return 'ok'
    }
    codes.push(await at.run(origin, call).catch((thrown: ChartferryError) => thrown.code))
  }
  return codes
}

beforeEach(() => {
  time = 0
  calls = 0
  guard = breaker({ pause: 1000, now: () => time })
})

describe('breaker', () => {
  it('leaves a server alone after three failures in a row, and no other server', async () => {
    expect(await run([down, down, down, down])).toEqual([...Array(3).fill('UPSTREAM_UNREACHABLE'), 'UPSTREAM_PAUSED'])
    expect(calls).toBe(3)
    expect(guard.paused()).toEqual([origin])
    expect(await guard.run('https://other.example.com', async () => 'ok')).toBe('ok')
  })

  it('counts in a row only', async () => {
    await run([down, down, undefined, down, down])
    expect(guard.paused()).toEqual([])
  })

  it.each(['CHART_NOT_FOUND', 'UPSTREAM_DENIED', 'DIGEST_MISMATCH'] as const)('is not moved by %s', async (code) => {
    await run(Array(5).fill(new ChartferryError(code, 'no')))
    expect(guard.paused()).toEqual([])
  })

  it('doubles the pause up to 32 times, and begins anew once the server works', async () => {
    await run([down, down, down])
    const pauses: number[] = []
    for (let round = 0; round < 8; round++) {
      const start = time
      while (guard.paused().length > 0) time += 500
      pauses.push(time - start)
      await run([down])
    }
    expect(pauses).toEqual([1000, 2000, 4000, 8000, 16_000, 32_000, 32_000, 32_000])
    time += 32_000
    expect(await run([undefined, down, down])).toEqual(['ok', 'UPSTREAM_UNREACHABLE', 'UPSTREAM_UNREACHABLE'])
    expect(guard.paused()).toEqual([])
  })

  it('lets one request try, while the others are refused', async () => {
    await run([down, down, down])
    time = 1000
    const gate = Promise.withResolvers<string>()
    const probe = guard.run(origin, () => gate.promise)
    expect(await run([undefined])).toEqual(['UPSTREAM_PAUSED'])
    gate.resolve('back')
    expect(await probe).toBe('back')
    expect(await run([undefined])).toEqual(['ok'])
  })

  it('leaves a server alone at once when it asks for that, for an hour at most', async () => {
    const asking = (retryAfter: number): ChartferryError =>
      new ChartferryError('UPSTREAM_UNREACHABLE', 'busy', { details: { reason: 'status 429', retryAfter } })
    await run([asking(60_000)])
    await expect(guard.run(origin, async () => 'ok')).rejects.toMatchObject({ details: { retryAfter: 60_000 } })
    time = 60_000
    await run([asking(1e9)])
    await expect(guard.run(origin, async () => 'ok')).rejects.toMatchObject({ details: { retryAfter: 3_600_000 } })
  })

  it('never leaves a server alone where the pause is 0', async () => {
    await run([...Array(9).fill(down), undefined], breaker({ pause: 0, now: () => time }))
    expect(calls).toBe(10)
  })
})

describe('one thing of a server', () => {
  const answers = (status: number, more: Readonly<Record<string, unknown>> = {}): Promise<never> =>
    Promise.reject(new ChartferryError('UPSTREAM_UNREACHABLE', 'no', { details: { status, ...more } }))

  it('that the server answers it cannot give is left alone, and the others are not', async () => {
    const kept = breaker({ pause: 1000, now: () => 0 })
    for (let times = 0; times < 3; times++)
      await kept.run('https://a', () => answers(503), 'https://a/bad.tgz').catch(() => {})
    await expect(kept.run('https://a', async () => 'good', 'https://a/bad.tgz')).rejects.toMatchObject({
      code: 'UPSTREAM_PAUSED',
    })
    expect(await kept.run('https://a', async () => 'good', 'https://a/good.tgz')).toBe('good')
    expect(await kept.run('https://a', async () => 'index')).toBe('index')
  })

  it.each([
    ['too many requests', () => answers(429)],
    ['a server that names a pause', () => answers(503, { retryAfter: 1000 })],
    ['a connection that fails', () => Promise.reject(new ChartferryError('UPSTREAM_UNREACHABLE', 'no'))],
  ])('counts against the server where it is %s', async (_, call) => {
    const kept = breaker({ pause: 1000, now: () => 0 })
    for (let times = 0; times < 3; times++) await kept.run('https://a', call, 'https://a/bad.tgz').catch(() => {})
    await expect(kept.run('https://a', async () => 'index')).rejects.toMatchObject({ code: 'UPSTREAM_PAUSED' })
  })
})
