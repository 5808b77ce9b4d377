import { describe, expect, it } from 'vitest'
import { compareStrings, deepEqual, kindOf, sortedKeys, truth, typeName } from '../../../src/helm/template/kind.ts'
import {
  GoBytes,
  GoList,
  GoMap,
  GoStruct,
  goTypes,
  int,
  int64,
  TracedScalar,
  TracedText,
  type Value,
} from '../../../src/helm/template/value.ts'

const source = { kind: 'literal', file: 'x' } as const

describe('kindOf', () => {
  it.each<[Value, string, string, boolean]>([
    [undefined, 'invalid', '<nil>', false],
    [null, 'interface', 'interface {}', false],
    [true, 'bool', 'bool', true],
    [0, 'float64', 'float64', false],
    ['', 'string', 'string', false],
    [int(1), 'int', 'int', true],
    [int64(0), 'int64', 'int64', false],
    [new GoList([]), 'slice', '[]interface {}', false],
    [new GoList(['a'], goTypes.stringList), 'slice', '[]string', true],
    [new GoMap(), 'map', 'map[string]interface {}', false],
    [new GoMap([['a', null]], goTypes.stringMap), 'map', 'map[string]string', true],
    [new GoStruct({ name: 'x.Y' }, []), 'struct', 'x.Y', true],
    [new GoStruct({ name: 'x.Y' }, [], { isPointer: true }), 'ptr', '*x.Y', true],
    [new GoBytes(new Uint8Array(1)), 'slice', '[]uint8', true],
    [new TracedText('a', []), 'string', 'string', true],
    [new TracedScalar(false, source), 'bool', 'bool', false],
  ])('tells kind, type and truth of %o', (value, kind, type, isTrue) => {
    expect([kindOf(value), typeName(value), truth(value)]).toEqual([kind, type, isTrue])
  })
})

describe('deepEqual', () => {
  it('tells an int from a float and a nil map from an empty one', () => {
    expect(deepEqual(int(1), 1)).toBe(false)
    expect(deepEqual(int(1), int64(1))).toBe(false)
    expect(deepEqual(new GoMap(), new GoMap([], goTypes.anyMap, true))).toBe(false)
    expect(deepEqual(null, undefined)).toBe(true)
  })

  it('looks into lists and maps and past traces', () => {
    const left = new GoMap([['a', new GoList([new TracedText('x', []), int(1)])]])
    expect(deepEqual(left, new GoMap([['a', new GoList(['x', int(1)])]]))).toBe(true)
    expect(deepEqual(left, new GoMap([['a', new GoList(['x'])]]))).toBe(false)
    expect(deepEqual(left, new GoMap([['b', new GoList(['x', int(1)])]]))).toBe(false)
  })
})

describe('compareStrings', () => {
  it('orders as the UTF-8 bytes are ordered', () => {
    const words = ['', '1a', 'K', '_u', 'k1', 'k10', 'k2', 'é', '\ufffd', '😀', '😁']
    const shuffled = [...words].reverse()
    expect(shuffled.sort(compareStrings)).toEqual(words)
    const bytes = (text: string): Buffer => Buffer.from(text)
    expect([...words].sort((a, b) => Buffer.compare(bytes(a), bytes(b)))).toEqual(words)
  })
})

describe('sortedKeys', () => {
  it('gives the order of Go, not that of insertion', () => {
    expect(sortedKeys(new GoMap(['b', 'a', 'B'].map((key) => [key, 1] as const)))).toEqual(['B', 'a', 'b'])
  })
})
