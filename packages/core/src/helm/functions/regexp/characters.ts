// Sets of characters that one place of a regular expression accepts.

/** Whether a code point belongs. */
export type CharacterSet = (code: number) => boolean

/** The ranges of Perl's classes and of POSIX, as code points from-to. */
const classes: Readonly<Record<string, readonly (readonly [number, number])[]>> = {
  d: ranges('09'),
  s: [
    [9, 10],
    [12, 13],
    [32, 32],
  ],
  w: ranges('09AZ__az'),
  alnum: ranges('09AZaz'),
  alpha: ranges('AZaz'),
  ascii: [[0, 127]],
  blank: [
    [9, 9],
    [32, 32],
  ],
  cntrl: [
    [0, 31],
    [127, 127],
  ],
  digit: ranges('09'),
  graph: ranges('!~'),
  lower: ranges('az'),
  print: ranges(' ~'),
  punct: ranges('!/:@[`{~'),
  space: [
    [9, 13],
    [32, 32],
  ],
  upper: ranges('AZ'),
  word: ranges('09AZ__az'),
  xdigit: ranges('09AFaf'),
}

function ranges(pairs: string): [number, number][] {
  return (pairs.match(/../gs) ?? []).map((pair): [number, number] => [pair.charCodeAt(0), pair.charCodeAt(1)])
}

/** A class by name: `d`, `w`, `alnum`; undefined when there is none. */
export function namedSet(name: string): CharacterSet | undefined {
  const found = Object.hasOwn(classes, name) ? classes[name] : undefined
  return found && ((code) => found.some(([low, high]) => code >= low && code <= high))
}

/** A Unicode category or script: `L`, `Lu`, `Greek`, `Any`; undefined when there is none. */
export function unicodeSet(name: string): CharacterSet | undefined {
  if (name === 'Any') return () => true
  if (!/^[A-Za-z_]+$/.test(name)) return undefined
  for (const property of [name, `Script=${name}`]) {
    try {
      const pattern = new RegExp(`^\\p{${property}}$`, 'u')
      // JavaScript knows properties that Go does not: categories there have one or two letters.
      if (property === name && name.length > 2) continue
      return (code) => pattern.test(String.fromCodePoint(code))
    } catch {
      // Not a property: the next spelling may be.
    }
  }
  return undefined
}

/** One character, or all of its cases. */
export function literalSet(code: number, fold: boolean): CharacterSet {
  return fold ? folded((candidate) => candidate === code) : (candidate) => candidate === code
}

/** A range, or all cases of its characters. */
export function rangeSet(low: number, high: number, fold: boolean): CharacterSet {
  const set: CharacterSet = (code) => code >= low && code <= high
  return fold ? folded(set) : set
}

/** The set with every case of its characters. */
export function folded(set: CharacterSet): CharacterSet {
  return (code) => set(code) || casesOf(code).some(set)
}

// Characters whose other cases JavaScript finds in one direction only.
const moreCases: Readonly<Record<number, readonly number[]>> = {
  75: [0x212a],
  107: [0x212a],
  83: [0x17f],
  115: [0x17f],
  229: [0x212b],
  197: [0x212b],
}

function casesOf(code: number): number[] {
  const character = String.fromCodePoint(code)
  const cases = [character.toLowerCase(), character.toUpperCase(), character.toUpperCase().toLowerCase()]
  const codes = cases.filter((one) => Array.from(one).length === 1).map((one) => one.codePointAt(0) as number)
  return [...codes, ...(moreCases[code] ?? [])]
}
