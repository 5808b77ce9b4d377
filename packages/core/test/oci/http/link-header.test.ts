import { describe, expect, it } from 'vitest'
import { parseLinks } from '../../../src/oci/http/link-header.ts'

describe('parseLinks', () => {
  it.each([
    ['</v2/a/tags/list?n=2&last=b>; rel="next"', '/v2/a/tags/list?n=2&last=b', ['next']],
    ['<next?a=1,2>;rel=next', 'next?a=1,2', ['next']],
    ['<x>; title="a, b; rel=prev"; rel="last NEXT"', 'x', ['last', 'next']],
    ['<x> ; rel = "next" ; rel="prev"', 'x', ['next']],
    ['<x>; anchor; rel=next', 'x', ['next']],
    ['<x>; title="say \\"rel\\""; REL=Next', 'x', ['next']],
    ['<>; rel=next', '', ['next']],
    ['<x>', 'x', []],
  ])('reads %s', (header, target, relations) => {
    expect(parseLinks(header)).toEqual([{ target, relations }])
  })

  it('reads several links, and ends where it cannot read', () => {
    expect(parseLinks('<a>; rel=prev, <b>;rel=next').map(({ target }) => target)).toEqual(['a', 'b'])
    expect(parseLinks('<a>; rel=prev, next')).toHaveLength(1)
    expect(parseLinks('next')).toEqual([])
  })
})
