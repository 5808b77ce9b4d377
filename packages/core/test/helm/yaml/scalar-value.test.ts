import { describe, expect, it } from 'vitest'
import { numberText, plainValue, taggedValue } from '../../../src/helm/yaml/scalar-value.ts'

describe('plainValue', () => {
  it.each<[string, ReturnType<typeof plainValue>]>([
    ['yes', true],
    ['Off', false],
    ['y', true],
    ['yEs', 'yEs'],
    ['~', null],
    ['', null],
    ['010', 8n],
    ['08', 8],
    ['0x1F', 31n],
    ['0o17', 15n],
    ['-0b11', -3n],
    ['1_000', 1000n],
    ['18446744073709551615', 18446744073709551615n],
    ['18446744073709551616', 18446744073709552000],
    ['0x1ffffffffffffffff', '0x1ffffffffffffffff'],
    ['1.10', 1.1],
    ['1.', 1],
    ['.5', 0.5],
    ['._5', '._5'],
    ['1e3', 1000],
    ['8e5267', '8e5267'],
    ['12:30', '12:30'],
    ['2020-01-02', '2020-01-02'],
    ['1.2.3', '1.2.3'],
    ['-', '-'],
    ['-.Inf', -Infinity],
    ['.nan', Number.NaN],
  ])('reads %s as Helm does', (source, value) => {
    expect(plainValue(source)).toBe(value)
  })
})

describe('taggedValue', () => {
  it.each<[string, string, ReturnType<typeof taggedValue>]>([
    ['!!str', '5', '5'],
    ['!!int', '5', 5n],
    ['!<tag:yaml.org,2002:int>', '5', 5n],
    ['!!int', 'x', undefined],
    ['!!float', '5', 5],
    ['!!float', 'x', undefined],
    ['!!bool', 'on', true],
    ['!!bool', '1', undefined],
    ['!!null', '~', null],
    ['!!null', 'x', undefined],
    ['!!binary', 'aGk=', 'hi'],
    ['!!python/unicode', 'x', 'x'],
    ['!', '5', '5'],
  ])('reads %s %s', (tag, text, value) => {
    expect(taggedValue(tag, text)).toBe(value)
  })
})

describe('numberText', () => {
  it.each<[bigint | number, string]>([
    [12345678901234567890n, '12345678901234567890'],
    [1.1, '1.1'],
    [1, '1'],
    [100000, '100000'],
    [1000000, '1e+06'],
    [1234567, '1.234567e+06'],
    [123456789, '1.2345679e+08'],
    [0.0001, '0.0001'],
    [0.00001, '1e-05'],
    [-2.5, '-2.5'],
    [0, '0'],
    [5e10, '5e+10'],
    [1e300, '+Inf'],
    [-Infinity, '-Inf'],
    [Number.NaN, 'NaN'],
  ])('writes %s as Go does into a field of text', (value, text) => {
    expect(numberText(value)).toBe(text)
  })
})
