import type { ChartVersion } from '@chartferry/core/helm'
import { openMemoryStore } from '@chartferry/core/transfer'
import { describe, expect, it } from 'vitest'
import { type ChangedEntry, changeLedger } from '../../src/pull-through/change-ledger.ts'

const digestOf = (letter: string): `sha256:${string}` => `sha256:${letter.repeat(64)}`
const entry = (version: string, letter?: string): ChartVersion => ({
  name: 'web',
  version,
  urls: [],
  fields: {},
  ...(letter === undefined ? {} : { digest: digestOf(letter) }),
})
const changed = (version: string, before: string | undefined, after: string): ChangedEntry => ({
  chart: 'web',
  entry: entry(version, before),
  after: entry(version, after),
})

describe('changeLedger', () => {
  it('writes one record for all that a refresh changed, and tells each change once', async () => {
    const store = openMemoryStore()
    const ledger = changeLedger(store)
    const many = Array.from({ length: 500 }, (_, at) => changed(`1.0.${at}`, 'a', 'b'))
    expect(await ledger.record('up', many, 'refuse', 0)).toHaveLength(500)
    expect(await ledger.record('up', many, 'refuse', 1000)).toEqual([])
    expect(await ledger.record('up', [...many, changed('2.0.0', 'a', 'b')], 'refuse', 2000)).toHaveLength(1)
    expect(await Array.fromAsync(store.list('proxy/up/changes/'))).toHaveLength(2)
    const changes = await ledger.changes('up')
    expect(changes).toHaveLength(501)
    expect(changes[0]).toEqual({
      chart: 'web',
      version: '2.0.0',
      before: digestOf('a'),
      after: digestOf('b'),
      seenAt: '1970-01-01T00:00:02.000Z',
      outcome: 'refused',
    })
    expect(await ledger.refused('up')).toHaveLength(501)
  })

  it('reads what earlier versions wrote, a record for each change, and notes nothing without a digest', async () => {
    const store = openMemoryStore()
    const old = {
      chart: 'web',
      version: '1.0.0',
      before: digestOf('a'),
      after: null,
      seenAt: 'then',
      outcome: 'refused',
    }
    await store.put('proxy/up/changes/old.json', Buffer.from(JSON.stringify({ ...old, entry: entry('1.0.0', 'a') })))
    const ledger = changeLedger(store)
    expect(await ledger.changes('up')).toEqual([old])
    expect(await ledger.record('up', [changed('3.0.0', undefined, 'b')], 'accept', 0)).toEqual([])
  })
})
