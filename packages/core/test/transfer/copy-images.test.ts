import { describe, expect, it } from 'vitest'
import { digestOf } from '../../src/digest.ts'
import { openMemoryContent } from '../../src/oci/content/memory.ts'
import { copyItems } from '../../src/transfer/copy-images.ts'

const old = digestOf('old')

describe('copyItems', () => {
  const items = (...pairs: readonly (readonly [string, string])[]): readonly string[] =>
    copyItems(
      pairs.map(([from, to]) => ({ from, to })),
      (name) => openMemoryContent(name),
    ).map(({ source, from, sink, tag }) => `${source.name} ${from} -> ${sink.name} ${tag}`)

  it('takes the digest at the source, and gives each image a tag at the target', () => {
    expect(
      items(
        ['nginx', 'r.corp/m/library/nginx'],
        [`quay.io/a/b:v1@${old}`, `r.corp/a/b:v1@${old}`],
        [`quay.io/a/c@${old}`, `r.corp/a/c@${old}`],
      ),
    ).toEqual([
      'docker.io/library/nginx latest -> r.corp/m/library/nginx latest',
      `quay.io/a/b ${old} -> r.corp/a/b v1`,
      `quay.io/a/c ${old} -> r.corp/a/c digest-${old.slice(7, 23)}`,
    ])
  })

  it('takes each image once, and refuses two images of one name', () => {
    expect(items(['nginx', 'r.corp/nginx'], ['docker.io/library/nginx:latest', 'r.corp/nginx'])).toHaveLength(1)
    expect(() => items(['nginx', 'r.corp/x'], ['redis', 'r.corp/x'])).toThrow('would both become r.corp/x:latest')
  })
})
