// Proves a relocation: renders the chart before and after, and compares everything.
import type { ChartArchive } from '../chart/chart.ts'
import { isChartferryError } from '../errors.ts'
import { parseTarget } from '../image/target.ts'
import { type Comparison, compareWithTarget } from '../observe/compare.ts'
import { renderAll, type Snapshot, takeSnapshot } from '../observe/snapshot.ts'
import type { Plan } from '../plan/plan.ts'
import type {
  ChartRenderer,
  RenderedDocument,
  Rendering,
  RenderOptions,
  RenderValues,
} from '../render/chart-renderer.ts'
import { formatPath } from '../yaml/path.ts'

/**
 * `proven`: every image that renders moved, and nothing else changed. `proven-in-part`: the same, but for the images that the plan calls
 * unresolved. `unverified`: nothing could be rendered. `refuted`: something else changed, or an image stayed that the plan moves.
 */
export type ProofStatus = 'proven' | 'proven-in-part' | 'unverified' | 'refuted'

/** What a verification found. */
export interface Proof {
  readonly status: ProofStatus
  /** `helm v3.22.0`; undefined where nothing was rendered. */
  readonly renderer?: string
  /** Distinct images that moved. */
  readonly moved: number
  /** Images that still point elsewhere, once each. */
  readonly left: readonly string[]
  /** Places where a checksum changed because what it is made from did. */
  readonly derived: number
  /** Places where a part of an image (a registry beside a name) moved on its own. */
  readonly parts: number
  /** Why it is not `proven`, the first reasons first; at most ten. */
  readonly reasons: readonly string[]
}

export interface VerifyOptions {
  readonly renderer: ChartRenderer
  /** Values of the user. Default: none. */
  readonly values?: RenderValues
  /** Kubernetes version, release and the like. Default: the renderer's own. */
  readonly circumstances?: RenderOptions
  /** What the original prints, where it was rendered before. Default: it is rendered. */
  readonly snapshot?: Snapshot
}

const mostReasons = 10

/**
 * Renders both charts and compares them by the plan. Throws RENDER_FAILED where the original does not render; a relocated chart that
 * does not is refuted.
 */
export async function verify(
  original: ChartArchive,
  relocated: ChartArchive,
  plan: Plan,
  options: VerifyOptions,
): Promise<Proof> {
  const { renderer, values = {}, circumstances = {} } = options
  const before = await renderer.open(original)
  const after = await renderer.open(relocated)
  try {
    const snapshot = options.snapshot ?? (await takeSnapshot(before, values, circumstances))
    const documents = await renderRelocated(after, values, circumstances)
    if (typeof documents === 'string') return conclude(renderer, plan, undefined, [documents])
    const comparison = compareWithTarget(snapshot, documents, original.chart, parseTarget(plan.target))
    return conclude(renderer, plan, comparison, [...faults(plan, comparison), ...(await lintFaults(before, after))])
  } finally {
    await Promise.all([before.close(), after.close()])
  }
}

/** The proof of a chart that nothing could render. */
export function unverified(reason: string): Proof {
  return { status: 'unverified', moved: 0, left: [], derived: 0, parts: 0, reasons: [reason] }
}

async function renderRelocated(
  rendering: Rendering,
  values: RenderValues,
  circumstances: RenderOptions,
): Promise<readonly RenderedDocument[] | string> {
  try {
    return await renderAll(rendering, values, circumstances)
  } catch (error) {
    if (isChartferryError(error, 'RENDER_FAILED')) return `relocated: ${error.message}`
    throw error
  }
}

/** Everything that speaks against the relocation, in words. */
function* faults(plan: Plan, { moved, left, different }: Comparison): Iterable<string> {
  const expected = new Set(plan.unresolved.map(({ image }) => image))
  for (const { reference, resource, path } of left) {
    if (!expected.has(reference)) yield `${resource} ${formatPath(path)} still names ${reference}`
  }
  for (const { resource, source, path, before, after } of different) {
    yield `${resource} ${formatPath(path)} (${source}) changed from ${inWords(before)} to ${inWords(after)}`
  }
  const planned = new Map(plan.images.map(({ from, to }) => [from, to]))
  for (const { from, to, where } of moved) {
    if (planned.get(from) !== to)
      yield `${where.resource} ${formatPath(where.path)}: ${from} became ${to}, which is not planned`
  }
}

/** A relocated chart may lint no worse than the original. */
async function lintFaults(before: Rendering, after: Rendering): Promise<readonly string[]> {
  const relocated = await after.lint()
  if (relocated.ok || !(await before.lint()).ok) return []
  return [`helm lint: ${relocated.messages.join('; ')}`]
}

function conclude(
  renderer: ChartRenderer,
  plan: Plan,
  comparison: Comparison | undefined,
  reasons: readonly string[],
): Proof {
  const status = reasons.length > 0 ? 'refuted' : plan.unresolved.length > 0 ? 'proven-in-part' : 'proven'
  return {
    status,
    renderer: `${renderer.name} ${renderer.version}`,
    moved: new Set(comparison?.moved.map(({ from }) => from)).size,
    left: [...new Set(comparison?.left.map(({ reference }) => reference))],
    derived: comparison?.derived.length ?? 0,
    parts: comparison?.parts.length ?? 0,
    reasons: reasons.slice(0, mostReasons),
  }
}

function inWords(value: unknown): string {
  if (value === undefined) return 'nothing'
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return JSON.stringify(text.length > 200 ? `${text.slice(0, 200)}…` : text)
}
