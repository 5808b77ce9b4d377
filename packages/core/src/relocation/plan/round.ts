// What is known when edits are proposed once more: each round of trying makes the next one out of it. Immutable.
import type { PlannedEdit } from '../model/plan.ts'
import { pointOf } from './edits/route.ts'

export interface Round {
  /** The first is 1. */
  readonly number: number
  /** Places (by `pointOf`) whose edits a trial has spoken against, and how: `is printed elsewhere, too: …`. */
  readonly withdrawn: ReadonlyMap<string, string>
  /** The edit that lets a chart with a guard render at all. */
  readonly guards: readonly PlannedEdit[]
  /** Registries in templates that have to move along, once it was asked whether there are any. */
  readonly along?: readonly PlannedEdit[]
}

export const firstRound: Round = { number: 1, withdrawn: new Map(), guards: [] }

/** Each round adds or withdraws something, or is the last one. */
export const mostRounds = 16

/** The next round, with what was learnt. */
export const after = (round: Round, learnt: Partial<Omit<Round, 'number'>>): Round => ({
  ...round,
  ...learnt,
  number: round.number + 1,
})

/** Where an edit is made, as `pointOf` has it. */
export const editKey = (edit: PlannedEdit): string =>
  pointOf(edit.kind === 'leaf' ? { ...edit, text: edit.old, offset: 0 } : { ...edit, kind: 'literal' })
