import { describe, expect, it } from 'vitest'
import { byteLength, byteSlice, bytesOf, textOfBytes } from '../../../src/helm/template/bytes.ts'
import {
  bare,
  concat,
  derived,
  join,
  rebuild,
  replace,
  respell,
  slice,
  split,
  textFrom,
  trim,
} from '../../../src/helm/template/text.ts'
import { type Origin, type Text, TracedText } from '../../../src/helm/template/value.ts'

const tag: Origin = { kind: 'leaf', file: 'values.yaml', path: ['image', 'tag'], text: '1.2' }
const name: Origin = { kind: 'leaf', file: 'values.yaml', path: ['image', 'name'], text: 'nginx' }

/** The spans in words: `text<origin+offset>`. */
function spell(text: Text): string[] {
  if (typeof text === 'string') return [text]
  const label = new Map<Origin, string>([
    [tag, 'tag'],
    [name, 'name'],
  ])
  return text.spans.map(
    (s) => `${text.text.slice(s.start, s.end)}<${label.get(s.origin) ?? s.origin.kind}+${s.offset}>`,
  )
}

describe('concat', () => {
  it('stays a plain string when nothing is traced', () => {
    expect(concat(['a', 'b'])).toBe('ab')
  })

  it('keeps spans and joins those that continue each other', () => {
    const whole = textFrom('nginx', name)
    expect(spell(concat([slice(whole, 0, 2), slice(whole, 2), ':', textFrom('1.2', tag)]))).toEqual([
      'nginx<name+0>',
      '1.2<tag+0>',
    ])
  })

  it('remembers the source of an empty text until something else is there', () => {
    expect(spell(concat(['', textFrom('', tag)]))).toEqual(['<tag+0>'])
    expect(spell(concat(['x', textFrom('', tag)]))).toEqual([])
  })
})

describe('slice', () => {
  it('moves spans and offsets', () => {
    const text = concat(['docker.io/', textFrom('nginx', name), ':', textFrom('1.2', tag)])
    expect(spell(slice(text, 11, 17))).toEqual(['ginx<name+1>', '1<tag+0>'])
  })
})

describe('replace', () => {
  it('keeps the spans around and inside the replacement', () => {
    const result = replace(textFrom('a-b-c', name), '-', textFrom('+', tag))
    expect(bare(result)).toBe('a+b+c')
    expect(spell(result)).toEqual(['a<name+0>', '+<tag+0>', 'b<name+2>', '+<tag+0>', 'c<name+4>'])
  })

  it('does what Go does with an empty old text and with a count', () => {
    expect(replace('ab', '', '.')).toBe('.a.b.')
    expect(replace('ab', '', '.', 2)).toBe('.a.b')
    expect(replace('aaa', 'a', 'b', 2)).toBe('bba')
    expect(replace('a$1', '$', '$&')).toBe('a$&1')
  })
})

describe('split', () => {
  it('cuts as strings.SplitN does', () => {
    expect(split('a,b,c', ',')).toEqual(['a', 'b', 'c'])
    expect(split('a,b,c', ',', 2)).toEqual(['a', 'b,c'])
    expect(split('', ',')).toEqual([''])
    expect(split('hé😀', '')).toEqual(['h', 'é', '😀'])
    expect(split('', '')).toEqual([])
  })

  it('keeps spans', () => {
    expect(split(textFrom('a/b', name), '/').map(spell)).toEqual([['a<name+0>'], ['b<name+2>']])
  })
})

describe('trim', () => {
  it('cuts both ends by characters', () => {
    expect(spell(trim(textFrom('  x ', name), (c) => c === ' '))).toEqual(['x<name+2>'])
    expect(trim('😀a😀', (c) => c === '😀', 'end')).toBe('😀a')
  })
})

describe('respell', () => {
  it('keeps spans while the length stays', () => {
    expect(spell(respell(textFrom('ab', name), (s) => s.toUpperCase()))).toEqual(['AB<name+0>'])
    expect(respell(textFrom('ß', name), (s) => s.toUpperCase())).toBe('SS')
  })
})

describe('rebuild', () => {
  it('mixes new text and ranges', () => {
    expect(spell(join([rebuild(textFrom('ab', name), ['"', [0, 1], '\\', [1, 2], '"']), 'x'], ','))).toEqual([
      'a<name+0>',
      'b<name+1>',
    ])
  })
})

describe('derived', () => {
  it('records the call', () => {
    const inputs = [textFrom('x', tag)]
    const digest = derived('2d71', 'sha256sum', inputs)
    expect(digest).toBeInstanceOf(TracedText)
    expect(digest.spans).toEqual([
      {
        start: 0,
        end: 4,
        offset: 0,
        origin: { kind: 'derived', name: 'sha256sum', inputs, text: '2d71', volatile: false },
      },
    ])
  })
})

describe('bytesOf', () => {
  it('gives back the bytes of any file', () => {
    const bytes = Uint8Array.from([0x42, 0x5a, 0xff, 0x00, 0xc3, 0xa9, 0xc3, 0xed, 0xa0, 0x80, 0xf0, 0x9f, 0x98, 0x80])
    expect([...bytesOf(textOfBytes(bytes))]).toEqual([...bytes])
  })
})

describe('byteSlice', () => {
  it('counts bytes and may cut a character', () => {
    expect(byteLength('héllo')).toBe(6)
    expect(byteSlice('héllo', 0, 3)).toBe('hé')
    expect([...bytesOf(bare(byteSlice('héllo', 0, 2)))]).toEqual([0x68, 0xc3])
    expect(spell(byteSlice(textFrom('héllo', name), 3))).toEqual(['llo<name+2>'])
  })
})
