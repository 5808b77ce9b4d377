import { Readable } from 'node:stream'
import { gunzipSync } from 'node:zlib'
import { digestOf } from '@chartferry/core'
import { formatIndexFile, parseIndexFile } from '@chartferry/core/helm'
import { describe, expect, it } from 'vitest'
import { entryText } from '../../src/hosted/entry-text.ts'
import { type HostedIndex, hostedIndex } from '../../src/hosted/hosted-index.ts'
import { applyChange, emptyState, type RepositoryState } from '../../src/hosted/repository-state.ts'
import { bytesOf, type IndexText, openText } from '../../src/repository/index-snapshot.ts'

const words = 'As long as the descriptions of charts are, and in two scripts: Grüße. '

function push(state: RepositoryState, name: string, version: string): void {
  const digest = digestOf(`${name} ${version}`)
  const fields = { apiVersion: 'v2', name, version, description: words.repeat(8) }
  const entry = entryText({ name, version, urls: [], digest, created: '2026-11-21T10:00:00Z', fields })
  applyChange(state, { put: { name, version, digest, size: 1, created: '2026-11-21T10:00:00Z', entry } })
  state.number += 1
  state.revision = digestOf(`${state.revision} ${name} ${version}`)
}

function filled(charts: number, versions: number): RepositoryState {
  const state = emptyState()
  for (let at = 0; at < charts; at++) for (let of = 0; of < versions; of++) push(state, `chart-${at}`, `1.${of}.0`)
  return state
}

const wholeOf = ({ pieces }: IndexText): Buffer => Buffer.concat(pieces.map(bytesOf))
const textOf = async (index: HostedIndex, form: 'json' | 'yaml' = 'yaml'): Promise<string> =>
  wholeOf(await index.text(form, false)).toString()

describe('hostedIndex', () => {
  it('gives the same entries in every form, whatever their number', async () => {
    for (const state of [filled(0, 0), filled(1, 1), filled(3, 2), filled(40, 200)]) {
      const index = hostedIndex(state)
      const expected = JSON.parse(formatIndexFile(index.index, 'json')).entries
      expect(JSON.parse(await textOf(index, 'json')).entries).toEqual(expected)
      expect(JSON.parse(formatIndexFile(parseIndexFile(await textOf(index)), 'json')).entries).toEqual(expected)
      expect(JSON.parse(wholeOf(await index.charts(false)).toString())).toEqual(expected)
      const compressed = await index.text('yaml', true)
      expect(gunzipSync(wholeOf(compressed)).toString()).toBe(await textOf(index))
      expect(compressed.etag).not.toBe((await index.text('yaml', false)).etag)
    }
  })

  it('holds a large index in pieces of whole charts, and a push makes one of them new', async () => {
    const state = filled(40, 200)
    const before = hostedIndex(state)
    const old = await before.text('json', false)
    const text = wholeOf(old).toString()
    expect(old.pieces.length).toBeGreaterThan(8)
    push(state, 'chart-20', '2.0.0')
    const after = hostedIndex(state, {}, before)
    const now = await after.text('json', false)
    expect(JSON.parse(wholeOf(now).toString()).entries['chart-20'][0].version).toBe('2.0.0')
    const known = new Set(before.blocks)
    expect(after.blocks.filter((block) => !known.has(block))).toHaveLength(1)
    expect(now.etag).not.toBe(old.etag)
    // Who still sends the old one sends the old one.
    expect(wholeOf(old).toString()).toBe(text)
  })

  it('reads a chart as a model once, and again when its block is new', () => {
    const state = filled(40, 200)
    const before = hostedIndex(state)
    expect(before.index.entries.get('chart-1')).toHaveLength(200)
    push(state, 'chart-39', '2.0.0')
    const after = hostedIndex(state, {}, before)
    expect(after.index.entries.get('chart-1')).toBe(before.index.entries.get('chart-1'))
    expect(after.index.entries.get('chart-39')).toHaveLength(201)
    expect(after.chartModel('chart-39')).toBe(after.index.entries.get('chart-39'))
    expect(after.index.entries.get('none')).toBeUndefined()
  })

  it.each([
    ['before all others', 'a'],
    ['behind all others', 'z'],
    ['between', 'chart-25-b'],
  ])('takes a new chart %s', async (_title, name) => {
    const state = filled(40, 100)
    const before = hostedIndex(state)
    push(state, name, '1.0.0')
    const after = hostedIndex(state, {}, before)
    expect(await textOf(after)).toBe(await textOf(hostedIndex(state)))
    expect(JSON.parse(String(after.chart(name)))).toMatchObject([{ name, version: '1.0.0' }])
  })

  it('is the same as one made anew after many pushes and deletions', async () => {
    const state = emptyState()
    let index = hostedIndex(state)
    for (let at = 0; at < 60; at++) {
      for (let of = 0; of < 60; of++) push(state, `chart-${(at * 37) % 101}`, `${of}.${at}.0`)
      if (at % 3 === 0) applyChange(state, { remove: `chart-${(at * 37) % 101}-0.${at}.0.tgz` })
      index = hostedIndex(state, {}, index)
    }
    for (const file of [...state.files.keys()].filter((name) => name.startsWith('chart-1')))
      applyChange(state, { remove: file })
    index = hostedIndex(state, {}, index)
    expect(await textOf(index)).toBe(await textOf(hostedIndex(state)))
    for (const file of state.files.keys()) applyChange(state, { remove: file })
    index = hostedIndex(state, {}, index)
    expect(JSON.parse(await textOf(index, 'json')).entries).toEqual({})
  })

  it('writes URLs that begin with the address it is given, and leaves the entries as they were', async () => {
    const state = filled(2, 2)
    const based = hostedIndex(state, { base: 'https://charts.test/"x"' })
    expect(parseIndexFile(await textOf(based)).entries.get('chart-1')?.[0]?.urls).toEqual([
      'https://charts.test/"x"/charts/chart-1-1.1.0.tgz',
    ])
    expect(parseIndexFile(await textOf(hostedIndex(state))).entries.get('chart-1')?.[0]?.urls).toEqual([
      'charts/chart-1-1.1.0.tgz',
    ])
  })

  it('gives a part of the charts', async () => {
    const index = hostedIndex(filled(5, 1))
    const part = async (offset: number, limit: number): Promise<string[]> =>
      Object.keys(JSON.parse(wholeOf(await index.charts(false, { offset, limit })).toString()))
    expect(await part(1, 2)).toEqual(['chart-1', 'chart-2'])
    expect(await part(3, Number.POSITIVE_INFINITY)).toEqual(['chart-3', 'chart-4'])
    expect(await part(9, 1)).toEqual([])
  })
})

describe('openText', () => {
  const text = { pieces: ['abc', 'd', 'efg'].map((piece) => Buffer.from(piece)), size: 7, etag: '"x"' }
  const read = async (range?: { start: number; end: number }): Promise<string> => {
    const body = openText(text, range)
    return (body instanceof Readable ? Buffer.concat(await body.toArray()) : body).toString()
  }

  it('gives all pieces, or the bytes of a range over any of them', async () => {
    expect(await read()).toBe('abcdefg')
    for (let start = 0; start < 7; start++)
      for (let end = start; end < 7; end++) expect(await read({ start, end })).toBe('abcdefg'.slice(start, end + 1))
  })
})
