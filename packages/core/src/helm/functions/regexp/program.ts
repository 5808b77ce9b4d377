// A regular expression as instructions for the matcher, laid out as Go's compiler does so that priorities agree.
import type { CharacterSet } from './characters.ts'
import type { Assertion, ParsedRegexp, RegexpNode } from './syntax.ts'

/** One step of a program; `next` is the step behind it. */
export type Step =
  | { readonly op: 'set'; readonly set: CharacterSet; next: number }
  | { readonly op: 'assert'; readonly assertion: Assertion; next: number }
  | { readonly op: 'save'; readonly slot: number; next: number }
  | { readonly op: 'fork'; next: number; other: number }
  | { readonly op: 'match' }

/** A compiled expression. */
export interface Program {
  readonly steps: readonly Step[]
  readonly start: number
  /** Names of the groups; group 0 is the whole match. */
  readonly names: readonly string[]
  /** The character that every match starts with, where there is one. */
  readonly first: string | undefined
  /** Whether a match can only start at the start of the text. */
  readonly anchored: boolean
}

/** Compiles a parsed expression. Steps are built from behind, so that each knows its next. */
export function compileProgram({ node, names }: ParsedRegexp): Program {
  const steps: Step[] = [{ op: 'match' }]
  const add = (step: Step): number => steps.push(step) - 1
  const start = build(node, 0, add, steps)
  const [first] = leading(node)
  const literal = first?.op === 'set' ? first.literal : undefined
  return {
    steps,
    start,
    names,
    first: literal === undefined ? undefined : String.fromCodePoint(literal),
    anchored: first?.op === 'assert' && first.assertion === 'text-start',
  }
}

/** The node that must come first, if one must. */
function leading(node: RegexpNode): RegexpNode[] {
  if (node.op === 'group') return leading(node.node)
  if (node.op === 'sequence') return node.nodes[0] === undefined ? [] : leading(node.nodes[0])
  if (node.op === 'repeat') return node.min > 0 ? leading(node.node) : []
  return node.op === 'set' || node.op === 'assert' ? [node] : []
}

type Add = (step: Step) => number

/** Adds the steps of a node that go on at `next`; gives the first of them. */
function build(node: RegexpNode, next: number, add: Add, steps: Step[]): number {
  switch (node.op) {
    case 'empty':
      return next
    case 'set':
      return add({ op: 'set', set: node.set, next })
    case 'assert':
      return add({ op: 'assert', assertion: node.assertion, next })
    case 'sequence':
      return node.nodes.reduceRight((after, part) => build(part, after, add, steps), next)
    case 'choice':
      return node.nodes
        .map((part) => build(part, next, add, steps))
        .reduceRight((other, part) => add({ op: 'fork', next: part, other }))
    case 'group': {
      const end = add({ op: 'save', slot: 2 * node.index + 1, next })
      return add({ op: 'save', slot: 2 * node.index, next: build(node.node, end, add, steps) })
    }
    case 'repeat':
      return buildRepeat(node, next, add, steps)
  }
}

function fork(into: number, past: number, greedy: boolean, add: Add): number {
  return add(greedy ? { op: 'fork', next: into, other: past } : { op: 'fork', next: past, other: into })
}

function buildRepeat(node: RegexpNode & { readonly op: 'repeat' }, next: number, add: Add, steps: Step[]): number {
  const { min, max, greedy } = node
  let after = next
  if (max < 0) {
    // One or more: the loop stands behind its body.
    const loop = fork(0, next, greedy, add)
    const body = build(node.node, loop, add, steps)
    const step = steps[loop] as Step & { op: 'fork' }
    if (greedy) step.next = body
    else step.other = body
    // A body that may be empty is entered first, so that priorities stay.
    after = min > 0 ? body : canBeEmpty(node.node) ? fork(body, next, greedy, add) : loop
    for (let count = 1; count < min; count++) after = build(node.node, after, add, steps)
    return after
  }
  for (let count = min; count < max; count++) after = fork(build(node.node, after, add, steps), next, greedy, add)
  for (let count = 0; count < min; count++) after = build(node.node, after, add, steps)
  return after
}

function canBeEmpty(node: RegexpNode): boolean {
  switch (node.op) {
    case 'set':
      return false
    case 'sequence':
      return node.nodes.every(canBeEmpty)
    case 'choice':
      return node.nodes.some(canBeEmpty)
    case 'group':
      return canBeEmpty(node.node)
    case 'repeat':
      return node.min === 0 || canBeEmpty(node.node)
    default:
      return true
  }
}
