import { describe, expect, it } from 'vitest'
import { merge } from '../../../src/helm/functions/merge.ts'
import { GoMap } from '../../../src/helm/template/value.ts'

describe('merge', () => {
  it('changes the destination and shares the maps of the source', () => {
    const shared = new GoMap([['x', 1]])
    const destination = new GoMap([['a', 1]])
    expect(merge(destination, new GoMap([['b', shared]]), false)).toBe(destination)
    shared.set('x', 2)
    expect((destination.get('b') as GoMap).get('x')).toBe(2)
  })

  it('leaves a map alone that is merged into itself', () => {
    const inner = new GoMap([['x', 1]])
    const map = new GoMap([['a', inner]])
    merge(map, map, true)
    expect(map.get('a')).toBe(inner)
  })

  it('makes a new map of a nil one', () => {
    const made = merge(new GoMap([], undefined, true), new GoMap([['a', 1]]), false)
    expect(made.isNil).toBe(false)
    expect(made.get('a')).toBe(1)
  })
})
