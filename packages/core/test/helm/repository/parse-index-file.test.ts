import { describe, expect, it } from 'vitest'
import { type ErrorCode, isChartferryError } from '../../../src/errors.ts'
import { parseIndexFile } from '../../../src/helm/repository/parse-index-file.ts'
import { defaultLimits } from '../../../src/limits.ts'

const head = 'apiVersion: v1\nentries:\n'
const entry = (fields: string): string =>
  `${head}  web:\n  - ${fields.replaceAll('\n', '\n    ')}\n  - {name: web, version: 1.0.0}\n`

function codeOf(run: () => unknown): ErrorCode | undefined {
  try {
    run()
  } catch (thrown) {
    return isChartferryError(thrown) ? thrown.code : undefined
  }
  return undefined
}

describe('parseIndexFile', () => {
  it('reads YAML and JSON alike', () => {
    const yaml = `${head}  web:\n  - name: web\n    version: 1.0.0\n    urls: [web-1.0.0.tgz]\n    digest: ${'a'.repeat(64)}\n`
    const json = JSON.stringify({
      apiVersion: 'v1',
      entries: {
        web: [{ name: 'web', version: '1.0.0', urls: ['web-1.0.0.tgz'], digest: `sha256:${'A'.repeat(64)}` }],
      },
    })
    for (const text of [yaml, json, Buffer.from(json), `\ufeff${yaml}`]) {
      const index = parseIndexFile(text)
      const [version] = index.entries.get('web') ?? []
      expect(version).toMatchObject({
        name: 'web',
        version: '1.0.0',
        urls: ['web-1.0.0.tgz'],
        digest: `sha256:${'a'.repeat(64)}`,
      })
      expect(index.skipped).toEqual([])
    }
  })

  it('sorts versions newest first', () => {
    const versions = ['1.2.0', 'v1.10.0', '1.10.0-rc.1', '1.9', '2.0.0+a'].map(
      (version) => `  - {name: web, version: "${version}"}\n`,
    )
    const index = parseIndexFile(`${head}  web:\n${versions.join('')}`)
    expect(index.entries.get('web')?.map(({ version }) => version)).toEqual([
      '2.0.0+a',
      'v1.10.0',
      '1.10.0-rc.1',
      '1.9',
      '1.2.0',
    ])
  })

  it('takes numbers for the text that Helm makes of them', () => {
    const yaml = `${head}  web:\n  - name: web\n    version: 1.10\n    appVersion: 2026\n`
    const json = '{"apiVersion":"v1","entries":{"web":[{"name":"web","version":1.10,"appVersion":2026}]}}'
    for (const text of [yaml, json]) {
      const [version] = parseIndexFile(text).entries.get('web') ?? []
      expect(version?.version).toBe('1.1')
      expect(version?.fields).toMatchObject({ apiVersion: 'v1', appVersion: '2026' })
    }
  })

  it('keeps what Helm does not know, and drops control characters that a terminal would obey', () => {
    const [version] =
      parseIndexFile(
        `${head}  web:\n  - name: web\n    version: 1.0.0\n    acrMetadata: {parts: [true, null]}\n    description: "a\\e[2Jb\\tc"\n`,
      ).entries.get('web') ?? []
    expect(version?.fields).toMatchObject({ acrMetadata: { parts: [true, null] }, description: 'a[2Jb c' })
  })

  it('takes the words of YAML 1.1 for true', () => {
    const [version] =
      parseIndexFile(`${head}  web:\n  - {name: web, version: 1.0.0, deprecated: yes}\n`).entries.get('web') ?? []
    expect(version?.fields.deprecated).toBe(true)
  })

  it('follows anchors and merge keys', () => {
    const index = parseIndexFile(
      `${head}  web:\n  - &a {name: web, version: 1.0.0, home: "https://h"}\n  - {<<: *a, version: 2.0.0}\n`,
    )
    expect(index.entries.get('web')?.map(({ version, fields }) => [version, fields.home])).toEqual([
      ['2.0.0', 'https://h'],
      ['1.0.0', 'https://h'],
    ])
  })

  it.each([
    ['an empty entry', '~', 'the entry is empty'],
    ['a text', 'text', 'the entry is not a mapping'],
    ['no name', 'version: 2.0.0', 'the name is missing'],
    ['a name with a slash', 'name: ../web\nversion: 2.0.0', 'the name "../web" is not allowed'],
    ['a name of two dots', 'name: ..\nversion: 2.0.0', 'the name ".." is not allowed'],
    ['a name with a backslash', 'name: a\\b\nversion: 2.0.0', 'the name "a\\b" is not allowed'],
    ['no version', 'name: web', 'the version is missing'],
    ['a version that is not semantic', 'name: web\nversion: latest', 'the version "latest" is not a semantic version'],
    [
      'an unknown type',
      'name: web\nversion: 2.0.0\ntype: plugin',
      'the type "plugin" is neither application nor library',
    ],
    ['keywords that are no list', 'name: web\nversion: 2.0.0\nkeywords: a', 'keywords is not a list'],
    ['URLs that are mappings', 'name: web\nversion: 2.0.0\nurls: [{a: b}]', 'urls[0] is not text'],
    ['a bad time', 'name: web\nversion: 2.0.0\ncreated: yesterday', 'created is not a time in the form of RFC 3339'],
    ['an empty maintainer', 'name: web\nversion: 2.0.0\nmaintainers: [~]', 'maintainers[0] is not a mapping'],
    [
      'a bad alias',
      'name: web\nversion: 2.0.0\ndependencies: [{name: a, alias: "b/c"}]',
      'the dependency "a" has an alias that is not allowed',
    ],
    [
      'a version twice',
      'name: web\nversion: 2.0.0\n- name: web\n  version: 2.0.0',
      'the version appears twice; the one that Helm takes counts',
    ],
  ])('skips and reports %s and keeps the rest', (_title, fields, reason) => {
    const text = fields.includes('\n- ')
      ? `${head}  web:\n  - {name: web, version: 1.0.0}\n  - {name: web, version: 1.0.0}\n`
      : entry(fields)
    const index = parseIndexFile(text)
    expect(index.skipped.map((skip) => skip.reason)).toEqual([reason])
    expect(index.entries.get('web')?.map(({ version }) => version)).toEqual(['1.0.0'])
  })

  it('skips charts whose key leaves its folder', () => {
    const index = parseIndexFile(
      `${head}  ../up: [{name: up, version: 1.0.0}]\n  web: [{name: web, version: 1.0.0}]\n  other: text\n`,
    )
    expect([...index.entries.keys()]).toEqual(['web'])
    expect(index.skipped.map(({ chart }) => chart)).toEqual(['../up', 'other'])
  })

  it('gives a chart named __proto__ no power', () => {
    for (const text of [
      `${head}  __proto__: [{name: __proto__, version: 1.0.0, __proto__: {polluted: true}}]\n`,
      '{"apiVersion":"v1","entries":{"__proto__":[{"name":"x","version":"1.0.0","__proto__":{"polluted":true}}]}}',
    ]) {
      const index = parseIndexFile(text)
      expect([...index.entries.keys()]).toEqual(['__proto__'])
      expect('polluted' in {}).toBe(false)
      expect(index.entries.get('__proto__')?.[0]?.fields.polluted).toBeUndefined()
    }
  })

  it.each([
    ['nothing', '', 'INDEX_INVALID'],
    ['blanks', ' \n ', 'INDEX_INVALID'],
    ['a page of HTML', '<!DOCTYPE html><html></html>', 'INDEX_INVALID'],
    ['an empty mapping', '{}', 'INDEX_INVALID'],
    ['a list', '- a', 'INDEX_INVALID'],
    ['no apiVersion', 'entries: {}', 'INDEX_INVALID'],
    ['entries that are a list', 'apiVersion: v1\nentries: []', 'INDEX_INVALID'],
    ['YAML that breaks off', 'apiVersion: v1\nentries:\n  "a', 'INDEX_INVALID'],
    ['a key twice', 'apiVersion: v1\napiVersion: v1\n', 'INDEX_INVALID'],
    ['an unknown tag', 'apiVersion: v1\nentries: !!js/function [x]', 'INDEX_INVALID'],
    ['deep nesting', `apiVersion: v1\nentries: ${'['.repeat(5000)}`, 'INDEX_INVALID'],
  ])('refuses %s', (_title, text, code) => {
    expect(codeOf(() => parseIndexFile(text))).toBe(code)
  })

  it('refuses an alias bomb before it is unfolded', () => {
    const levels = Array.from(
      { length: 30 },
      (_, level) =>
        `x${level}: &x${level} [${Array<string>(9)
          .fill(level === 0 ? 'lol' : `*x${level - 1}`)
          .join()}]`,
    )
    const bomb = `${levels.join('\n')}\napiVersion: v1\nentries:\n  web:\n  - {name: web, version: 1.0.0, bomb: *x29}\n`
    expect(codeOf(() => parseIndexFile(bomb))).toBe('YAML_TOO_COMPLEX')
  })

  it('refuses more aliases than the limit', () => {
    const text = `apiVersion: &a v1\nentries: {}\nx: [${Array<string>(20).fill('*a').join()}]`
    expect(codeOf(() => parseIndexFile(text, { limits: { ...defaultLimits, yamlAliases: 10 } }))).toBe(
      'YAML_TOO_COMPLEX',
    )
  })

  it('refuses more bytes and more versions than the limits', () => {
    const text = `${head}  web: [{name: web, version: 1.0.0}, {name: web, version: 2.0.0}]`
    expect(codeOf(() => parseIndexFile(text, { limits: { ...defaultLimits, indexBytes: 20 } }))).toBe('INDEX_TOO_LARGE')
    expect(codeOf(() => parseIndexFile(text, { limits: { ...defaultLimits, indexVersions: 1 } }))).toBe(
      'INDEX_TOO_LARGE',
    )
  })

  it('reads an index of 200,000 versions', () => {
    const versions = Array.from({ length: 200_000 }, (_, patch) => `{"name":"web","version":"1.0.${patch}"}`)
    const index = parseIndexFile(`{"apiVersion":"v1","entries":{"web":[${versions.join()}]}}`)
    expect(index.entries.get('web')).toHaveLength(200_000)
    expect(index.entries.get('web')?.[0]?.version).toBe('1.0.199999')
  })
})
