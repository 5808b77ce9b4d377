import { ChartferryError } from '@chartferry/core'
import { type BlobStore, openMemoryStore } from '@chartferry/core/transfer'
import { describe, expect, it } from 'vitest'
import { probedStore } from '../../src/cache/store-probe.ts'

const place = 'the bucket charts at http://x'
const hint = 'Use another one.'
const warnings: string[] = []
const options = { place, hint, warn: (message: string) => void warnings.push(message) }

async function keysOf(store: BlobStore): Promise<string[]> {
  return Array.fromAsync(store.list(''))
}

describe('a store that is tried before it is used', () => {
  it('is used as it is when of several writers one wins, and nothing is left of the trial', async () => {
    const store = openMemoryStore()
    const probed = await probedStore(store, options)
    expect(await keysOf(store)).toEqual([])
    expect([await probed.create('a', Buffer.from('1')), await probed.create('a', Buffer.from('2'))]).toEqual([
      true,
      false,
    ])
  })

  it('is refused when it replaces what is there, with its name and what to do', async () => {
    const store = openMemoryStore()
    const lying: BlobStore = { ...store, create: async (key, body) => (await store.put(key, body)).size >= 0 }
    await expect(probedStore(lying, options)).rejects.toMatchObject({
      code: 'STORE_UNSUITABLE',
      message: expect.stringMatching(
        /^the bucket charts at http:\/\/x lets several writers create one object/,
      ) as string,
      hint,
    })
    expect(await keysOf(store)).toEqual([])
  })

  it('is refused when nobody ever wins, and when the service does not know the condition', async () => {
    const store = openMemoryStore()
    await expect(probedStore({ ...store, create: async () => false }, options)).rejects.toMatchObject({
      code: 'STORE_UNSUITABLE',
      message: expect.stringContaining('is there already') as string,
    })
    const create = async (): Promise<boolean> => {
      throw new ChartferryError('STORE_UNAVAILABLE', 'NotImplemented, status 501', { details: { status: 501 } })
    }
    await expect(probedStore({ ...store, create }, options)).rejects.toMatchObject({
      code: 'STORE_UNSUITABLE',
      message: expect.stringContaining('NotImplemented, status 501') as string,
    })
  })

  it('stops no start while it is away, and is tried before the first thing is created', async () => {
    const store = openMemoryStore()
    let isAway = true
    const create: BlobStore['create'] = async (key, body) => {
      if (isAway) throw new ChartferryError('STORE_UNAVAILABLE', 'the store does not answer')
      return (await store.put(key, body)).size >= 0
    }
    warnings.length = 0
    const probed = await probedStore({ ...store, create }, options)
    expect(warnings).toHaveLength(1)
    await expect(probed.create('a', Buffer.from('1'))).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
    isAway = false
    await expect(probed.create('a', Buffer.from('1'))).rejects.toMatchObject({ code: 'STORE_UNSUITABLE' })
    expect(await keysOf(store)).toEqual([])
  })

  it('is not waited for longer than the start may take', async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    const store = openMemoryStore()
    const create: BlobStore['create'] = async (key, body) => {
      await promise
      return store.create(key, body)
    }
    const probed = await probedStore({ ...store, create }, { ...options, within: 1 })
    const created = probed.create('a', Buffer.from('1'))
    resolve()
    expect(await created).toBe(true)
  })
})
