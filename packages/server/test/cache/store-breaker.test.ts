import { isChartferryError } from '@chartferry/core'
import { type BlobStore, openMemoryStore } from '@chartferry/core/transfer'
import { describe, expect, it } from 'vitest'
import { storeBreaker } from '../../src/cache/store-breaker.ts'

const outcomeOf = (run: Promise<unknown>): Promise<unknown> => run.catch((thrown: unknown) => thrown)

interface Opened {
  readonly store: BlobStore
  readonly asked: () => number
  readonly told: string[]
  isSilent: boolean
  time: number
}

function open(): Opened {
  const inside = openMemoryStore()
  let asked = 0
  const told: string[] = []
  const opened: Opened = {
    isSilent: false,
    time: 0,
    told,
    asked: () => asked,
    store: storeBreaker(
      {
        ...inside,
        stat: (key) => {
          asked++
          return opened.isSilent ? new Promise(() => {}) : inside.stat(key)
        },
      },
      { within: 20, rest: 1000, now: () => opened.time, warn: (message) => told.push(message) },
    ),
  }
  return opened
}

describe('storeBreaker', () => {
  it('lets one call a while through to a store that does not answer', async () => {
    const opened = open()
    opened.isSilent = true
    expect(isChartferryError(await outcomeOf(opened.store.stat('a')), 'STORE_UNAVAILABLE')).toBe(true)
    for (let at = 0; at < 5; at++)
      expect(await outcomeOf(opened.store.get('a'))).toMatchObject({
        code: 'STORE_UNAVAILABLE',
        details: { retryAfter: 1000 },
      })
    expect(opened.asked()).toBe(1)
    opened.time += 1001
    const tries = [opened.store.stat('a'), opened.store.stat('a'), opened.store.stat('a')].map(outcomeOf)
    await Promise.all(tries)
    expect(opened.asked()).toBe(2)
    opened.isSilent = false
    opened.time += 1001
    expect(await opened.store.stat('a')).toBeUndefined()
    expect(await opened.store.stat('a')).toBeUndefined()
    expect(opened.told).toEqual(['the store does not answer, and is left alone for a while', 'the store is back'])
  })

  it('counts a refusal as an answer', async () => {
    const opened = open()
    const thrown = await outcomeOf(opened.store.put('../a', Buffer.from('x')))
    expect(isChartferryError(thrown, 'PATH_UNSAFE')).toBe(true)
    expect(await opened.store.stat('a')).toBeUndefined()
  })
})
