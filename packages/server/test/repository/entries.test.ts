import type { ChartVersion } from '@chartferry/core/helm'
import { describe, expect, it } from 'vitest'
import { addEntries, type Entries, type NamedEntry, replaceEntries } from '../../src/repository/entries.ts'

let looks = 0
/** A version that counts how often somebody looks at it. */
function entry(version: string, digest?: string): ChartVersion {
  return {
    name: 'web',
    urls: [],
    fields: {},
    ...(digest === undefined ? {} : { digest: `sha256:${digest}` as const }),
    get version() {
      looks++
      return version
    },
  }
}
const entriesOf = (count: number, major: number): Entries =>
  new Map([['web', Array.from({ length: count }, (_, at) => entry(`${major}.${count - at}.0`))]])
const namedOf = (entries: Entries): NamedEntry[] =>
  [...entries].flatMap(([chart, versions]) => versions.map((one) => ({ chart, entry: one })))
const versionsOf = (entries: Entries): string[] => [...entries.values()].flat().map(({ version }) => version)

/** How many looks the work takes with so many versions. */
function looksOf(count: number, work: (count: number) => unknown): number {
  looks = 0
  work(count)
  return looks
}

describe('addEntries', () => {
  it('adds what is not there, newest first, and leaves the rest as it is', () => {
    const before = entriesOf(2, 1)
    expect(versionsOf(addEntries(before, namedOf(entriesOf(2, 2))))).toEqual(['2.2.0', '2.1.0', '1.2.0', '1.1.0'])
    expect(addEntries(before, namedOf(entriesOf(2, 1)))).toBe(before)
    expect(addEntries(before, namedOf(entriesOf(1, 1))).get('web')?.[1]).toBe(before.get('web')?.[1])
  })

  it('takes time in proportion to how many there are', () => {
    const add = (count: number): unknown => addEntries(entriesOf(count, 1), namedOf(entriesOf(count, 2)))
    expect(looksOf(2000, add) / looksOf(500, add)).toBeLessThan(5)
  })
})

describe('replaceEntries', () => {
  it('puts the given ones in the place of their versions, and adds none', () => {
    const given = [entry('1.2.0', 'a'), entry('9.0.0')].map((one) => ({ chart: 'web', entry: one }))
    const all = replaceEntries(entriesOf(2, 1), given)
    expect(versionsOf(all)).toEqual(['1.2.0', '1.1.0'])
    expect(all.get('web')?.[0]?.digest).toBe('sha256:a')
  })

  it('takes time in proportion to how many there are', () => {
    const replace = (count: number): unknown => replaceEntries(entriesOf(count, 1), namedOf(entriesOf(count, 1)))
    expect(looksOf(2000, replace) / looksOf(500, replace)).toBeLessThan(5)
  })
})
