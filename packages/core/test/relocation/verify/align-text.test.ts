import { describe, expect, it } from 'vitest'
import { namingOf } from '../../../src/reference/naming.ts'
import { parseTarget } from '../../../src/reference/target.ts'
import { alignText } from '../../../src/relocation/verify/align-text.ts'

const naming = namingOf(parseTarget('reg.corp:5000/m'))

describe('alignText', () => {
  it.each([
    ['a whole text', 'quay.io/a/b:1', 'reg.corp:5000/m/a/b:1', ['quay.io/a/b:1']],
    ['an argument', '--image=quay.io/a/b:1', '--image=reg.corp:5000/m/a/b:1', ['quay.io/a/b:1']],
    ['the short form of Docker Hub', 'run nginx:1 now', 'run reg.corp:5000/m/library/nginx:1 now', ['nginx:1']],
    [
      'several in one text',
      '1=quay.io/a:1\n2=quay.io/a:2\n',
      '1=reg.corp:5000/m/a:1\n2=reg.corp:5000/m/a:2\n',
      ['quay.io/a:1', 'quay.io/a:2'],
    ],
    ['one before punctuation', 'see quay.io/a/b:1.', 'see reg.corp:5000/m/a/b:1.', ['quay.io/a/b:1']],
    ['JSON', '{"image":"quay.io/a:1","n":1}', '{"image":"reg.corp:5000/m/a:1","n":1}', ['quay.io/a:1']],
    ['nothing where both are equal', 'same', 'same', []],
  ])('sees images move in %s', (_, before, after, images) => {
    expect(alignText(before, after, naming)?.images.map(({ from }) => from)).toEqual(images)
  })

  it.each([
    ['a flag', '--registry=quay.io', '--registry=reg.corp:5000/m'],
    ['JSON', '{"hub": "quay.io/a"}', '{"hub": "reg.corp:5000/m/a"}'],
    ['credentials', '{"auths":{"quay.io":{"auth":"eA=="}}}', '{"auths":{"reg.corp:5000/m":{"auth":"eA=="}}}'],
  ])('counts a registry that stands alone in %s', (_, before, after) => {
    expect(alignText(before, after, naming)).toMatchObject({ images: [], parts: 1 })
  })

  it('counts a hash that became another one', () => {
    const [before, after] = ['a', 'b'].map((digit) => `id: "${digit.repeat(64)}"`)
    expect(alignText(before ?? '', after ?? '', naming)).toMatchObject({
      images: [],
      hashes: [{ before: 5, after: 5, length: 64 }],
    })
  })

  it('keeps the scheme before a reference', () => {
    expect(alignText('oci://quay.io/a:1', 'oci://reg.corp:5000/m/a:1', naming)?.images).toHaveLength(1)
  })

  it.each([
    ['another tag', 'quay.io/a/b:1', 'reg.corp:5000/m/a/b:2'],
    ['a doubled registry', 'quay.io/a/b:1', 'quay.io/reg.corp:5000/m/a/b:1'],
    ['a lost path', 'quay.io/a/b:1', 'reg.corp:5000/m/b:1'],
    ['more text behind', 'quay.io/a/b:1', 'reg.corp:5000/m/a/b:1 x'],
    ['text cut off', 'quay.io/a/b:1 x', 'reg.corp:5000/m/a/b:1'],
    ['a word that changed', 'replicas 1', 'replicas 2'],
  ])('refuses %s', (_, before, after) => {
    expect(alignText(before, after, naming)).toBeUndefined()
  })
})
