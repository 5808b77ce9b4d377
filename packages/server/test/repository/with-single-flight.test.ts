import { isChartferryError } from '@chartferry/core'
import { describe, expect, it } from 'vitest'
import type { AskOptions, ChartRepository, IndexAnswer } from '../../src/repository/chart-repository.ts'
import { indexSnapshot } from '../../src/repository/index-snapshot.ts'
import { singleFlight } from '../../src/repository/single-flight.ts'
import { withSingleFlight } from '../../src/repository/with-single-flight.ts'

function gatedProxy(): {
  proxy: ChartRepository
  calls: (AskOptions | undefined)[]
  open: () => void
  fail: (thrown: Error) => void
} {
  const gate = Promise.withResolvers<IndexAnswer>()
  const calls: (AskOptions | undefined)[] = []
  const unused = async (): Promise<never> => {
    throw new Error('not asked for in this test')
  }
  const index = async (_repository: string, options?: AskOptions): Promise<IndexAnswer> => {
    calls.push(options)
    return gate.promise
  }
  return {
    proxy: withSingleFlight(singleFlight())({
      index,
      archive: unused,
      provenance: unused,
      changes: async () => [],
      status: unused,
    }),
    calls,
    open: () => gate.resolve({ snapshot: indexSnapshot({ apiVersion: 'v1', entries: new Map(), skipped: [] }, 0) }),
    fail: (thrown) => gate.reject(thrown),
  }
}

describe('withSingleFlight', () => {
  it('asks once for many who ask at the same time, and again afterwards', async () => {
    const { proxy, calls, open } = gatedProxy()
    const waiting = Array.from({ length: 200 }, () => proxy.index('a'))
    open()
    const answers = await Promise.all(waiting)
    expect(new Set(answers).size).toBe(1)
    expect(calls).toHaveLength(1)
    await proxy.index('a')
    expect(calls).toHaveLength(2)
  })

  it('keeps different repositories apart', async () => {
    const { proxy, calls, open } = gatedProxy()
    open()
    await Promise.all([proxy.index('a'), proxy.index('b')])
    expect(calls).toHaveLength(2)
  })

  it('gives everybody the failure', async () => {
    const { proxy, fail } = gatedProxy()
    const waiting = [proxy.index('a'), proxy.index('a')]
    fail(new Error('down'))
    for (const answer of await Promise.allSettled(waiting))
      expect(answer).toMatchObject({ status: 'rejected', reason: { message: 'down' } })
  })

  it('lets one caller leave without stopping the work', async () => {
    const { proxy, calls, open } = gatedProxy()
    const leaving = new AbortController()
    const left = proxy.index('a', { signal: leaving.signal })
    const stayed = proxy.index('a')
    leaving.abort()
    await expect(left).rejects.toSatisfy((thrown) => isChartferryError(thrown, 'CANCELLED'))
    open()
    expect((await stayed).snapshot.versions).toBe(0)
    expect(calls).toEqual([{ via: undefined, anyAge: false }])
  })
})
