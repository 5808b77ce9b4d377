import { digestOf } from '@chartferry/core'
import { openMemoryStore } from '@chartferry/core/transfer'
import { describe, expect, it } from 'vitest'
import { archiveCache } from '../../src/cache/archive-cache.ts'
import { changeLedger } from '../../src/pull-through/change-ledger.ts'
import { seenBytes } from '../../src/pull-through/seen-bytes.ts'
import { storeArchive } from '../../src/pull-through/store-archive.ts'
import type { WhenChanged } from '../../src/repository/version-change.ts'

const version = { name: 'web', version: '1.0.0', urls: ['web-1.0.0.tgz'], fields: {} }
const place = { repository: 'up', path: 'url-000000000000/web-1.0.0.tgz', version }
const [first, second] = [Buffer.from('first'), Buffer.from('second')]

function open(whenChanged: WhenChanged) {
  const store = openMemoryStore()
  const now = (): number => Date.UTC(2026, 0, 1)
  const warnings: string[] = []
  const ledger = changeLedger(store)
  const options = {
    repositories: new Map([['up', { whenChanged }]]),
    archives: archiveCache(store, { memory: 0, now }),
    ledger,
    seen: seenBytes(store),
    now,
    warn: (message: string) => void warnings.push(message),
  }
  return { options, ledger, warnings }
}

describe('storeArchive', () => {
  it('notes that a version whose entry has no digest comes with other bytes than before', async () => {
    const { options, ledger, warnings } = open('accept')
    await storeArchive(options, place, first)
    await storeArchive(options, place, first)
    expect(await ledger.changes('up')).toEqual([])
    expect((await storeArchive(options, place, second)).digest).toBe(digestOf(second))
    await storeArchive(options, place, second)
    expect(await ledger.changes('up')).toMatchObject([
      { chart: 'web', version: '1.0.0', before: digestOf(first), after: digestOf(second), outcome: 'accepted' },
    ])
    expect(warnings).toHaveLength(1)
  })

  it('refuses them where the repository says so, and notes that, too', async () => {
    const { options, ledger } = open('refuse')
    await storeArchive(options, place, first)
    await expect(storeArchive(options, place, second)).rejects.toMatchObject({ code: 'DIGEST_MISMATCH' })
    expect(await ledger.changes('up')).toMatchObject([{ before: digestOf(first), after: null, outcome: 'refused' }])
    expect((await storeArchive(options, place, first)).digest).toBe(digestOf(first))
  })
})
