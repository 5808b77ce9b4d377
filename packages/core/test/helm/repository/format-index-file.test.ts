import { load, YAML11_SCHEMA } from 'js-yaml'
import { describe, expect, it } from 'vitest'
import { formatIndexFile } from '../../../src/helm/repository/format-index-file.ts'
import { parseIndexFile } from '../../../src/helm/repository/parse-index-file.ts'

const awkward = '"quoted" \\ back \u2028 line \u0085 next \ufeff mark 😀 é: # - {}'
const index = parseIndexFile(
  JSON.stringify({
    apiVersion: 'v1',
    generated: '2026-01-02T03:04:05.678Z',
    annotations: { a: 'b' },
    serverInfo: { contextPath: '/x' },
    entries: {
      web: [
        {
          name: 'web',
          version: '1.0.0',
          digest: `sha256:${'a'.repeat(64)}`,
          urls: ['web-1.0.0.tgz'],
          created: '2026-01-02T03:04:05Z',
        },
        {
          name: 'web',
          version: '2.0.0',
          digest: 'short',
          annotations: { text: `two\nlines ${awkward}` },
          unknown: { kept: [1, true, null] },
        },
      ],
      yes: [{ name: 'yes', version: '1.0.0' }],
    },
  }),
)

describe('formatIndexFile', () => {
  it('writes JSON that holds everything', () => {
    const text = formatIndexFile(index, 'json')
    expect(parseIndexFile(text)).toEqual({ ...index, skipped: [] })
    expect(JSON.parse(text).entries.web[0]).toEqual({
      annotations: { text: `two\nlines ${awkward}` },
      apiVersion: 'v1',
      name: 'web',
      unknown: { kept: [1, true, null] },
      urls: [],
      version: '2.0.0',
    })
  })

  it('writes YAML that reads alike as 1.1 and 1.2, without fields that Helm refuses', () => {
    const text = formatIndexFile(index, 'yaml')
    const document = load(text)
    expect(load(text, { schema: YAML11_SCHEMA })).toEqual({ ...(document as object) })
    expect(document).toMatchObject({ apiVersion: 'v1', serverInfo: { contextPath: '/x' } })
    const versions = parseIndexFile(text).entries.get('web') ?? []
    expect(versions[0]?.fields).toEqual({
      apiVersion: 'v1',
      name: 'web',
      version: '2.0.0',
      annotations: { text: `two\nlines ${awkward}` },
    })
    expect(text).not.toContain('unknown')
  })

  it('writes bare digests, and none that is not SHA-256', () => {
    const digests = (JSON.parse(formatIndexFile(index, 'json')).entries.web as { digest?: string }[]).map(
      ({ digest }) => digest,
    )
    expect(digests).toEqual([undefined, 'a'.repeat(64)])
  })

  it.each(['json', 'yaml'] as const)('writes the same %s again after reading it', (form) => {
    const text = formatIndexFile(index, form)
    expect(formatIndexFile(parseIndexFile(text), form)).toBe(text)
  })

  it('writes an index without charts that can be read', () => {
    const empty = parseIndexFile('apiVersion: v1\nentries: {}\n')
    for (const form of ['json', 'yaml'] as const) expect(parseIndexFile(formatIndexFile(empty, form))).toEqual(empty)
  })
})
