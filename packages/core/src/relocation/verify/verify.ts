// Proves a relocation: renders the chart before and after in every scenario, and compares everything.

import { isChartferryError } from '../../errors.ts'
import type { ChartArchive } from '../../helm/chart/chart.ts'
import type { ChartRenderer, RenderedDocument, Rendering } from '../../helm/render/chart-renderer.ts'
import { type Difference, diffDocuments } from '../../helm/render/output/diff-documents.ts'
import { formatPath } from '../../helm/yaml/path.ts'
import type { Naming } from '../../reference/naming.ts'
import type { ObservedScenario } from '../find/observe-chart.ts'
import type { Scenario } from '../find/scenarios/scenario.ts'
import { renderAll } from '../find/scenarios/snapshot.ts'
import type { Plan } from '../model/plan.ts'
import { namingOfPlan } from '../model/plan-naming.ts'
import { type Comparison, compareRenamed } from './compare.ts'
import { traceDerived } from './derived-texts.ts'

/**
 * `proven`: in every scenario each image moved, and nothing else changed. `proven-in-part`: the same, but for images
 * that the plan calls unresolved, for checksums of which nothing shows that they had to change, or without the default
 * values. `unverified`: nothing could be rendered. `refuted`: something else changed, or an image stayed that the plan
 * moves.
 */
export type ProofStatus = 'proven' | 'proven-in-part' | 'unverified' | 'refuted'

/** What a verification found. */
export interface Proof {
  readonly status: ProofStatus
  /** `helm v3.22.0`, or `engine v3.22.0`, which follows that Helm; undefined where nothing was rendered. */
  readonly renderer?: string
  /** The scenarios that were rendered before and after. */
  readonly scenarios: readonly string[]
  /** Distinct images that moved. */
  readonly moved: number
  /** Images that still point elsewhere, once each. */
  readonly notMoved: readonly string[]
  /** Places where a checksum changed because what it is made from did. */
  readonly derived: number
  /** Places where a part of an image (a registry beside a name) moved on its own. */
  readonly parts: number
  /** Why it is not `proven`, the first reasons first; at most ten. */
  readonly reasons: readonly string[]
}

const mostReasons = 10

/** The proof of a chart that nothing could render. */
export function unverified(reason: string): Proof {
  return { status: 'unverified', scenarios: [], moved: 0, notMoved: [], derived: 0, parts: 0, reasons: [reason] }
}

/**
 * Renders both charts and compares them by the plan. A scenario that the renderer refuses for the original is left out;
 * one that it refuses for the relocated chart alone refutes.
 */
export async function verify(
  original: ChartArchive,
  relocated: ChartArchive,
  plan: Plan,
  renderer: ChartRenderer,
  scenarios: readonly ObservedScenario[],
): Promise<Proof> {
  const before = await renderer.open(original)
  const after = await renderer.open(relocated)
  try {
    const { helm } = renderer
    const reasons: string[] = []
    const comparisons = new Map<string, Judged>()
    for (const observed of scenarios) {
      const { name } = observed.scenario
      const comparison = await compareScenario(before, after, observed, { original, relocated, plan, helm })
      if (typeof comparison === 'string') reasons.push(`${name}: ${comparison}`)
      else if (comparison !== undefined) {
        comparisons.set(name, comparison)
        reasons.push(
          ...[...faults(plan, comparison)].map((fault) => (scenarios.length === 1 ? fault : `${name}: ${fault}`)),
        )
      }
    }
    if (original !== relocated) reasons.push(...(await lintFaults(before, after)))
    return conclude(renderer, plan, comparisons, reasons)
  } finally {
    await Promise.all([before.close(), after.close()])
  }
}

/** What is to be proven. */
interface Claim {
  readonly original: ChartArchive
  readonly relocated: ChartArchive
  readonly plan: Plan
  /** The Helm that the renderer is or follows. */
  readonly helm: 3 | 4
}

/** A comparison in which it is known what follows from images that moved. */
interface Judged extends Comparison {
  /** Checksums and encodings of what changed only in its images. */
  readonly derived: readonly Difference[]
}

/** The comparison; in words why there is none; undefined where the original does not render. */
async function compareScenario(
  before: Rendering,
  after: Rendering,
  { scenario, snapshot }: ObservedScenario,
  claim: Claim,
): Promise<Judged | string | undefined> {
  const { plan } = claim
  const { values, context } = scenario
  const attempt = async (rendering: Rendering, fresh = false): Promise<readonly RenderedDocument[] | string> => {
    try {
      return await renderAll(rendering, values, { ...context, fresh })
    } catch (error) {
      if (isChartferryError(error, 'RENDER_FAILED')) return error.message
      throw error
    }
  }
  const naming = namingOfPlan(plan)
  const [documents, changed] = await Promise.all([attempt(before), attempt(after)])
  if (typeof documents === 'string') return undefined
  if (typeof changed === 'string') return `relocated: ${changed}`
  const compare = (volatile: readonly Difference[]): Comparison =>
    compareRenamed({ documents, volatile }, changed, naming, plan.pullSecret)
  const { volatile } = snapshot
  const compared = await judge(compare(volatile), claim, scenario, naming)
  if (compared.different.length === 0) return compared
  // What differs may be what differs at every rendering: a second one of the original tells.
  const again = await attempt(before, true)
  const more = typeof again === 'string' ? [] : diffDocuments(documents, again)
  return judge(compare([...volatile, ...more]), claim, scenario, naming)
}

/** Tells apart what follows from images that moved, and what may not. */
async function judge(
  comparison: Comparison,
  { original, relocated, helm }: Claim,
  scenario: Scenario,
  naming: Naming,
): Promise<Judged> {
  const { unconfirmed, different } = comparison
  if (unconfirmed.length + different.length === 0) return { ...comparison, derived: [] }
  const follows = await traceDerived(original.chart, relocated.chart, scenario, naming, helm)
  const isOther = (difference: Difference): boolean => !follows(difference)
  return {
    ...comparison,
    derived: [...unconfirmed, ...different].filter(follows),
    unconfirmed: unconfirmed.filter(isOther),
    different: different.filter(isOther),
  }
}

/** Everything that speaks against the relocation, in words. */
function* faults(plan: Plan, { moved, left, different }: Comparison): Iterable<string> {
  const expected = new Set([...plan.unresolved.map(({ image }) => image), ...plan.userValues])
  for (const { reference, resource, path } of left) {
    if (!expected.has(reference)) yield `${resource} ${formatPath(path)} still names ${reference}`
  }
  for (const { resource, source, path, before, after } of different) {
    yield `${resource} ${formatPath(path)} (${source}) changed from ${inWords(before)} to ${inWords(after)}`
  }
  const planned = new Map(plan.images.map(({ from, to }) => [from, to]))
  for (const { from, to, where } of moved) {
    if (planned.get(from) !== to) {
      yield `${where.resource} ${formatPath(where.path)}: ${from} became ${to}, which is not planned`
    }
  }
}

const inDoubt = ({ resource, source, path }: Difference): string =>
  `${resource} ${formatPath(path)} (${source}): a checksum in it changed, and nothing shows that it had to`

/** A relocated chart may lint no worse than the original. */
async function lintFaults(before: Rendering, after: Rendering): Promise<readonly string[]> {
  const relocated = await after.lint()
  if (relocated.ok || !(await before.lint()).ok) return []
  return [`helm lint: ${relocated.messages.join('; ')}`]
}

function conclude(
  renderer: ChartRenderer,
  plan: Plan,
  comparisons: ReadonlyMap<string, Judged>,
  reasons: readonly string[],
): Proof {
  const all = [...comparisons.values()]
  const doubts = new Set(all.flatMap(({ unconfirmed }) => unconfirmed.map(inDoubt)))
  const isWhole = plan.unresolved.length === 0 && doubts.size === 0 && comparisons.has('default')
  return {
    status:
      reasons.length > 0 ? 'refuted' : comparisons.size === 0 ? 'unverified' : isWhole ? 'proven' : 'proven-in-part',
    renderer: `${renderer.name} ${renderer.version}`,
    scenarios: [...comparisons.keys()],
    moved: new Set(all.flatMap(({ moved }) => moved.map(({ from }) => from))).size,
    notMoved: [...new Set(all.flatMap(({ left }) => left.map(({ reference }) => reference)))],
    derived: countPlaces(all.flatMap(({ derived }) => derived)),
    parts: countPlaces(all.flatMap(({ parts }) => parts)),
    reasons: [...reasons, ...doubts].slice(0, mostReasons),
  }
}

/** A place that several scenarios print counts once. */
function countPlaces(differences: readonly Difference[]): number {
  return new Set(differences.map(({ source, ordinal, path }) => JSON.stringify([source, ordinal, path]))).size
}

function inWords(value: unknown): string {
  if (value === undefined) return 'nothing'
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return JSON.stringify(text.length > 200 ? `${text.slice(0, 200)}…` : text)
}
