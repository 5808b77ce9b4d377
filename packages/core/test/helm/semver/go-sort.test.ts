// What Go 1.26 made of the same lists with sort.Sort(sort.Reverse(list)), as digests of the places that items came from.
import { describe, expect, it } from 'vitest'
import { goSorted } from '../../../src/helm/semver/go-sort.ts'

/** Items that look like chance, with so many different keys; the same each time. */
function items(count: number, keys: number): { readonly key: number; readonly place: number }[] {
  let state = BigInt(count)
  return Array.from({ length: count }, (_, place) => {
    state = (state * 1_103_515_245n + 12_345n) % 2_147_483_648n
    return { key: Number((state >> 8n) % BigInt(keys)), place }
  })
}

describe('goSorted', () => {
  it.each([
    [13, 2, 9694],
    [13, 3, 340467],
    [13, 10, 844105],
    [13, 1000, 990732],
    [20, 2, 840981],
    [20, 3, 154508],
    [20, 10, 439433],
    [20, 1000, 685532],
    [49, 2, 121114],
    [49, 3, 831586],
    [49, 10, 434798],
    [49, 1000, 631464],
    [50, 2, 349620],
    [50, 3, 248549],
    [50, 10, 583123],
    [50, 1000, 370474],
    [60, 2, 39819],
    [60, 3, 523662],
    [60, 10, 787100],
    [60, 1000, 337159],
    [100, 2, 55033],
    [100, 3, 843303],
    [100, 10, 201365],
    [100, 1000, 137317],
    [200, 2, 459498],
    [200, 3, 252681],
    [200, 10, 256695],
    [200, 1000, 777296],
    [300, 2, 104929],
    [300, 3, 375312],
    [300, 10, 977812],
    [300, 1000, 683235],
    [500, 2, 206038],
    [500, 3, 904965],
    [500, 10, 621290],
    [500, 1000, 311923],
    [700, 2, 537821],
    [700, 3, 478526],
    [700, 10, 283691],
    [700, 1000, 87076],
    [1000, 2, 546579],
    [1000, 3, 726659],
    [1000, 10, 991804],
    [1000, 1000, 269563],
    [3000, 2, 775780],
    [3000, 3, 831622],
    [3000, 10, 577083],
    [3000, 1000, 230877],
  ])('gives %d items with %d keys the order of Go', (count, keys, expected) => {
    const sorted = goSorted(items(count, keys), (a, b) => b.key < a.key)
    expect(sorted.reduce((digest, { place }, at) => (digest * 31 + place * 7 + at) % 1_000_003, 0)).toBe(expected)
  })

  it.each([0, 1, 2, 12])('leaves %d items that are sorted, or equal, as they are', (count) => {
    const equal = Array.from({ length: count }, (_, place) => place)
    expect(goSorted(equal, () => false)).toEqual(equal)
    expect(goSorted(equal, (a, b) => a < b)).toEqual(equal)
  })

  it('sorts what is made to be slow for it', () => {
    const organ = [...Array.from({ length: 500 }, (_, at) => at), ...Array.from({ length: 500 }, (_, at) => 500 - at)]
    expect(goSorted(organ, (a, b) => a < b)).toEqual(organ.toSorted((a, b) => a - b))
  })
})
