import { describe, expect, it } from 'vitest'
import { replaceScalars } from '../../../src/helm/yaml/edit.ts'
import { parsePath } from '../../../src/helm/yaml/path.ts'
import { readScalars } from '../../../src/helm/yaml/scalars.ts'

const edit = (text: string, path: string, value: string): string =>
  replaceScalars(text, [{ path: parsePath(path), value }], { where: 'values.yaml' })

describe('replaceScalars', () => {
  it.each<[string, string, string, string, string]>([
    ['a plain scalar', 'a: docker.io/x # c\nb: 1', 'a', 'reg:5000/x', 'a: reg:5000/x # c\nb: 1'],
    ['a plain scalar that would become a number', 'a: v1', 'a', '1.10', 'a: "1.10"'],
    ['a plain scalar that would become a boolean', 'a: v1', 'a', 'off', 'a: "off"'],
    ['a plain scalar that would end', 'a: v1', 'a', 'x # y', 'a: "x # y"'],
    ['a plain scalar that needs escapes', 'a: v1', 'a', '"x": \\y', 'a: \'"x": \\y\''],
    ['a number', 'tag: 1.25', 'tag', '1.26', 'tag: "1.26"'],
    ['a plain scalar of two lines', 'a: x\n  y\nb: 1', 'a', 'z', 'a: z\nb: 1'],
    ['a written null', 'a: ~', 'a', 'x', 'a: x'],
    ['single quotes', "a: 'x' # c", 'a', "it's", "a: 'it''s' # c"],
    ['single quotes around what they cannot hold', "a: 'x'", 'a', 'x\ny', 'a: "x\\ny"'],
    ['double quotes', 'a: "x"', 'a', 'a "b" \\ \u0007 \u0085 é', 'a: "a \\"b\\" \\\\ \\u0007 \\u0085 é"'],
    ['a flow scalar', 'a: [x, {b: y}]', 'a[1].b', 'reg:5000/y', 'a: [x, {b: reg:5000/y}]'],
    ['a flow scalar that would end', 'a: [x, y]', 'a[0]', 'x,z', 'a: ["x,z", y]'],
    [
      'a literal block, line for line',
      'a: | # c\n  x\n \n  y\n\nb: 1',
      'a',
      'x\n\nz\n',
      'a: | # c\n  x\n \n  z\n\nb: 1',
    ],
    ['a literal block that loses its newline', 'a: |\n  x\nb: 1', 'a', 'y', 'a: |-\n  y\nb: 1'],
    ['a literal block that gains one', 'a: |2-\n  x\nb: 1', 'a', 'y\n', 'a: |2\n  y\nb: 1'],
    ['a literal block with CRLF', 'a: |\r\n  x\r\nb: 1\r\n', 'a', 'y\nz\n', 'a: |\r\n  y\r\n  z\r\nb: 1\r\n'],
    ['a literal block that it cannot be', 'a: | # c\n  x\n\nb: 1', 'a', ' y', 'a: " y" # c\n\nb: 1'],
    ['a block that keeps blank lines', 'a: |+\n  x\n\nb: 1', 'a', 'y\n\n\n', 'a: |+\n  y\n\n\nb: 1'],
    ['a block that kept blank lines', 'a: |+\n  x\n\nb: 1', 'a', 'y', 'a: |-\n  y\nb: 1'],
    ['a block that kept blank lines, quoted', 'a: |+\n  x\n\nb: 1', 'a', '', 'a: ""\nb: 1'],
    ['a folded block', 'a: >-\n  x\n  y\nb: 1', 'a', 'x z', 'a: >-\n  x z\nb: 1'],
    ['a folded block that gets lines', 'a: >-\n  x\n  y\nb: 1', 'a', 'x\nz', 'a: |-\n  x\n  z\nb: 1'],
    ['an empty block', 'a: |\nb: 1', 'a', 'x', 'a: "x"\nb: 1'],
    ['an anchored scalar', 'a: &x foo\nb: *x', 'a', 'bar', 'a: &x bar\nb: *x'],
    ['an alias, at its anchor', 'a: &x foo\nb: *x', 'b', 'bar', 'a: &x bar\nb: *x'],
    ['a merged scalar, at its anchor', 'a: &x {i: r/i}\nb: {<<: *x}', 'b.i', 'q/i', 'a: &x {i: q/i}\nb: {<<: *x}'],
    ['a tagged scalar', 'a: !!str 5', 'a', '6', 'a: !!str "6"'],
    [
      'a scalar in brackets that end below their key',
      'a: {\n b: x,\nc: "y\nz"\n}',
      'a.c',
      'w',
      'a: {\n b: x,\nc: "w"\n}',
    ],
    ['the root', '# c\nfoo', '', 'bar', '# c\nbar'],
    ['a byte order mark before it', '\ufeffa: x', 'a', 'z', '\ufeffa: z'],
    ['a second document behind it', 'a: x\n---\na: [', 'a', 'z', 'a: z\n---\na: ['],
  ])('replaces %s', (_, text, path, value, expected) => {
    const edited = edit(text, path, value)
    expect(edited).toBe(expected)
    expect(readScalars(edited).find((scalar) => scalar.path.join('.') === parsePath(path).join('.'))?.value).toBe(value)
  })

  it('writes a boolean as one', () => {
    const edits = [{ path: ['a'], value: true }]
    expect(replaceScalars('a: false # c\nb: no\n', edits)).toBe('a: true # c\nb: no\n')
    expect(replaceScalars('a: yes\n', edits)).toBe('a: yes\n')
  })

  it('replaces many scalars, named by path or place', () => {
    const text = 'a: x\nb: [y, z]\nc: "w"\n'
    const edits = [
      { path: ['b', 1], value: 'longer' },
      { start: text.indexOf('x'), value: 'first' },
      { path: ['c'], value: '' },
    ]
    expect(replaceScalars(text, edits)).toBe('a: first\nb: [y, longer]\nc: ""\n')
  })

  it('leaves the text alone where the value is there already', () => {
    const text = 'a: "x\\u0079"\nb: &b v\nc: *b\n'
    expect(edit(text, 'a', 'xy')).toBe(text)
    expect(replaceScalars(text, [])).toBe(text)
  })

  it('takes one value for two paths of one anchor', () => {
    const edits = ['b', 'c'].map((key) => ({ path: [key], value: 'w' }))
    expect(replaceScalars('b: &b v\nc: *b\n', edits)).toBe('b: &b w\nc: *b\n')
  })

  it.each([
    ['a null that is not written', 'a:\nb: 1', 'a', 'x', 'values.yaml: a is empty: there is no text to replace'],
    ['a path to nothing', 'a: 1', 'b', 'x', 'values.yaml: there is no scalar at b'],
    ['a path to a mapping', 'a: {b: 1}', 'a', 'x', 'values.yaml: there is no scalar at a'],
    ['a tag that forbids the value', 'a: !!int 5', 'a', 'x', 'is not !!int'],
    ['a tag that reads it as a number', 'a: !!float 5', 'a', '6', 'cannot stand in its place without changing a'],
    ['half a surrogate pair', 'a: 5', 'a', '\ud800', 'values.yaml: the new text of a is not Unicode'],
  ])('refuses %s', (_, text, path, value, message) => {
    expect(() => edit(text, path, value)).toThrow(
      expect.objectContaining({ code: 'YAML_INVALID', message: expect.stringContaining(message) }),
    )
  })

  it('refuses two values for one anchored scalar', () => {
    const edits = [
      { path: ['b'], value: 'w' },
      { path: ['c'], value: 'x' },
    ]
    expect(() => replaceScalars('b: &b v\nc: *b\n', edits)).toThrow('b and c are one anchored scalar')
  })
})
