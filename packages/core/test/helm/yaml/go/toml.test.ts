import { describe, expect, it } from 'vitest'
import { bare } from '../../../../src/helm/template/text.ts'
import { readToml } from '../../../../src/helm/yaml/go/read-toml.ts'
import { toJson } from '../../../../src/helm/yaml/go/to-json.ts'
import { marshalToml } from '../../../../src/helm/yaml/go/write-toml.ts'

const sample = `title = "x"
when = 2024-01-02T03:04:05Z
numbers = [1, 2]

[owner]
  name = "y z"
  [owner.address]
    street = "a\\"b"

[[rows]]
  n = 1.5

[[rows]]
  n = 2.5
`

describe('readToml', () => {
  it('reads tables, lists of tables and dates', () => {
    expect(toJson(readToml(sample))).toBe(
      '{"numbers":[1,2],"owner":{"address":{"street":"a\\"b"},"name":"y z"},"rows":[{"n":1.5},{"n":2.5}],"title":"x","when":"2024-01-02T03:04:05Z"}',
    )
  })

  it('reads dotted keys, inline tables and long texts', () => {
    const text = 'a.b = 1\na.c = {d = [1, 2,], e = \'raw\'}\nl = """\none \\\n   two"""\n'
    expect(toJson(readToml(text))).toBe('{"a":{"b":1,"c":{"d":[1,2],"e":"raw"}},"l":"one two"}')
  })

  it.each([
    ['a = 1\na = 2', 'line 2 (last key "a"): Key \'a\' has already been defined.'],
    ['[a]\nb = 1\n[a]', "line 3: Key 'a' has already been defined."],
    ['a = ', 'line 1 (last key "a"): unexpected EOF; expected value'],
    ['a = 01', 'line 1 (last key "a"): Invalid integer "01": cannot have leading zeroes'],
    ['a = 2024-13-01', 'line 1 (last key "a"): invalid datetime: "2024-13-01"'],
    ['a = "\\q"', 'line 1 (last key "a"): invalid escape in string \'\\q\''],
  ])('refuses %j', (text, problem) => {
    expect(() => readToml(text)).toThrow(`toml: ${problem}`)
  })
})

describe('marshalToml', () => {
  it('writes what it read', () => {
    expect(bare(marshalToml(readToml(sample)))).toBe(
      'numbers = [1, 2]\ntitle = "x"\nwhen = 2024-01-02T03:04:05Z\n' +
        '\n[owner]\n  name = "y z"\n  [owner.address]\n    street = "a\\"b"\n\n[[rows]]\n  n = 1.5\n\n[[rows]]\n  n = 2.5\n',
    )
  })
})
