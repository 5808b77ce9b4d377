import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { bare } from '../../../src/helm/template/text.ts'
import { GoList, GoMap, type Text, TracedScalar, type Value } from '../../../src/helm/template/value.ts'
import { call, leaf, spell, traced } from './call.ts'

const name = leaf('image', 'name')
const tag = leaf('image', 'tag')
const image = (): Text => traced('docker.io/nginx', name)

const run = (fn: string, ...values: Value[]): Value => call(fn, values, { traced: true })

describe('functions that keep the source of characters', () => {
  it.each<readonly [string, Value, readonly string[]]>([
    ['trunc', run('trunc', call('int', ['6']), image()), ['docker<image.name>']],
    ['trimPrefix', run('trimPrefix', 'docker.io/', image()), ['nginx<image.name+10>']],
    ['trimSuffix', run('trimSuffix', '/nginx', image()), ['docker.io<image.name>']],
    ['trim', run('trim', traced(' a ', tag)), ['a<image.tag+1>']],
    ['upper', run('upper', traced('v1', tag)), ['V1<image.tag>']],
    ['base', run('base', image()), ['nginx<image.name+10>']],
    ['dir', run('dir', image()), ['docker.io<image.name>']],
    ['quote', run('quote', traced('a"b', tag)), ['a<image.tag>', 'b<image.tag+2>']],
    ['default', run('default', 'x', traced('1.2', tag)), ['1.2<image.tag>']],
    ['ternary', run('ternary', traced('1.2', tag), 'x', true), ['1.2<image.tag>']],
    ['regexReplaceAll', run('regexReplaceAll', '^.*/', image(), 'r/'), ['nginx<image.name+10>']],
    ['regexFind', run('regexFind', '[a-z]+$', image()), ['nginx<image.name+10>']],
    [
      'join',
      run('join', ':', new GoList([image(), traced('1', tag)])),
      ['docker.io/nginx<image.name>', '1<image.tag>'],
    ],
    ['toYaml', run('toYaml', new GoMap([['a', image()]])), ['docker.io/nginx<image.name>']],
    ['toJson', run('toJson', new GoMap([['a', image()]])), ['docker.io/nginx<image.name>']],
    ['toToml', run('toToml', new GoMap([['a', image()]])), ['docker.io/nginx<image.name>']],
    ['replace', run('replace', '.', '-', traced('1.2', tag)), ['1<image.tag>', '2<image.tag+2>']],
  ])('%s', (_, found, expected) => {
    expect(spell(found)).toEqual(expected)
  })

  it('keeps the groups that a replacement names', () => {
    expect(spell(run('regexReplaceAll', '(.*)/(.*)', image(), '$2@$1'))).toEqual([
      'nginx<image.name+10>',
      'docker.io<image.name>',
    ])
  })

  it('keeps leaves on their way through YAML text and back', () => {
    const text = run(
      'toYaml',
      new GoMap([
        ['a', traced("it's: odd", tag)],
        ['b', new TracedScalar(true, name)],
      ]),
    )
    const back = run('fromYaml', text) as GoMap
    expect(bare(back.get('a') as Text)).toBe("it's: odd")
    expect(new Set(spell(back.get('a')).map((piece) => piece.replace(/.*<(.*?)(\+.*)?>/, '$1')))).toEqual(
      new Set(['image.tag']),
    )
    expect(back.get('b')).toEqual(new TracedScalar(true, name))
  })

  it('keeps leaves on their way through JSON text and back', () => {
    const back = run(
      'fromJson',
      run(
        'toJson',
        new GoMap([
          ['a', image()],
          ['n', new TracedScalar(3, tag)],
        ]),
      ),
    ) as GoMap
    expect(spell(back.get('a'))).toEqual(['docker.io/nginx<image.name>'])
    expect(back.get('n')).toEqual(new TracedScalar(3, tag))
  })
})

describe('functions that compute a new text', () => {
  it('are recorded with their arguments', () => {
    const digest = createHash('sha256').update('docker.io/nginx').digest('hex')
    expect(spell(run('sha256sum', image()))).toEqual([`${digest}<sha256sum>`])
    expect(spell(run('b64enc', traced('a', tag)))).toEqual(['YQ==<b64enc>'])
  })

  it('are marked when two renderings differ', () => {
    const text = run('randAlphaNum', call('int', ['4']))
    expect(text).toMatchObject({ spans: [{ origin: { kind: 'derived', volatile: true } }] })
  })
})
