import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { isChartferryError } from '../../../src/errors.ts'
import { parseIndexFile } from '../../../src/helm/repository/parse-index-file.ts'
import { jsonEntries, splitEntries } from '../../../src/helm/repository/split-entries.ts'

const padding = `# ${'x'.repeat(300_000)}\n`
const chart = (name: string, rest = ''): string =>
  `  ${name}:\n  - apiVersion: v2\n    name: ${name}\n    version: 1.0.0\n${rest}`

/** A comment behind the key keeps a text from being cut. */
const uncut = (text: string): string => text.replace(/^entries:/m, 'entries: # all')
const outcome = (text: string): unknown => {
  try {
    return parseIndexFile(text)
  } catch (thrown) {
    return isChartferryError(thrown)
      ? [thrown.code, thrown.message.split('\n')[0]?.replace(/ \(\d+:\d+\)$/, '')]
      : thrown
  }
}

describe('splitEntries', () => {
  it('cuts between charts, and leaves the document around them', () => {
    const text = `apiVersion: v1\nentries:\n${chart('a')}${chart('"b"')}generated: "2026"\n`
    const { rest = '', charts = [] } = splitEntries(text, 0) ?? {}
    expect(rest).toBe('apiVersion: v1\nentries:\ngenerated: "2026"\n')
    expect([...charts]).toEqual([chart('a'), chart('"b"')])
  })

  it.each([
    'apiVersion: v1\nentries: {}\n',
    'apiVersion: v1\nentries:\n    a: []\n',
    'apiVersion: v1\n',
    '{"apiVersion":"v1","entries":{}}',
  ])('leaves %j alone', (text) => expect(splitEntries(text, 0)).toBeUndefined())

  it('leaves small texts alone', () => {
    expect(splitEntries(`apiVersion: v1\nentries:\n${chart('a')}`)).toBeUndefined()
  })
})

describe('jsonEntries', () => {
  const list = (name: string): string =>
    `"${name}": [{"name":"${name}","version":"1.0.0","urls":["${name}.tgz"]},\n    {"name":"${name}","version":"2.0.0","urls":[]}]`

  it('takes the entries out, and leaves the document around them', () => {
    const text = `apiVersion: v1\nentries: {\n  ${list('a')},\n  ${list('b')}\n  }\ngenerated: "2026"\n`
    const { rest, entries } = jsonEntries(text) ?? {}
    expect(rest).toBe('apiVersion: v1\nentries: \ngenerated: "2026"\n')
    expect(Object.keys(entries ?? {})).toEqual(['a', 'b'])
    expect(parseIndexFile(text)).toEqual(parseIndexFile(text.replace('entries: {', 'entries:  {')))
  })

  it.each([
    ['without entries', 'entries: {}\n'],
    ['of YAML', 'entries: {\n  "a": [{name: a}]\n  }\n'],
    ['without an end', `entries: {\n  ${list('a')}\n`],
    ['of block YAML', 'entries:\n  a: []\n'],
  ])('leaves a text %s alone', (_title, text) => {
    expect(jsonEntries(`apiVersion: v1\n${text}`)).toBeUndefined()
  })
})

describe('parseIndexFile of a large text', () => {
  it.each([
    ['charts with comments and empty lines', `${chart('a')}\n  # b comes\n${chart('b')}`],
    ['lines that end with CR and LF', `${chart('a')}${chart('b')}`.replaceAll('\n', '\r\n')],
    ['a member list that is indented further', '  a:\n    - apiVersion: v2\n      name: a\n      version: 1.0.0\n'],
    [
      'an anchor in one chart and its alias in another',
      `${chart('a', '    keywords: &k [x]\n')}${chart('b', '    keywords: *k\n')}`,
    ],
    ['a block of text', chart('a', '    description: |\n      first\n      b:\n      - c\n')],
    ['a quoted text with lines at the left', chart('a', '    description: "one\n  b: two\n  three"\n')],
    ['one chart twice', `${chart('a')}${chart('a')}`],
    ['a chart that is no list', `${chart('a')}  b: text\n`],
    ['what is no YAML', `${chart('a')}  b: [\n`],
    ['entries twice', `${chart('a')}entries:\n${chart('b')}`],
    ['two documents', `${chart('a')}---\n${chart('b')}`],
    ['nothing but a comment', '  # none\n'],
    ['a text that looks like entries', `${chart('a')}annotations: {a: "\nentries:\n  b: []\n"}\n`],
  ])('gives for %s what reading the whole gives', (_name, entries) => {
    const text = `${padding}apiVersion: v1\nentries:\n${entries}generated: "2026-01-01T00:00:00Z"\n`
    expect(outcome(text)).toEqual(outcome(uncut(text)))
  })

  const folder = process.env.CHARTFERRY_CORPUS
  it.skipIf(folder === undefined)(
    'gives the same for every real index file',
    () => {
      const files = readdirSync(join(folder ?? '', 'index')).filter((name) => name.endsWith('.yaml'))
      for (const name of files) {
        const text = readFileSync(join(folder ?? '', 'index', name), 'utf8')
        expect(outcome(text), name).toEqual(outcome(uncut(text)))
      }
    },
    60_000,
  )
})
