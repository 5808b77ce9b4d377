import fc from 'fast-check'
import { load, YAML11_SCHEMA } from 'js-yaml'
import { describe, expect, it } from 'vitest'
import { isChartferryError } from '../../../src/errors.ts'
import { formatIndexFile } from '../../../src/helm/repository/format-index-file.ts'
import type { IndexFile } from '../../../src/helm/repository/index-file.ts'
import { parseIndexFile } from '../../../src/helm/repository/parse-index-file.ts'

const text = fc.string({ unit: 'binary', maxLength: 20 })
const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,8}$/)
const version = fc
  .tuple(fc.nat(3), fc.nat(30), fc.nat(3), fc.constantFrom('', '-rc.1', '-alpha', '+b', '-0+x'))
  .map(([major, minor, patch, rest]) => `${major}.${minor}.${patch}${rest}`)
const entry = fc.record(
  {
    name,
    version,
    description: text,
    keywords: fc.array(text, { maxLength: 3 }),
    annotations: fc.dictionary(text, text, { maxKeys: 3 }),
    deprecated: fc.boolean(),
    dependencies: fc.array(fc.record({ name: text, version: text, tags: fc.array(text, { maxLength: 2 }) }), {
      maxLength: 2,
    }),
    urls: fc.array(text, { maxLength: 2 }),
    digest: fc.constantFrom('a'.repeat(64), `sha256:${'B'.repeat(64)}`, 'none'),
    created: fc.constantFrom('2026-01-01T00:00:00Z', '2026-01-01T00:00:00.123456789+02:00'),
    unknown: fc.jsonValue({ maxDepth: 3 }),
  },
  { requiredKeys: ['name', 'version'] },
)
const document = fc.record({
  apiVersion: fc.constant('v1'),
  annotations: fc.dictionary(text, text, { maxKeys: 2 }),
  entries: fc.dictionary(name, fc.array(entry, { maxLength: 4 }), { maxKeys: 4 }),
})

const withoutSkipped = (index: IndexFile): object => ({ ...index, skipped: [] })

describe('index files', () => {
  it('are the same after writing and reading', () => {
    fc.assert(
      fc.property(document, (made) => {
        const index = parseIndexFile(JSON.stringify(made))
        expect(withoutSkipped(parseIndexFile(formatIndexFile(index, 'json')))).toEqual(withoutSkipped(index))
      }),
    )
  })

  it('read alike from the YAML that is written, as version 1.1 and as 1.2', () => {
    fc.assert(
      fc.property(document, (made) => {
        const known = JSON.stringify(made, (key, value: unknown) => (key === 'unknown' ? undefined : value))
        const index = parseIndexFile(known)
        const yaml = formatIndexFile(index, 'yaml')
        expect(withoutSkipped(parseIndexFile(yaml))).toEqual(withoutSkipped(index))
        expect(JSON.stringify(load(yaml, { schema: YAML11_SCHEMA }))).toBe(JSON.stringify(load(yaml)))
        expect(formatIndexFile(parseIndexFile(yaml), 'yaml')).toBe(yaml)
      }),
    )
  })

  it('that are anything at all give an index or one of our errors', () => {
    const anything = fc.oneof(
      text,
      fc.json(),
      fc.jsonValue().map((entries) => JSON.stringify({ apiVersion: 'v1', entries })),
      fc.jsonValue().map((web) => JSON.stringify({ apiVersion: 'v1', entries: { web } })),
      fc
        .jsonValue()
        .map((one) => JSON.stringify({ apiVersion: 'v1', entries: { web: [one, { name: 'web', version: '1.0.0' }] } })),
      fc
        .tuple(
          fc.constantFrom('name', 'urls', 'annotations', 'dependencies', 'maintainers', 'created', '__proto__'),
          fc.jsonValue(),
        )
        .map(
          ([key, value]) =>
            `{"apiVersion":"v1","entries":{"web":[{"name":"web","version":"1.0.0",${JSON.stringify(key)}:${JSON.stringify(value)}}]}}`,
        ),
    )
    fc.assert(
      fc.property(anything, (written) => {
        try {
          const index = parseIndexFile(written)
          for (const form of ['json', 'yaml'] as const) parseIndexFile(formatIndexFile(index, form))
        } catch (thrown) {
          expect(isChartferryError(thrown)).toBe(true)
        }
      }),
      { numRuns: 500 },
    )
  })
})
