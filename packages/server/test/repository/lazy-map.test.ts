import { describe, expect, it } from 'vitest'
import { lazyMap } from '../../src/repository/lazy-map.ts'

describe('lazyMap', () => {
  const made: string[] = []
  const map = lazyMap(['a', 'b'], (key) => {
    made.push(key)
    return key.toUpperCase()
  })

  it('makes nothing before it is looked at', () => {
    expect([map.size, map.has('a'), map.has('c'), [...map.keys()]]).toEqual([2, true, false, ['a', 'b']])
    expect(map.get('c')).toBeUndefined()
    expect(made).toEqual([])
    expect(map.get('b')).toBe('B')
    expect(made).toEqual(['b'])
  })

  it('is read as any map', () => {
    const seen: unknown[] = []
    map.forEach((value, key, whole) => void seen.push([key, value, whole === map]))
    expect(seen).toEqual([
      ['a', 'A', true],
      ['b', 'B', true],
    ])
    expect([...map]).toEqual([...map.entries()])
    expect([...map.values()]).toEqual(['A', 'B'])
    expect(Object.fromEntries(map)).toEqual({ a: 'A', b: 'B' })
  })
})
