import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { replaceScalars } from '../../../src/helm/yaml/edit.ts'
import { parseYaml } from '../../../src/helm/yaml/parse.ts'
import { readScalars } from '../../../src/helm/yaml/scalars.ts'

const word = fc
  .stringMatching(/^[a-z][a-z0-9/._-]{0,12}$/)
  .filter((text) => !/^(?:y|n|yes|no|on|off|true|false|null)$/.test(text))
const line = fc.array(word, { minLength: 1, maxLength: 3 }).map((words) => words.join(' '))
const lines = fc.array(fc.oneof(line, fc.constant('')), { maxLength: 3 })
const block = fc
  .record({ header: fc.constantFrom('|', '>', '|-', '>-', '|+', '>+', '|2', '>2-', '| # c'), first: line, more: lines })
  .map(({ header, first, more }) => [header, ...[first, ...more].map((text) => text && `    ${text}`)].join('\n'))
const flow = fc.oneof(
  word,
  fc
    .string({ unit: fc.constantFrom('a', ' ', "'", ':', '#', '{', 'é') })
    .map((text) => `'${text.replaceAll("'", "''")}'`),
  fc
    .string({ unit: 'binary' })
    .map((text) => JSON.stringify(text).replace(/[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]/g, ' ')),
)
const scalar = fc.oneof(
  flow,
  line,
  block,
  line.map((text) => text.replaceAll(' ', '\n    ')),
  fc.tuple(flow, flow).map(([a, b]) => `[${a}, {k: ${b}}]`),
  fc.tuple(fc.nat(), line).map(([id, text]) => `&a${id} !!str ${text}`),
)
const yaml = fc
  .record({
    mark: fc.boolean(),
    crlf: fc.boolean(),
    comments: fc.boolean(),
    scalars: fc.array(scalar, { minLength: 1, maxLength: 5 }),
  })
  .map(({ mark, crlf, comments, scalars }) => {
    const comment = comments ? '# note: "x" | y\n' : ''
    const text = `${comment}top:\n${scalars.map((token, index) => `  k${index}: ${token}\n${comment}`).join('')}`
    return (mark ? '\ufeff' : '') + (crlf ? text.replaceAll('\n', '\r\n') : text)
  })
const tricky = ['1.10', 'yes', '~', '', '- x', 'a: b', '---', '|', '&a', '*a', '!x', '0x1F', 'reg:5000/x:1@sha256:0']
const value = fc.oneof(
  word,
  line,
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.constantFrom('a', ' ', '\n', "'", '"', ':', '#', ',', '-', '\t', '1', '.', '\\') }),
  fc.constantFrom(...tricky),
)

describe('replaceScalars, for any text and value', () => {
  it('changes one token and no other byte, and gives that path the value and no other path another', () => {
    fc.assert(
      fc.property(yaml, fc.nat(), value, (text, pick, next) => {
        const scalars = readScalars(text)
        const target = scalars[pick % scalars.length]
        if (!target) throw new Error('a document without scalars')
        const edited = replaceScalars(text, [{ path: target.path, value: next }])
        expect(edited.slice(0, target.start)).toBe(text.slice(0, target.start))
        expect(edited.endsWith(text.slice(target.end))).toBe(true)
        const now = readScalars(edited)
        expect(now.map((each) => each.value)).toEqual(scalars.map((each) => (each === target ? next : each.value)))
        expect(now.map((each) => each.path)).toEqual(scalars.map((each) => each.path))
        expect(replaceScalars(edited, [{ path: target.path, value: next }])).toBe(edited)
      }),
      { numRuns: 1500 },
    )
  })

  it('gives back what Helm reads when the old value is put back', () => {
    fc.assert(
      fc.property(yaml, fc.nat(), value, (text, pick, next) => {
        const scalars = readScalars(text).filter((each) => typeof each.value === 'string')
        const target = scalars[pick % scalars.length]
        fc.pre(target !== undefined)
        const edited = replaceScalars(text, [{ path: target?.path ?? [], value: next }])
        const restored = replaceScalars(edited, [{ path: target?.path ?? [], value: target?.text ?? '' }])
        expect(parseYaml(restored)).toEqual(parseYaml(text))
      }),
      { numRuns: 500 },
    )
  })
})
