import { gunzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  chartAside,
  chartVersions,
  compactChart,
  compactDigest,
  compactIndex,
  findByUrl,
  gzipPieces,
  plainPieces,
} from '../../../src/helm/repository/compact-index.ts'
import { addText, deflateText, inflateText, noText } from '../../../src/helm/repository/deflated-text.ts'
import { formatIndexFile, type IndexForm } from '../../../src/helm/repository/format-index-file.ts'
import type { IndexFile } from '../../../src/helm/repository/index-file.ts'
import { parseIndexFile } from '../../../src/helm/repository/parse-index-file.ts'
import { formatCompactIndex, parseCompactIndex } from '../../../src/helm/repository/store-compact-index.ts'

const file = parseIndexFile(
  JSON.stringify({
    apiVersion: 'v1',
    generated: '2026-01-01T00:00:00Z',
    entries: {
      web: [
        {
          name: 'web',
          version: '1.0.0',
          urls: ['web-1.0.0.tgz'],
          digest: 'ab'.repeat(32),
          description: 'a: "b" # ü\n',
        },
        { name: 'web', version: '2.0.0', urls: ['web-2.0.0.tgz'], created: '2026-01-01T00:00:00Z', novel: { a: [1] } },
      ],
      'it\u2028s': [{ name: 'api', version: '1.0.0', keywords: ['__proto__'] }],
    },
  }),
)

const compactOf = ({ entries, skipped, ...head }: IndexFile) => {
  expect(skipped).toEqual([])
  return compactIndex(
    head,
    [...entries].map(([name, versions]) => [name, compactChart(name, versions, { kept: name })] as const),
  )
}
const plainOf = (compact: ReturnType<typeof compactOf>, form: IndexForm): Buffer =>
  Buffer.concat(plainPieces(compact, form).map((piece) => (Buffer.isBuffer(piece) ? piece : piece.read())))

describe('a compact index', () => {
  it.each(['json', 'yaml'] as const)('says in %s what the index file says', (form) => {
    const text = plainOf(compactOf(file), form).toString()
    const expected = parseIndexFile(formatIndexFile(file, form))
    expect(parseIndexFile(text)).toEqual(expected)
    if (form === 'json') expect(JSON.parse(text)).toEqual(JSON.parse(formatIndexFile(file, form)))
  })

  it.each(['json', 'yaml'] as const)('is one gzip stream of the same text in %s', (form) => {
    const compact = compactOf(file)
    expect(gunzipSync(Buffer.concat(gzipPieces(compact, form))).equals(plainOf(compact, form))).toBe(true)
  })

  it('is an index without charts, too', () => {
    const compact = compactOf(parseIndexFile('apiVersion: v1\nentries: {}\n'))
    for (const form of ['json', 'yaml'] as const) {
      expect(parseIndexFile(plainOf(compact, form)).entries.size).toBe(0)
      expect(gunzipSync(Buffer.concat(gzipPieces(compact, form))).equals(plainOf(compact, form))).toBe(true)
    }
  })

  it('gives the versions of one chart, and what was kept beside it', () => {
    const chart = compactOf(file).charts.get('web')
    expect(chart && chartVersions(chart)).toEqual(file.entries.get('web'))
    expect(chart && chartAside(chart)).toEqual({ kept: 'web' })
  })

  it('finds a version by its first URL', () => {
    expect(findByUrl(compactOf(file), 'web-1.0.0.tgz')).toEqual({ chart: 'web', at: 1 })
    expect(findByUrl(compactOf(file), 'web-3.0.0.tgz')).toBeUndefined()
  })

  it('is the same after it was stored, and none of it is believed that is not whole', () => {
    const compact = compactOf(file)
    const bytes = formatCompactIndex(compact)
    const again = parseCompactIndex(bytes)
    expect(again && compactDigest(again, 'json')).toBe(compactDigest(compact, 'json'))
    expect(again && plainOf(again, 'yaml').equals(plainOf(compact, 'yaml'))).toBe(true)
    expect(again && findByUrl(again, 'web-2.0.0.tgz')).toEqual({ chart: 'web', at: 0 })
    for (const end of [0, 10, 60, bytes.length - 1]) expect(parseCompactIndex(bytes.subarray(0, end))).toBeUndefined()
    expect(parseCompactIndex(Buffer.concat([bytes, Buffer.from('x')]))).toBeUndefined()
  })

  it('has charts that are joined without being compressed again', () => {
    const { charts, head } = compactOf(file)
    const turned = compactIndex(head, [...charts].reverse())
    for (const [name, { json }] of charts) expect(turned.charts.get(name)?.json.bytes.equals(json.bytes)).toBe(true)
    expect(gunzipSync(Buffer.concat(gzipPieces(turned, 'json'))).equals(plainOf(turned, 'json'))).toBe(true)
  })
})

describe('deflated texts', () => {
  it('have the sum of the texts joined', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 300 }), { maxLength: 8 }), (texts) => {
        const sum = texts.map((text) => deflateText(text)).reduce(addText, noText)
        expect(sum).toEqual({ size: deflateText(texts.join('')).size, crc: deflateText(texts.join('')).crc })
      }),
    )
  })

  it('give no more than they say', () => {
    const text = deflateText('x'.repeat(1000))
    expect(inflateText(text).length).toBe(1000)
    expect(() => inflateText({ ...text, size: 10 })).toThrow()
  })
})
