import { describe, expect, it } from 'vitest'
import { printed, sprint } from '../../../src/helm/template/print.ts'
import { sprintf } from '../../../src/helm/template/printf.ts'
import { GoList, GoMap, int, int64, type Value } from '../../../src/helm/template/value.ts'

describe('printed', () => {
  it.each<[Value, string]>([
    [1, '1'],
    [1000000, '1e+06'],
    [12345678, '1.2345678e+07'],
    [123456, '123456'],
    [0.0001, '0.0001'],
    [0.00001, '1e-05'],
    [1.5, '1.5'],
    [-0, '-0'],
    [int(1000000), '1000000'],
    [null, '<nil>'],
    [undefined, '<no value>'],
    [new GoList(['a', int(1), null]), '[a 1 <nil>]'],
    [
      new GoMap([
        ['b', true],
        ['a', new GoMap([['x', 1]])],
      ]),
      'map[a:map[x:1] b:true]',
    ],
  ])('prints %o as %s', (value, text) => {
    expect(printed(value)).toBe(text)
  })
})

describe('sprint', () => {
  it('puts a space between operands that are no strings', () => {
    expect(sprint([int(1), int(2), 'a', 'b', int(3), true])).toBe('1 2ab3 true')
  })
})

describe('sprintf', () => {
  it.each<[string, Value[], string]>([
    ['%s-%d', ['a', int(2)], 'a-2'],
    ['%d', [1], '%!d(float64=1)'],
    ['%s', [1], '%!s(float64=1)'],
    ['%s', [null], '%!s(<nil>)'],
    ['%v', [null], '<nil>'],
    ['%s %s', ['a'], 'a %!s(MISSING)'],
    ['%s', ['a', 'b'], 'a%!(EXTRA string=b)'],
    ['%', [], '%!(NOVERB)'],
    ['100%%', [], '100%'],
    ['%5s|%-5s|%05d', ['a', 'b', int(42)], '    a|b    |00042'],
    ['%.2f %8.3f %e %g', [Math.PI, 2.5, 1234.5, 1e21], '3.14    2.500 1.234500e+03 1e+21'],
    ['%.3g %.3g', [100, 1234.5], '100 1.23e+03'],
    ['%q %x %X', ['a"b\n', 'hi', int(255)], '"a\\"b\\n" 6869 FF'],
    ['%[2]s %[1]s', ['a', 'b'], 'b a'],
    ['%[3]s', ['a'], '%!s(BADINDEX)'],
    ['%*d', [int(4), int(7)], '   7'],
    ['%T %T', [int64(1), new GoList([])], 'int64 []interface {}'],
    ['%t %s', [true, true], 'true %!s(bool=true)'],
    ['%s', [new GoList(['a', 1])], '[a %!s(float64=1)]'],
    ['%+d % d %x', [int(3), int(4), int(-255)], '+3  4 -ff'],
    ['%c %U %q', [int(65), int(0x263a), int(65)], "A U+263A 'A'"],
    ['%#v', [new GoMap([['a', new GoList(['b', int(1)])]])], 'map[string]interface {}{"a":[]interface {}{"b", 1}}'],
  ])('formats %s with %o as %s', (format, values, text) => {
    expect(sprintf(format, values)).toBe(text)
  })
})
