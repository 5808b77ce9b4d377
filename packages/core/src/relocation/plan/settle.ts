// Settles edits: proposes, tries, learns, until a rendering agrees or nothing more can be learnt.

import { ChartferryError } from '../../errors.ts'
import type { ChartArchive } from '../../helm/chart/chart.ts'
import type { Difference } from '../../helm/render/output/diff-documents.ts'
import { formatPath } from '../../helm/yaml/path.ts'
import { tryParseReference } from '../../reference/reference.ts'
import type { Observation } from '../find/observe-chart.ts'
import { type PlannedEdit, textOf } from '../model/plan.ts'
import type { Comparison } from '../verify/compare.ts'
import { comparedLiterals } from './edits/compared-literals.ts'
import { findGuard } from './edits/guard.ts'
import { type EditOptions, type Proposal, proposer } from './propose.ts'
import { after, editKey, firstRound, mostRounds, type Round } from './round.ts'
import { findRefused, type Trial, tryEdits } from './try.ts'

/** The edits that every scenario agreed to. */
export interface Settlement extends Proposal {
  /** What the edits did, a scenario each, in the order of the observation. */
  readonly comparisons: readonly Comparison[]
}

/**
 * Refines the edits of one chart until they are settled. `conventional` are edits that nothing rendered speaks for or
 * against. Throws RENDER_FAILED where the edited chart no longer renders.
 */
export async function refineEdits(
  archive: ChartArchive,
  observation: Observation,
  conventional: readonly PlannedEdit[],
  options: EditOptions,
): Promise<Settlement> {
  const propose = proposer(archive.chart, observation, conventional, options)
  for (let round = firstRound; ; ) {
    const proposal = propose(round)
    const trial = await tryEdits(archive, proposal.edits, observation.scenarios, options.naming)
    const next =
      round.number < mostRounds ? await learn(round, proposal, trial, archive, observation, options) : undefined
    if (next !== undefined) round = next
    else if (trial instanceof ChartferryError) throw trial
    else return { ...proposal, comparisons: trial }
  }
}

/** The next round, or undefined where the trial taught nothing that could be done better. */
async function learn(
  round: Round,
  { edits }: Proposal,
  trial: Trial,
  archive: ChartArchive,
  { leaves, scenarios }: Observation,
  { naming, templateEdits }: EditOptions,
): Promise<Round | undefined> {
  const { guards, withdrawn, along } = round
  if (trial instanceof ChartferryError) {
    const guard = guards.length === 0 ? findGuard(trial.message, leaves) : undefined
    if (guard !== undefined) return after(round, { guards: [guard] })
    const refused = await findRefused(archive, edits, guards, scenarios, naming)
    return refused && after(round, { withdrawn: new Map([...withdrawn, refused]) })
  }
  if (trial.every(({ different }) => different.length === 0)) return undefined
  if (along === undefined && templateEdits) {
    const found = comparedLiterals(archive.chart, hostsOf(scenarios), naming)
    if (found.length > 0) return after(round, { along: found })
  }
  const culprits = edits.flatMap((edit) => {
    const where = guards.includes(edit) ? undefined : printedElsewhere(edit, trial)
    return where === undefined
      ? []
      : [[editKey(edit), `is printed elsewhere, too: ${where.resource} ${formatPath(where.path)}`] as const]
  })
  if (culprits.length === 0) return undefined
  return after(round, { along: along ?? [], withdrawn: new Map([...withdrawn, ...culprits]) })
}

const hostsOf = (scenarios: Observation['scenarios']): ReadonlySet<string> =>
  new Set(
    scenarios.flatMap(({ occurrences }) =>
      occurrences.flatMap(({ reference }) => tryParseReference(reference)?.host ?? []),
    ),
  )

/**
 * The first value that should not have changed in which the new text of an edit stands, or which was a piece of its old
 * text.
 */
function printedElsewhere(edit: PlannedEdit, comparisons: readonly Comparison[]): Difference | undefined {
  const text = textOf(edit.new)
  const different = comparisons.flatMap((comparison) => comparison.different)
  return (
    different.find(({ before, after }) => String(after).includes(text) && !String(before).includes(text)) ??
    different.find(({ before }) => typeof before === 'string' && before.length > 1 && edit.old.includes(before))
  )
}
