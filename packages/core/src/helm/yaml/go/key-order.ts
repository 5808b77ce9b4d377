// The order of keys in what go-yaml writes: numbers in them count as numbers.

const letter = /^\p{L}$/u
const digit = /^\p{Nd}$/u

/** The order of go-yaml 2: `a2` before `a10`, what is no letter before letters. Negative, zero or positive. */
export function compareKeys(a: string, b: string): number {
  return compare(a, b, false)
}

/** The order of go-yaml 3, where behind a digit letters come first. */
export function compareKeys3(a: string, b: string): number {
  return compare(a, b, true)
}

function compare(a: string, b: string, digitsMatter: boolean): number {
  if (a === b) return 0
  const left = Array.from(a)
  const right = Array.from(b)
  const shared = Math.min(left.length, right.length)
  for (let at = 0; at < shared; at++) {
    if (left[at] !== right[at]) return compareFrom(left, right, at, digitsMatter)
  }
  return left.length - right.length
}

function compareFrom(left: readonly string[], right: readonly string[], at: number, digitsMatter: boolean): number {
  const a = left[at] as string
  const b = right[at] as string
  const aLetter = letter.test(a)
  const bLetter = letter.test(b)
  if (aLetter !== bLetter) {
    const lettersFirst = digitsMatter && at > 0 && digit.test(left[at - 1] as string)
    return (lettersFirst ? aLetter : bLetter) ? -1 : 1
  }
  const order = (a.codePointAt(0) as number) - (b.codePointAt(0) as number)
  if (aLetter) return order
  // A zero that follows another digit counts, as in 10 and 1.
  const carried = (a === '0' || b === '0') && followsNumber(left, at) ? 1n : 0n
  const first = readNumber(left, at, carried)
  const second = readNumber(right, at, carried)
  if (first.value !== second.value) return first.value < second.value ? -1 : 1
  return first.end === second.end ? order : first.end - second.end
}

function followsNumber(characters: readonly string[], at: number): boolean {
  for (let index = at - 1; index >= 0 && digit.test(characters[index] as string); index--) {
    if (characters[index] !== '0') return true
  }
  return false
}

function readNumber(characters: readonly string[], at: number, start: bigint): { value: bigint; end: number } {
  let value = start
  let end = at
  for (; end < characters.length && digit.test(characters[end] as string); end++) {
    value = BigInt.asIntN(64, value * 10n + BigInt((characters[end] as string).codePointAt(0) as number) - 48n)
  }
  return { value, end }
}
