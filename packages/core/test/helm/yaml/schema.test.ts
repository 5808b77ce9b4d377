import { load } from 'js-yaml'
import { describe, expect, it } from 'vitest'
import { parseYaml } from '../../../src/helm/yaml/parse.ts'
import { textSchema } from '../../../src/helm/yaml/schema.ts'

describe('textSchema', () => {
  it('makes js-yaml read what parseYaml reads with numbers as text', () => {
    const text =
      'a: 1.10\nb: 1e6\nc: yes\nd: ~\ne: "5"\nf: 0x10\ng: x\nh: [2020-01-02, .5]\ni: !python/unicode j\nk: &k {l: 1}\nm: {<<: *k}'
    expect(load(text, { schema: textSchema })).toEqual(parseYaml(text, { numbersAsText: true }))
  })
})
