import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bare } from '../../../../src/helm/template/text.ts'
import { GoList, GoMap, type Value } from '../../../../src/helm/template/value.ts'
import { NilList } from '../../../../src/helm/yaml/go/nil-list.ts'
import { readYaml } from '../../../../src/helm/yaml/go/read.ts'
import { readJson } from '../../../../src/helm/yaml/go/read-json.ts'
import { toJson } from '../../../../src/helm/yaml/go/to-json.ts'
import { marshalYaml, toYaml } from '../../../../src/helm/yaml/go/write.ts'
import { toYamlPretty } from '../../../../src/helm/yaml/go/write-pretty.ts'

function goValue(json: unknown): Value {
  if (Array.isArray(json)) return new GoList(json.map(goValue))
  if (typeof json === 'object' && json !== null) {
    return new GoMap(Object.entries(json).map(([key, item]): [string, Value] => [key, goValue(item)]))
  }
  return json as string | number | boolean | null
}

const yaml = (json: unknown): string => bare(toYaml(goValue(json)))

describe('toYaml', () => {
  it.each<readonly [string, unknown, string]>([
    ['lists at the margin of their key', { a: [1, { b: 2 }] }, 'a:\n- 1\n- b: 2'],
    ['lists in lists', [[1, 2], []], '- - 1\n  - 2\n- []'],
    [
      'texts that would be something else',
      ['yes', '1', 'null', '1.5', '~', '2020-01-02'],
      '- "yes"\n- "1"\n- "null"\n- "1.5"\n- "~"\n- "2020-01-02"',
    ],
    ['texts with marks', ['a: b', '- x', '#c', '*a'], "- 'a: b'\n- '- x'\n- '#c'\n- '*a'"],
    [
      'several lines',
      { a: 'x\ny\n', b: 'x\ny', c: 'x\n\n', d: ' x\ny' },
      'a: |\n  x\n  y\nb: |-\n  x\n  y\nc: |+\n  x\n\nd: |2-\n   x\n  y',
    ],
    ['keys in natural order', { a10: 1, a2: 2, B: 3, _: 4 }, '_: 4\nB: 3\na2: 2\na10: 1'],
    ['numbers', [1e6, 1.5, 1e21, 1e-7, 123456789.5], '- 1000000\n- 1.5\n- 1e+21\n- 1e-07\n- 1.234567895e+08'],
    ['nothing', null, 'null'],
  ])('writes %s', (_, value, expected) => {
    expect(yaml(value)).toBe(expected)
  })

  it('folds behind column 80 at single spaces', () => {
    const words = Array.from({ length: 30 }, () => 'word').join(' ')
    const lines = yaml({ key: words }).split('\n')
    expect(lines).toHaveLength(2)
    expect(lines[0]).toHaveLength(84)
    expect(lines[1]?.startsWith('  word')).toBe(true)
  })

  it('is empty where the way through JSON fails', () => {
    expect(yaml('a\u007f')).toBe('')
    expect(toYaml(Number.NaN)).toBe('')
  })

  it('writes a nil list as null', () => {
    expect(toYaml(new GoMap([['a', new NilList()]]))).toBe('a: null')
  })

  it('is read back as the same value', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), (given) => {
        // Characters that the reader of YAML refuses or folds do not come back, nor does the sign of zero.
        const written = bare(toJson(goValue(given)))
        fc.pre(!/[\u007f-\u009f\ufffe\uffff]|"<<"|-0(?![.\d])/.test(written))
        const text = marshalYaml(goValue(given))
        expect(toJson(readYaml(text))).toBe(written)
      }),
      { numRuns: 500 },
    )
  })
})

describe('toYamlPretty', () => {
  it('indents lists and does not fold', () => {
    const words = Array.from({ length: 30 }, () => 'word').join(' ')
    expect(toYamlPretty(goValue({ a: [1, [2]], b: words }))).toBe(`a:\n  - 1\n  - - 2\nb: ${words}`)
  })
})

describe('toJson', () => {
  it('sorts keys and escapes what HTML would read', () => {
    expect(toJson(goValue({ b: '<a>&\u2028', a: [1e21, -0, 0.1] }))).toBe(
      '{"a":[1e+21,-0,0.1],"b":"\\u003ca\\u003e\\u0026\\u2028"}',
    )
    expect(toJson(goValue('<'), { html: false })).toBe('"<"')
  })

  it('indents', () => {
    expect(toJson(goValue({ a: [1], b: {}, c: [] }), { indent: '  ' })).toBe(
      '{\n  "a": [\n    1\n  ],\n  "b": {},\n  "c": []\n}',
    )
  })

  it('is read back as the same value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (given) => {
        expect(toJson(readJson(toJson(goValue(given))))).toBe(toJson(goValue(given)))
      }),
    )
  })
})
