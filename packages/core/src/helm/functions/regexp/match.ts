// Matching in time linear in the text, whatever the expression (Pike's machine), with the priorities of Perl and Go.
import { ChartferryError } from '../../../errors.ts'
import { GoError } from '../../template/value.ts'
import { compileProgram, type Program, type Step } from './program.ts'
import { type Assertion, parseRegexp } from './syntax.ts'

/** Where the groups of a match start and end, in UTF-16 units: 0 and 1 the whole; -1 for a group without a match. */
export type Match = readonly number[]

/** The states alive at a place, in order of priority. */
interface Threads {
  readonly steps: number[]
  readonly saved: number[][]
}

const cache = new Map<string, Program | GoError>()
const cacheSize = 500

/** The program of an expression; the last ones are kept. Throws GoError with the words of `regexp.Compile`. */
export function compile(expression: string): Program {
  let found = cache.get(expression)
  if (found === undefined) {
    found = tryCompile(expression)
    if (cache.size >= cacheSize) cache.delete(cache.keys().next().value as string)
    cache.set(expression, found)
  }
  if (found instanceof GoError) throw found
  return found
}

function tryCompile(expression: string): Program | GoError {
  try {
    return compileProgram(parseRegexp(expression))
  } catch (error) {
    if (error instanceof GoError) return error
    throw error
  }
}

/** What searches may still cost, in states looked at; shared by the searches of one call. */
export interface Budget {
  left: number
}

/** What one call may cost: some seconds. */
export function newBudget(): Budget {
  return { left: 200_000_000 }
}

/**
 * The leftmost match that starts at `from` or behind; of those that start there the one of highest priority.
 * Throws CANCELLED when the budget is used up.
 */
export function findMatch(
  program: Program,
  text: string,
  from: number,
  budget: Budget = newBudget(),
): Match | undefined {
  const { steps, names, first, anchored } = program
  const visited = new Int32Array(steps.length).fill(-1)
  let current: Threads = { steps: [], saved: [] }
  let match: number[] | undefined
  for (let at = from; ; ) {
    if (match === undefined && (!anchored || at === 0)) {
      if (current.steps.length === 0 && first !== undefined) {
        at = text.indexOf(first, at)
        if (at < 0) return undefined
      }
      const saved = Array.from({ length: 2 * names.length }, () => -1)
      saved[0] = at
      enter(program, current, program.start, saved, text, at, visited)
    }
    if (current.steps.length === 0 && (match !== undefined || anchored)) return match
    const code = at < text.length ? (text.codePointAt(at) as number) : -1
    const next = at + (code > 0xffff ? 2 : 1)
    const following: Threads = { steps: [], saved: [] }
    budget.left -= current.steps.length + 1
    if (budget.left < 0) throw new ChartferryError('CANCELLED', 'a regular expression took too long to match')
    for (let index = 0; index < current.steps.length; index++) {
      const step = steps[current.steps[index] as number] as Step
      const saved = current.saved[index] as number[]
      if (step.op === 'match') {
        match = [...saved]
        match[1] = at
        break
      }
      if (step.op === 'set' && code >= 0 && step.set(isStray(code) ? 0xfffd : code)) {
        enter(program, following, step.next, saved, text, next, visited)
      }
    }
    if (code < 0) return match
    current = following
    at = next
  }
}

/** A byte that is no UTF-8 matches as the replacement character. */
function isStray(code: number): boolean {
  return code >= 0xd800 && code <= 0xdfff
}

/** Adds the states that a step leads to without reading a character; each state once for a place. */
function enter(
  program: Program,
  threads: Threads,
  start: number,
  saved: number[],
  text: string,
  at: number,
  visited: Int32Array,
): void {
  const pending: [number, number[]][] = [[start, saved]]
  for (let top = pending.pop(); top !== undefined; top = pending.pop()) {
    const [index, slots] = top
    if (visited[index] === at) continue
    visited[index] = at
    const step = program.steps[index] as Step
    switch (step.op) {
      case 'fork':
        pending.push([step.other, slots], [step.next, slots])
        break
      case 'save': {
        const changed = [...slots]
        changed[step.slot] = at
        pending.push([step.next, changed])
        break
      }
      case 'assert':
        if (holds(step.assertion, text, at)) pending.push([step.next, slots])
        break
      default:
        threads.steps.push(index)
        threads.saved.push(slots)
    }
  }
}

function holds(assertion: Assertion, text: string, at: number): boolean {
  switch (assertion) {
    case 'text-start':
      return at === 0
    case 'text-end':
      return at === text.length
    case 'line-start':
      return at === 0 || text[at - 1] === '\n'
    case 'line-end':
      return at === text.length || text[at] === '\n'
    case 'word':
      return isWord(text[at - 1]) !== isWord(text[at])
    case 'no-word':
      return isWord(text[at - 1]) === isWord(text[at])
  }
}

function isWord(character: string | undefined): boolean {
  return character !== undefined && /^\w$/.test(character)
}

/**
 * All matches that do not overlap, at most `count` unless it is below 0; an empty one next to the last does not count.
 */
export function findAll(program: Program, text: string, count: number): Match[] {
  const matches: Match[] = []
  const budget = newBudget()
  let lastEnd = -1
  for (let at = 0; at <= text.length && (count < 0 || matches.length < count); ) {
    const match = findMatch(program, text, at, budget)
    if (match === undefined) break
    const [start = 0, end = 0] = match
    const accepted = end !== at || start !== lastEnd
    at = end === at ? at + widthAt(text, at) : end
    lastEnd = end
    if (accepted) matches.push(match)
  }
  return matches
}

/** The width of the character at a place in UTF-16 units; 1 at the end. */
export function widthAt(text: string, at: number): number {
  return (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1
}
