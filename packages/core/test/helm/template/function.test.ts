import { describe, expect, it } from 'vitest'
import { convert, define, defineVariadic, invoke, nilFor } from '../../../src/helm/template/function.ts'
import { slice } from '../../../src/helm/template/text.ts'
import {
  type CallContext,
  GoError,
  GoList,
  GoMap,
  goTypes,
  int,
  int64,
  type ParameterType,
  TracedScalar,
  TracedText,
  type Value,
} from '../../../src/helm/template/value.ts'

const origin = { kind: 'leaf', file: 'values.yaml', path: ['a'], text: 'abc' } as const
const traced = new TracedText('abc', [{ start: 0, end: 3, origin, offset: 0 }])

function context(isTraced: boolean): CallContext {
  return { helm: 3, lint: false, traced: isTraced, now: () => new Date(0), include: () => '', tpl: () => '' }
}

describe('convert', () => {
  it.each<[Value, ParameterType, string]>([
    [1, 'string', 'wrong type for value; expected string; got float64'],
    [null, 'text', 'wrong type for value; expected string; got interface {}'],
    [undefined, 'string', 'invalid value; expected string'],
    [int64(1), 'int', 'wrong type for value; expected int; got int64'],
    ['x', 'bool', 'wrong type for value; expected bool; got string'],
    [
      new GoMap([], goTypes.stringMap),
      'map',
      'wrong type for value; expected map[string]interface {}; got map[string]string',
    ],
    [new GoList([]), 'strings', 'wrong type for value; expected []string; got []interface {}'],
    [null, 'map', 'wrong type for value; expected map[string]interface {}; got interface {}'],
    ['now', 'time', 'wrong type for value; expected time.Time; got string'],
  ])('refuses %o as %s in the words of Go', (value, type, message) => {
    expect(() => convert(value, type)).toThrowError(new GoError(message))
  })

  it('takes a defined map type where the unnamed one is wanted', () => {
    const values = new GoMap([], { name: 'chartutil.Values', underlying: goTypes.anyMap })
    expect(convert(values, 'map')).toBe(values)
  })

  it('makes empty things of nothing where Go does', () => {
    expect(convert(undefined, 'map')).toMatchObject({ isNil: true })
    expect(convert(undefined, 'any')).toBeNull()
    expect(nilFor('string')).toBeUndefined()
  })

  it('gives text with its spans and strings without', () => {
    expect(convert(traced, 'text')).toBe(traced)
    expect(convert(traced, 'string')).toBe('abc')
    expect(convert(new TracedScalar(int(2), origin), 'int')).toBe(2)
  })
})

describe('invoke', () => {
  const sum = define('sum', ['string'], (text) => text.length)
  const cut = define('cut', ['text'], (text) => slice(text, 1))
  const count = defineVariadic('count', ['any'], 'any', (_, rest) => int(rest.length))

  it('hands over the variadic arguments as one list', () => {
    expect(invoke(count, ['a', 'b', 'c'], ['a', 'b', 'c'], context(false))).toEqual(int(2))
  })

  it('records what a bare result was made of, in a traced rendering only', () => {
    expect(invoke(sum, ['abc'], [traced], context(false))).toBe(3)
    expect(invoke(sum, ['abc'], [traced], context(true))).toEqual(
      new TracedScalar(3, { kind: 'derived', name: 'sum', inputs: [traced], text: '3', volatile: false }),
    )
  })

  it('leaves alone what keeps its spans', () => {
    expect(invoke(cut, [traced], [traced], context(true))).toEqual(
      new TracedText('bc', [{ start: 0, end: 2, origin, offset: 1 }]),
    )
  })
})
