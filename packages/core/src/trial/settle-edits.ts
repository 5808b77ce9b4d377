// Tries proposed edits on the real chart until a rendering agrees: keeps those that move images, withdraws those that do anything else.
import { editChart } from '../apply/edit-chart.ts'
import type { ChartArchive } from '../chart/chart.ts'
import type { Leaf } from '../discover/leaf.ts'
import { type ChartferryError, isChartferryError } from '../errors.ts'
import type { Target } from '../image/target.ts'
import { type Comparison, compareWithTarget } from '../observe/compare.ts'
import { renderAll, type Snapshot } from '../observe/snapshot.ts'
import { type PlannedEdit, textOf } from '../plan/plan.ts'
import type { Proposal } from '../plan/propose-edits.ts'
import type { ChartRenderer, RenderedDocument, RenderOptions, RenderValues } from '../render/chart-renderer.ts'
import { findGuard } from './guard.ts'

/** What the original printed, and how to render it. */
export interface TrialScenario {
  /** Without a renderer and a snapshot nothing is tried: the edits follow the conventions alone. */
  readonly renderer: ChartRenderer | undefined
  readonly snapshot: Snapshot | undefined
  readonly values: RenderValues
  readonly circumstances: RenderOptions
}

/** The edits that a rendering agreed to, and what it showed. */
export interface Settlement {
  readonly edits: readonly PlannedEdit[]
  /** References that moved, and references that stayed, once a place; empty where nothing was tried. */
  readonly moved: readonly string[]
  readonly left: readonly string[]
}

/** Each round adds or withdraws something, or is the last one. */
const mostRounds = 6

/** Settles the proposals for one chart. Throws RENDER_FAILED where the edited chart no longer renders. */
export async function settleEdits(
  archive: ChartArchive,
  proposals: readonly Proposal[],
  leaves: readonly Leaf[],
  target: Target,
  { renderer, snapshot, values, circumstances }: TrialScenario,
): Promise<Settlement> {
  if (renderer === undefined || snapshot === undefined) {
    return {
      edits: toEdits(
        proposals.filter(({ kind, isLikely }) => kind === 'host' || isLikely),
        [],
      ),
      moved: [],
      left: [],
    }
  }
  const isRendered = (text: string): boolean => snapshot.documents.some((document) => document.text.includes(text))
  const active = new Set(
    proposals.filter(({ kind, isLikely, leaf }) => kind === 'host' || (isLikely && !isRendered(leaf.text))),
  )
  const banned = new Set<Proposal>()
  let guards: readonly PlannedEdit[] = []
  for (let round = 1; ; round++) {
    const edits = [...toEdits(active, snapshot.documents), ...guards]
    const documents = await tryRendering(renderer, await editChart(archive, edits), values, circumstances)
    if (documents instanceof Error) {
      const guard = guards.length === 0 ? findGuard(documents.message, leaves) : undefined
      if (guard === undefined || round >= mostRounds) throw documents
      guards = [guard]
      continue
    }
    const comparison = compareWithTarget(snapshot, documents, archive.chart, target)
    if (round >= mostRounds || !adjust(active, banned, proposals, comparison)) {
      const moved = comparison.moved.map(({ from }) => from)
      return { edits, moved, left: comparison.left.map(({ reference }) => reference) }
    }
  }
}

async function tryRendering(
  renderer: ChartRenderer,
  archive: ChartArchive,
  values: RenderValues,
  circumstances: RenderOptions,
): Promise<readonly RenderedDocument[] | ChartferryError> {
  const rendering = await renderer.open(archive)
  try {
    return await renderAll(rendering, values, circumstances)
  } catch (error) {
    if (isChartferryError(error, 'RENDER_FAILED')) return error
    throw error
  } finally {
    await rendering.close()
  }
}

/** Withdraws edits that show where they should not, then adds prefixes for images that stayed. Says whether anything changed. */
function adjust(
  active: Set<Proposal>,
  banned: Set<Proposal>,
  proposals: readonly Proposal[],
  comparison: Comparison,
): boolean {
  const wrong = [
    ...comparison.different.map(({ before, after }) => [String(before), String(after)] as const),
    ...comparison.left.map(({ reference }) => ['', reference] as const),
  ]
  const culprits = [...active].filter((proposal) => {
    const text = textOf(proposal.new)
    return wrong.some(([before, after]) => after.includes(text) && !before.includes(text))
  })
  for (const culprit of culprits) {
    active.delete(culprit)
    banned.add(culprit)
  }
  if (culprits.length > 0) return true
  const stayed = comparison.left.map(({ reference }) => reference)
  const prefixes = proposals.filter(
    (proposal) =>
      proposal.kind === 'prefix' &&
      !active.has(proposal) &&
      !banned.has(proposal) &&
      stayed.some((reference) => startsWithName(reference, proposal.leaf.text)),
  )
  for (const prefix of prefixes) active.add(prefix)
  return prefixes.length > 0
}

/** Whether a reference is the name, alone or with tag, digest or suffix behind it. */
function startsWithName(reference: string, name: string): boolean {
  return reference.startsWith(name) && !/^[\w/]/.test(reference.slice(name.length))
}

function toEdits(proposals: Iterable<Proposal>, documents: readonly RenderedDocument[]): readonly PlannedEdit[] {
  return [...proposals].map(({ leaf, new: parts }) => ({
    file: leaf.file,
    path: leaf.path,
    line: leaf.line,
    old: leaf.text,
    new: parts,
    observed: documents.some(({ text }) => text.includes(leaf.text)),
  }))
}
