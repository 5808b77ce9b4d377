import { describe, expect, it } from 'vitest'
import { ChartferryError } from '../../../src/errors.ts'
import { parseYaml, textOf } from '../../../src/helm/yaml/parse.ts'
import { defaultLimits } from '../../../src/limits.ts'

function refusal(text: string, limits = defaultLimits): string {
  try {
    parseYaml(text, { where: 'values.yaml', limits })
  } catch (thrown) {
    if (thrown instanceof ChartferryError) return `${thrown.code} ${thrown.message}`
    throw thrown
  }
  throw new Error('was not refused')
}

describe('parseYaml', () => {
  it('reads scalars as Helm reads values', () => {
    const text = 'a: yes\nb: 0755\nc: "0755"\nd: 1_000\ne: 12:30\nf: ~\ng:\nh: [1.5, x]\n!!str i: !!int "5"'
    expect(parseYaml(text)).toEqual({
      a: true,
      b: 493,
      c: '0755',
      d: 1000,
      e: '12:30',
      f: null,
      g: null,
      h: [1.5, 'x'],
      i: 5,
    })
  })

  it('makes keys of scalars as Go does', () => {
    expect(parseYaml('on: 1\n010: 2\n1.10: 3\n"on": 4')).toEqual({ true: 1, 8: 2, '1.1': 3, on: 4 })
  })

  it('gives numbers as text where asked', () => {
    expect(parseYaml('a: 1.10\nb: [010]\nc: yes\nd: "1.10"', { numbersAsText: true })).toEqual({
      a: '1.1',
      b: ['8'],
      c: true,
      d: '1.10',
    })
  })

  it.each([
    ['', null],
    ['# nothing\n', null],
    ['\ufeffa: 1', { a: 1 }],
    ['a: 1\n---\n}}{{', { a: 1 }],
    ['# first\n%YAML 1.1\n---\na: 1\n...\n}}', { a: 1 }],
    ['--- x', 'x'],
    ['---\n---\na: 1', null],
    ['a: |\n  x\n---\nb: 1', { a: 'x\n' }],
  ])('reads the first document of %j', (text, value) => {
    expect(parseYaml(text)).toEqual(value)
  })

  it.each([
    ['a: {\n  b: 1\n}\nc: 2\n', { a: { b: 1 }, c: 2 }],
    ['a:\r\n  b: [x,\r\nz\r\n]\r\nc: 1', { a: { b: ['x', 'z'] }, c: 1 }],
    ['a:\n  b: "foo\nbar\n\nbaz"\n', { a: { b: 'foo bar\nbaz' } }],
    ['a: [\n\n\n]\n', { a: [] }],
  ])('lets lines within brackets and quotes begin anywhere, as Go does: %j', (text, value) => {
    expect(parseYaml(text)).toEqual(value)
  })

  it('does not take such a line for a comment', () => {
    expect(refusal('a: {b: 1, # c\nd: 2\n}\n')).toBe('YAML_INVALID values.yaml:2:1: deficient indentation')
  })

  it('takes the last of duplicate keys', () => {
    expect(parseYaml('a: 1\nb: 2\na: 3')).toEqual({ a: 3, b: 2 })
  })

  it('merges as Go does: in document order, and in a list the earlier mapping wins', () => {
    const text =
      'b: &b {a: 2, z: 9}\nc: &c {a: 3}\nx: {a: 1, <<: *b}\nk: {<<: *b, a: 1}\nw: {<<: [*b, *c]}\n"<<": {q: 1}'
    expect(parseYaml(text)).toEqual({
      b: { a: 2, z: 9 },
      c: { a: 3 },
      x: { a: 2, z: 9 },
      k: { a: 1, z: 9 },
      w: { a: 2, z: 9 },
      '<<': { q: 1 },
    })
  })

  it('keeps __proto__ a key like others', () => {
    const value = parseYaml('__proto__: {polluted: true}\nconstructor: 1') as Record<string, unknown>
    expect(Object.keys(value)).toEqual(['__proto__', 'constructor'])
    expect(value.polluted).toBeUndefined()
    expect(({} as Record<string, unknown>).polluted).toBeUndefined()
  })

  it.each([
    ['a: [1,\n  b: }', 'YAML_INVALID values.yaml:2:6: '],
    ['a: 1\nb: *nope', 'YAML_INVALID values.yaml:2:5: unknown anchor "nope"'],
    ['a: &a [*a]', 'YAML_INVALID values.yaml:1:9: unknown anchor "a"'],
    ['a: !!int x', 'YAML_INVALID values.yaml:1:4: "x" is not !!int'],
    ['a:\n  ? [1]\n  : 2', 'YAML_INVALID values.yaml:2:3: a key is null, a list or a mapping'],
    ['~: 1', 'YAML_INVALID values.yaml:1:1: a key is null, a list or a mapping'],
    ['<<: 1', 'YAML_INVALID values.yaml:1:1: << takes mappings only'],
    ['a: \u0001', 'YAML_INVALID values.yaml:1:'],
  ])('refuses %j with line and column', (text, message) => {
    expect(refusal(text)).toContain(message)
  })

  it('alias bomb', () => {
    const levels = Array.from({ length: 12 }, (_, level) => {
      const items = Array(10).fill(level === 0 ? 'x' : `*a${level - 1}`)
      return `a${level}: &a${level} [${items.join(',')}]\n`
    })
    expect(refusal(levels.join(''))).toBe('YAML_TOO_COMPLEX values.yaml: more than 2000000 nodes')
  })

  it('merge bomb', () => {
    const first = `a0: &a0 {${Array.from({ length: 1000 }, (_, key) => `k${key}: 1`).join(', ')}}\n`
    const levels = Array.from(
      { length: 300 },
      (_, level) => `a${level + 1}: &a${level + 1} {<<: [${Array(10).fill(`*a${level}`).join(',')}]}\n`,
    )
    expect(refusal(first + levels.join(''))).toBe('YAML_TOO_COMPLEX values.yaml: more than 2000000 merged keys')
  })

  it('more aliases than allowed', () => {
    const text = `a: &a 1\nb: [${Array(11).fill('*a').join(', ')}]`
    expect(refusal(text, { ...defaultLimits, yamlAliases: 10 })).toBe(
      'YAML_TOO_COMPLEX values.yaml: more than 10 aliases',
    )
  })

  it('larger than allowed', () => {
    expect(refusal('é'.repeat(6), { ...defaultLimits, yamlBytes: 10 })).toBe(
      'YAML_TOO_COMPLEX values.yaml: larger than 10 bytes',
    )
  })

  it('nested too deep, in the text or through aliases', () => {
    expect(refusal('['.repeat(10_000))).toBe('DEPTH_EXCEEDED values.yaml: nested deeper than 100')
    const levels = Array.from(
      { length: 101 },
      (_, level) => `a${level}: &a${level} ${level === 0 ? '[]' : `[*a${level - 1}]`}\n`,
    )
    expect(refusal(levels.join(''))).toBe('DEPTH_EXCEEDED values.yaml: nested deeper than 100')
  })
})

describe('textOf', () => {
  it('drops a byte order mark, as Helm does', () => {
    expect(textOf(Buffer.from('\ufeffname: x'))).toBe('name: x')
  })
})
