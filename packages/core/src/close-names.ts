// Names that somebody may have meant who wrote another one.

/** Letters of a name that are compared; the rest of a longer one counts for nothing. */
const mostLetters = 100

/**
 * The names that are like the one wanted, the closest first: those that hold it or lie within it, and those that a few
 * letters make of it. At most `most`.
 */
export function closeNames(wanted: string, names: Iterable<string>, most = 3): readonly string[] {
  const asked = wanted.toLowerCase().slice(0, mostLetters)
  if (asked === '') return []
  const furthest = Math.max(1, Math.floor(asked.length / 3))
  const found: { readonly name: string; readonly distance: number }[] = []
  for (const name of names) {
    const own = name.toLowerCase().slice(0, mostLetters)
    const isPart = asked.length > 2 && own.length > 2 && (own.includes(asked) || asked.includes(own))
    const distance = isPart ? 0.5 : distanceOf(asked, own, furthest)
    if (distance <= furthest) found.push({ name, distance })
  }
  return found
    .sort((one, other) => one.distance - other.distance || (one.name < other.name ? -1 : 1))
    .slice(0, most)
    .map(({ name }) => name)
}

/** How many letters are added, gone, changed, or swapped with their neighbour (optimal string alignment); what is above the bound may be any number above it. */
function distanceOf(one: string, other: string, bound: number): number {
  if (Math.abs(one.length - other.length) > bound) return bound + 1
  let before: number[] = []
  let last = Array.from({ length: other.length + 1 }, (_, at) => at)
  for (let row = 1; row <= one.length; row++) {
    const next = [row]
    for (let column = 1; column <= other.length; column++) {
      const isSame = one[row - 1] === other[column - 1]
      let least = Math.min(
        (last[column] ?? 0) + 1,
        (next[column - 1] ?? 0) + 1,
        (last[column - 1] ?? 0) + (isSame ? 0 : 1),
      )
      if (row > 1 && column > 1 && one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1])
        least = Math.min(least, (before[column - 2] ?? 0) + 1)
      next[column] = least
    }
    before = last
    last = next
  }
  return last[other.length] ?? 0
}

/** `Did you mean a, b or c?`; empty where nothing is close. */
export function didYouMean(wanted: string, names: Iterable<string>): string {
  const close = closeNames(wanted, names)
  if (close.length === 0) return ''
  const [last = '', ...others] = close.toReversed()
  return `Did you mean ${others.length === 0 ? last : `${others.toReversed().join(', ')} or ${last}`}?`
}
