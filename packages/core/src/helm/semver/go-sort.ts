// Sorting as Go's sort.Sort does (Go 1.19 and later, sort/zsortinterface.go): not stable, and always the same. What
// Helm makes of versions that are equal but for their build metadata follows from it.

/** Whether the item at one place comes before that at another. */
type Less = (i: number, j: number) => boolean

interface Data {
  readonly less: Less
  readonly swap: (i: number, j: number) => void
}

/** Items up to so many are sorted by insertion, which is stable. */
const mostInserted = 12

/** The items in the order that Go's sort.Sort gives them. Takes time in proportion to n log n. */
export function goSorted<Item>(items: readonly Item[], isLess: (a: Item, b: Item) => boolean): Item[] {
  const sorted = [...items]
  const at = (place: number): Item => sorted[place] as Item
  const data: Data = {
    less: (i, j) => isLess(at(i), at(j)),
    swap: (i, j) => {
      const kept = at(i)
      sorted[i] = at(j)
      sorted[j] = kept
    },
  }
  if (items.length > 1) sortRange(data, 0, items.length, bitLength(items.length))
  return sorted
}

function bitLength(value: number): number {
  return value.toString(2).length
}

/** Pattern-defeating quicksort of the items from `a` to before `b`. */
function sortRange(data: Data, from: number, to: number, badChoices: number): void {
  let [a, b, limit] = [from, to, badChoices]
  let wasBalanced = true
  let wasPartitioned = true
  for (;;) {
    const length = b - a
    if (length <= mostInserted || limit === 0) {
      const sort = length <= mostInserted ? insertionSort : heapSort
      sort(data, a, b)
      return
    }
    if (!wasBalanced) {
      breakPatterns(data, a, b)
      limit--
    }
    let { pivot, hint } = choosePivot(data, a, b)
    if (hint === 'decreasing') {
      reverse(data, a, b)
      pivot = b - 1 - (pivot - a)
      hint = 'increasing'
    }
    if (wasBalanced && wasPartitioned && hint === 'increasing' && partialInsertionSort(data, a, b)) return
    if (a > 0 && !data.less(a - 1, pivot)) {
      a = partitionEqual(data, a, b, pivot)
      continue
    }
    const { middle, wasReady } = partition(data, a, b, pivot)
    wasPartitioned = wasReady
    const [left, right] = [middle - a, b - middle]
    wasBalanced = Math.min(left, right) >= Math.floor(length / 8)
    if (left < right) {
      sortRange(data, a, middle, limit)
      a = middle + 1
    } else {
      sortRange(data, middle + 1, b, limit)
      b = middle
    }
  }
}

function insertionSort({ less, swap }: Data, a: number, b: number): void {
  for (let i = a + 1; i < b; i++) for (let j = i; j > a && less(j, j - 1); j--) swap(j, j - 1)
}

function heapSort(data: Data, a: number, b: number): void {
  const { swap } = data
  const count = b - a
  for (let i = Math.floor((count - 1) / 2); i >= 0; i--) siftDown(data, i, count, a)
  for (let i = count - 1; i >= 0; i--) {
    swap(a, a + i)
    siftDown(data, 0, i, a)
  }
}

function siftDown({ less, swap }: Data, low: number, high: number, first: number): void {
  for (let root = low; ; ) {
    let child = 2 * root + 1
    if (child >= high) return
    if (child + 1 < high && less(first + child, first + child + 1)) child++
    if (!less(first + root, first + child)) return
    swap(first + root, first + child)
    root = child
  }
}

/** Puts what is less than the pivot before it, and the rest behind it. */
function partition(
  { less, swap }: Data,
  a: number,
  b: number,
  pivot: number,
): { readonly middle: number; readonly wasReady: boolean } {
  swap(a, pivot)
  let [i, j] = [a + 1, b - 1]
  for (let wasReady = true; ; wasReady = false) {
    while (i <= j && less(i, a)) i++
    while (i <= j && !less(j, a)) j--
    if (i > j) {
      swap(j, a)
      return { middle: j, wasReady }
    }
    swap(i, j)
    i++
    j--
  }
}

/** Puts what equals the pivot before what is greater; gives the place of the first that is. */
function partitionEqual({ less, swap }: Data, a: number, b: number, pivot: number): number {
  swap(a, pivot)
  let [i, j] = [a + 1, b - 1]
  for (;;) {
    while (i <= j && !less(a, i)) i++
    while (i <= j && less(a, j)) j--
    if (i > j) return i
    swap(i, j)
    i++
    j--
  }
}

/** Sorts what is nearly sorted; false where that would take too long. */
function partialInsertionSort({ less, swap }: Data, a: number, b: number): boolean {
  let i = a + 1
  for (let step = 0; step < 5; step++) {
    while (i < b && !less(i, i - 1)) i++
    if (i === b) return true
    if (b - a < 50) return false
    swap(i, i - 1)
    if (i - a >= 2) for (let j = i - 1; j >= 1 && less(j, j - 1); j--) swap(j, j - 1)
    if (b - i >= 2) for (let j = i + 1; j < b && less(j, j - 1); j++) swap(j, j - 1)
  }
  return false
}

/** Scatters three items, by numbers that are always the same. */
function breakPatterns({ swap }: Data, a: number, b: number): void {
  const length = b - a
  if (length < 8) return
  let random = BigInt(length)
  const next = (): bigint => {
    random ^= BigInt.asUintN(64, random << 13n)
    random ^= random >> 7n
    random ^= BigInt.asUintN(64, random << 17n)
    return random
  }
  const mask = (1n << BigInt(bitLength(length))) - 1n
  const first = a + Math.floor(length / 4) * 2 - 1
  for (let i = 0; i < 3; i++) {
    const other = Number(next() & mask)
    swap(first + i, a + (other >= length ? other - length : other))
  }
}

interface Choice {
  readonly pivot: number
  readonly hint: 'increasing' | 'decreasing' | 'unknown'
}

/** The median of three, or of three medians; no swap among them is a sign of order, twelve are one of the reverse. */
function choosePivot({ less }: Data, a: number, b: number): Choice {
  let swaps = 0
  const ordered = (i: number, j: number): readonly [number, number] => {
    if (!less(j, i)) return [i, j]
    swaps++
    return [j, i]
  }
  const median = (x: number, y: number, z: number): number => {
    const [low, high] = ordered(x, y)
    const [middle] = ordered(high, z)
    return ordered(low, middle)[1]
  }
  const quarter = Math.floor((b - a) / 4)
  const places = [1, 2, 3].map((part) => a + quarter * part)
  const [i = a, j = a, k = a] = b - a >= 50 ? places.map((place) => median(place - 1, place, place + 1)) : places
  const pivot = median(i, j, k)
  return { pivot, hint: swaps === 0 ? 'increasing' : swaps === 12 ? 'decreasing' : 'unknown' }
}

function reverse({ swap }: Data, a: number, b: number): void {
  for (let [i, j] = [a, b - 1]; i < j; i++, j--) swap(i, j)
}
