import { describe, expect, it } from 'vitest'
import { formatPath } from '../../../src/helm/yaml/path.ts'
import { readScalars, type Scalar } from '../../../src/helm/yaml/scalars.ts'

function scalarAt(text: string, path: string): Scalar {
  const found = readScalars(text).find((scalar) => formatPath(scalar.path) === path)
  if (!found) throw new Error(`nothing at ${path}`)
  return found
}

const tokens = (text: string): string[][] =>
  readScalars(text).map(({ path, source, style }) => [formatPath(path), style, source])

describe('readScalars', () => {
  it('gives every leaf with path, style and token', () => {
    const text = [
      'a: plain # comment',
      "b: 'sin''gle'",
      'c: "dou\\"ble"',
      'd: |  # header | comment',
      '  lit',
      '  eral',
      '',
      'e: >-',
      '  fol',
      '  ded',
      'f: [x, "y", {g: z}]',
      'h:',
      '- i',
      '- - j',
      'k: two',
      '  lines',
      '',
    ].join('\n')
    expect(tokens(text)).toEqual([
      ['a', 'plain', 'plain'],
      ['b', 'single', "'sin''gle'"],
      ['c', 'double', '"dou\\"ble"'],
      ['d', 'literal', '|  # header | comment\n  lit\n  eral'],
      ['e', 'folded', '>-\n  fol\n  ded'],
      ['f[0]', 'plain', 'x'],
      ['f[1]', 'double', '"y"'],
      ['f[2].g', 'plain', 'z'],
      ['h[0]', 'plain', 'i'],
      ['h[1][0]', 'plain', 'j'],
      ['k', 'plain', 'two\n  lines'],
    ])
    expect(readScalars(text).map(({ value }) => value)).toEqual([
      'plain',
      "sin'gle",
      'dou"ble',
      'lit\neral\n',
      'fol ded',
      'x',
      'y',
      'z',
      'i',
      'j',
      'two lines',
    ])
    for (const { start, end, source } of readScalars(text)) expect(text.slice(start, end)).toBe(source)
  })

  it('finds its way through a byte order mark and CRLF', () => {
    const text = '\ufeffa: x\r\nb: |\r\n  y\r\n\r\nc: "z"\r\n'
    expect(tokens(text)).toEqual([
      ['a', 'plain', 'x'],
      ['b', 'literal', '|\r\n  y'],
      ['c', 'double', '"z"'],
    ])
  })

  it('tells what Helm reads from what is written', () => {
    expect(scalarAt('tag: 1.10', 'tag')).toMatchObject({ value: 1.1, text: '1.10', source: '1.10' })
    expect(scalarAt('tag: !!str 1.10', 'tag')).toMatchObject({ value: '1.10', source: '1.10' })
    expect(scalarAt('on: yes', 'true')).toMatchObject({ value: true, text: 'yes' })
  })

  it('gives a null that is not written no place', () => {
    expect(scalarAt('a:\nb: 1', 'a')).toMatchObject({ value: null, start: -1, end: -1, source: '' })
    expect(scalarAt('a: ~', 'a')).toMatchObject({ value: null, start: 3, end: 4 })
  })

  it('leads every path through an alias or a merge to the anchored token', () => {
    const text = 'x: &x foo\nz: *x\nm: &m {i: r/i}\nk: *m\np: {<<: *m, t: 1}\n'
    const places = readScalars(text).map(({ path, start, alias }) => [
      formatPath(path),
      text.slice(start, start + 3),
      alias,
    ])
    expect(places).toEqual([
      ['x', 'foo', undefined],
      ['z', 'foo', 'x'],
      ['m.i', 'r/i', undefined],
      ['k.i', 'r/i', 'm'],
      ['p.i', 'r/i', 'm'],
      ['p.t', '1}\n', undefined],
    ])
    expect(scalarAt(text, 'x').anchor).toBe('x')
  })

  it('gives of duplicate keys only the last', () => {
    expect(readScalars('a: 1\na: 2').map(({ start, value }) => [start, value])).toEqual([[8, 2]])
  })

  it('reads the first document alone', () => {
    expect(tokens('a: 1\n---\nb: 2')).toEqual([['a', 'plain', '1']])
    expect(readScalars('')).toEqual([])
  })

  it('counts blank lines into a block that keeps them', () => {
    expect(scalarAt('a: |+\n  x\n\nb: 1', 'a')).toMatchObject({ source: '|+\n  x\n\n', value: 'x\n\n' })
    expect(scalarAt('a: |\n  x\n    \n\nb: 1', 'a')).toMatchObject({ source: '|\n  x\n    ', value: 'x\n  \n' })
  })

  it('finds the header of a block in a line of its own, and of an empty block', () => {
    expect(scalarAt('"a|b":\n  # |\n  !!str &x |\n  y\n', '"a|b"').source).toBe('|\n  y')
    expect(scalarAt('a: |\nb: 1', 'a').source).toBe('|')
    expect(scalarAt('a: >', 'a').source).toBe('>')
  })

  it('refuses an alias bomb', () => {
    const levels = Array.from({ length: 12 }, (_, level) => {
      const items = Array(10).fill(level === 0 ? 'x' : `*a${level - 1}`)
      return `a${level}: &a${level} [${items.join(',')}]\n`
    })
    expect(() => readScalars(levels.join(''))).toThrow(expect.objectContaining({ code: 'YAML_TOO_COMPLEX' }))
  })
})
