import { openMemoryStore } from '@chartferry/core/transfer'
import { describe, expect, it } from 'vitest'
import { openDownloads } from '../../src/repository/downloads.ts'

const day = 86_400_000
const options = { store: openMemoryStore(), warn: () => {} }

describe('openDownloads', () => {
  it('adds up what all servers of a store have counted, by day, and forgets what is too old', async () => {
    let now = Date.UTC(2026, 4, 1, 23, 59)
    const store = openMemoryStore()
    const open = () => openDownloads({ ...options, store, now: () => now })
    const [one, other] = [open(), open()]
    for (const path of ['web-1.0.0.tgz', 'web-1.0.0.tgz', 'db-1.0.0.tgz']) one.note('shop', path)
    one.note('other', 'web-1.0.0.tgz')
    now += day
    one.note('shop', 'web-1.0.0.tgz')
    await one.close()
    other.note('shop', 'web-1.0.0.tgz')
    const counts = await other.of('shop')
    expect(Object.fromEntries(counts.get('web-1.0.0.tgz') ?? [])).toEqual({ '2026-05-01': 2, '2026-05-02': 2 })
    expect(Object.fromEntries(counts.get('db-1.0.0.tgz') ?? [])).toEqual({ '2026-05-01': 1 })
    await other.close()
    now += 91 * day
    const late = open()
    await late.close()
    expect((await open().of('shop')).size).toBe(0)
  })

  it('keeps counting while the store is away', async () => {
    const store = openMemoryStore()
    const warnings: string[] = []
    let isAway = true
    const broken = {
      ...store,
      put: (...given: Parameters<typeof store.put>) =>
        isAway ? Promise.reject(new Error('away')) : store.put(...given),
    }
    const downloads = openDownloads({ store: broken, now: () => 0, warn: (message) => void warnings.push(message) })
    downloads.note('shop', 'web-1.0.0.tgz')
    await downloads.close()
    expect(warnings).toEqual(['counts of downloads were not written'])
    isAway = false
    await downloads.close()
    expect(
      (await openDownloads({ ...options, store, now: () => 0 }).of('shop')).get('web-1.0.0.tgz')?.get('1970-01-01'),
    ).toBe(1)
  })
})
