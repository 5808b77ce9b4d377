// Proposes all edits of one round: those that move what was observed, what moves along, and what convention says.

import type { Chart } from '../../helm/chart/chart.ts'
import type { Naming } from '../../reference/naming.ts'
import type { Observation } from '../find/observe-chart.ts'
import type { PlannedEdit } from '../model/plan.ts'
import { chooseEdits, type StuckOccurrence } from './edits/choose-edits.ts'
import { openFiles } from './edits/editable-files.ts'
import type { Pins } from './edits/pin.ts'
import { editKey, type Round } from './round.ts'

export interface EditOptions {
  readonly naming: Naming
  /** Whether what templates say may be edited. */
  readonly templateEdits: boolean
  /** Digests that the naming has behind its names. Default: none. */
  readonly pins?: Pins
}

/** What one round tries. */
export interface Proposal {
  readonly edits: readonly PlannedEdit[]
  /** Images that no edit moves, and why. */
  readonly stuck: readonly StuckOccurrence[]
}

/** Takes a round, gives what it tries. */
export type Propose = (round: Round) => Proposal

/** `conventional` are edits that nothing rendered speaks for or against. The chart's files are read once. Pure. */
export function proposer(
  chart: Chart,
  { leaves, scenarios }: Observation,
  conventional: readonly PlannedEdit[],
  { naming, templateEdits, pins = new Map() }: EditOptions,
): Propose {
  const files = openFiles(chart, leaves)
  const occurrences = scenarios.flatMap((observed) => observed.occurrences)
  return ({ withdrawn, guards, along = [] }) => {
    const { edits, stuck } = chooseEdits(files, leaves, occurrences, { naming, templateEdits, pins, withdrawn })
    const others = conventional.filter((edit) => !withdrawn.has(editKey(edit)))
    return { edits: mergeEdits([edits, along, guards, others]), stuck }
  }
}

/** All edits; where two have one place, that of the earlier list counts. */
function mergeEdits(lists: readonly (readonly PlannedEdit[])[]): readonly PlannedEdit[] {
  const edits = new Map<string, PlannedEdit>()
  for (const edit of lists.flat()) if (!edits.has(editKey(edit))) edits.set(editKey(edit), edit)
  return [...edits.values()]
}
