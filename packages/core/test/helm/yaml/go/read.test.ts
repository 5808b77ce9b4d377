import { describe, expect, it } from 'vitest'
import { isChartferryError } from '../../../../src/errors.ts'
import { textFrom } from '../../../../src/helm/template/text.ts'
import {
  GoList,
  GoMap,
  type Origin,
  plain,
  TracedScalar,
  TracedText,
  type Value,
} from '../../../../src/helm/template/value.ts'
import { readYaml, readYamlList, readYamlMap } from '../../../../src/helm/yaml/go/read.ts'

/** The value as JSON would have it. */
function json(value: Value): unknown {
  const given = plain(value)
  if (given instanceof GoMap) return Object.fromEntries([...given.entries].map(([key, item]) => [key, json(item)]))
  return given instanceof GoList ? given.items.map(json) : given
}

describe('readYaml', () => {
  it.each<readonly [string, string, unknown]>([
    ['keys of YAML 1.1', 'on: 1\nno: 2\n1.5: 3\n012: 4\n', { true: 1, false: 2, '1.5': 3, '10': 4 }],
    ['numbers', '[0755, 0x1F, 1_000, 1e3, .5, 08, 12:30]', [493, 31, 1000, 1000, 0.5, 8, '12:30']],
    ['a closing brace left of its parent', 'a:\n  b: {\n    c: 1\n}\n', { a: { b: { c: 1 } } }],
    ['a quoted text that goes on at the margin', 'a:\n  b: "x\ny"\n', { a: { b: 'x y' } }],
    ['a block text without a last newline', 'a: |\n  x\n  y', { a: 'x\ny' }],
    ['the first document only', 'a: 1\n---\nb: [', { a: 1 }],
    ['merged keys', 'x: &x {a: 1, b: 2}\nz: {<<: *x, b: 3}\n', { x: { a: 1, b: 2 }, z: { a: 1, b: 3 } }],
    ['the last of several equal keys', 'a: 1\na: 2\n', { a: 2 }],
    ['tags', 'a: !!str 1\nb: !foo 2\nc: !!int "3"\nd: !!binary aGk=', { a: '1', b: '2', c: 3, d: 'hi' }],
    ['an empty text', '', null],
  ])('reads %s', (_, text, expected) => {
    expect(json(readYaml(text))).toEqual(expected)
  })

  it.each([
    ['a: b: c', 'mapping values are not allowed in this context'],
    ['a:\n\tb: 1', 'line 2: found character that cannot start any token'],
    ['a: [1', "line 1: did not find expected ',' or ']'"],
    ['a: "x', 'found unexpected end of stream'],
    ['a: 1\n b: 2', 'line 2: mapping values are not allowed in this context'],
    ['a: *b', "unknown anchor 'b' referenced"],
    ['a: &a [*a]', "anchor 'a' value contains itself"],
    ['{{ .Values.x }}', 'invalid map key: map[interface {}]interface {}{".Values.x":interface {}(nil)}'],
    ['a: \u0001', 'control characters are not allowed'],
  ])('refuses %j in the words of go-yaml', (text, problem) => {
    expect(() => readYaml(text)).toThrow(`error converting YAML to JSON: yaml: ${problem}`)
  })

  it('keeps the source of each scalar of a traced text', () => {
    const origin: Origin = { kind: 'leaf', file: 'values.yaml', path: ['config'], text: '' }
    const map = readYamlMap(textFrom('a: plain\nb: "q\\n2"\nc: >\n  one\n  two\nd: 12\n', origin))
    const pieces = (key: string): unknown => {
      const value = map.get(key)
      if (!(value instanceof TracedText)) return value
      return value.spans.map(({ start, end, offset }) => [value.text.slice(start, end), offset])
    }
    expect(pieces('a')).toEqual([['plain', 3]])
    expect(pieces('b')).toEqual([
      ['q', 13],
      ['2', 16],
    ])
    expect(pieces('c')).toEqual([
      ['one', 26],
      ['two', 32],
    ])
    expect(map.get('d')).toEqual(new TracedScalar(12, origin))
  })

  it.each([
    ['lists nested deeper than the limit', '['.repeat(200), 'DEPTH_EXCEEDED'],
    ['more aliases than the limit', `a: &a 1\nb: [${'*a, '.repeat(20_000)}]`, 'YAML_TOO_COMPLEX'],
  ])('refuses %s', (_, text, code) => {
    try {
      readYaml(text)
      expect.unreachable()
    } catch (error) {
      expect(isChartferryError(error) ? error.code : error).toBe(code)
    }
  })

  it('refuses an alias bomb as go-yaml does', () => {
    const level = (name: string, below: string): string =>
      `${name}: &${name} [${Array(9).fill(`*${below}`).join(', ')}]\n`
    const names = 'bcdefgh'
    const text = `a: &a [x]\n${Array.from(names, (name, index) => level(name, `a${names}`.charAt(index))).join('')}`
    const limits = { yamlDepth: 100, yamlAliases: 10_000_000, yamlNodes: 10_000_000 }
    expect(() => readYaml(text, { limits })).toThrow('document contains excessive aliasing')
  })
})

describe('readYamlMap and readYamlList', () => {
  it('give an empty value for an empty text', () => {
    expect(readYamlMap('').entries.size).toBe(0)
    expect(readYamlList('# nothing').items).toEqual([])
  })

  it('refuse what is of another type', () => {
    const words = 'error unmarshaling JSON: while decoding JSON: json: cannot unmarshal'
    expect(() => readYamlMap('[1]')).toThrow(`${words} array into Go value of type map[string]interface {}`)
    expect(() => readYamlList('a: 1')).toThrow(`${words} object into Go value of type []interface {}`)
    expect(() => readYamlMap('text')).toThrow(`${words} string into Go value of type map[string]interface {}`)
  })
})
