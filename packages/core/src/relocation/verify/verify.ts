// Proves a relocation: renders the chart before and after in every scenario, and compares everything.

import { isChartferryError } from '../../errors.ts'
import type { ChartArchive } from '../../helm/chart/chart.ts'
import type { ChartRenderer, HelmMajor, RenderedDocument, Rendering } from '../../helm/render/chart-renderer.ts'
import { type Difference, diffDocuments } from '../../helm/render/output/diff-documents.ts'
import type { Manifest } from '../../helm/render/output/manifests.ts'
import { formatPath } from '../../helm/yaml/path.ts'
import { isPlaced, type Naming } from '../../reference/naming.ts'
import { tryParseReference } from '../../reference/reference.ts'
import type { KnownImages } from '../find/known-images.ts'
import type { ObservedScenario } from '../find/observe-chart.ts'
import { findOccurrences } from '../find/rendered/find-occurrences.ts'
import { type Scenario, valuesOf } from '../find/scenarios/scenario.ts'
import { type ShareTexts, shareTexts } from '../find/scenarios/share-texts.ts'
import { renderAll } from '../find/scenarios/snapshot.ts'
import type { Plan } from '../model/plan.ts'
import { namingOfPlan } from '../model/plan-naming.ts'
import { type Comparison, compareRenamed } from './compare.ts'
import { traceDerived } from './derived-texts.ts'

/** What one scenario showed, and what rendered it. */
export interface VerifiedScenario {
  readonly observed: ObservedScenario
  /** `helm v3.22.0`. */
  readonly renderer: string
  readonly comparison: Judged
  /** Images that the relocated chart still names in texts, and that are not to be there. */
  readonly hits: readonly string[]
  /** Everything that speaks against the relocation, in words. */
  readonly faults: readonly string[]
}

/** What one renderer made of the scenarios. */
export interface Verification {
  readonly verified: readonly VerifiedScenario[]
  /** What it refuses for the original. */
  readonly refused: readonly { readonly observed: ObservedScenario; readonly reason: string }[]
  /** What speaks against the relocated chart as a whole. */
  readonly faults: readonly string[]
}

/**
 * Renders both charts in each scenario and compares them by the plan. A scenario that the renderer refuses for the
 * original is told apart; one that it refuses for the relocated chart alone speaks against the relocation.
 */
export async function verify(
  claim: Claim,
  renderer: ChartRenderer,
  scenarios: readonly ObservedScenario[],
): Promise<Verification> {
  const { original, relocated, plan } = claim
  const before = await renderer.open(original)
  const after = await renderer.open(relocated)
  try {
    const name = `${renderer.name} ${renderer.version}`
    const verified: VerifiedScenario[] = []
    const refused: { observed: ObservedScenario; reason: string }[] = []
    const shared = shareTexts()
    for (const observed of scenarios) {
      const comparison = await compareScenario(before, after, observed, { ...claim, helm: renderer.helm, shared })
      if ('refused' in comparison) refused.push({ observed, reason: comparison.refused })
      else if ('fault' in comparison) {
        verified.push({ observed, renderer: name, comparison: nothing, hits: [], faults: [comparison.fault] })
      } else {
        const hits = hitsIn(comparison.changed, observed, claim)
        verified.push({ observed, renderer: name, comparison, hits, faults: [...faults(plan, comparison)] })
      }
    }
    const lint = original === relocated ? [] : await lintFaults(before, after)
    return { verified, refused, faults: lint }
  } finally {
    await Promise.all([before.close(), after.close()])
  }
}

const nothing: Judged = {
  moved: [],
  parts: [],
  unconfirmed: [],
  left: [],
  different: [],
  derived: [],
  changed: [],
}

/** What is to be proven. */
export interface Claim {
  readonly original: ChartArchive
  readonly relocated: ChartArchive
  readonly plan: Plan
  /** The images that the original is known to have. */
  readonly known: KnownImages
}

/** A comparison in which it is known what follows from images that moved. */
export interface Judged extends Comparison {
  /** Checksums and encodings of what changed only in its images. */
  readonly derived: readonly Difference[]
  /** The documents of the relocated chart. */
  readonly changed: readonly RenderedDocument[]
}

/** The comparison; or why the original does not render; or why the relocated chart does not, although it should. */
async function compareScenario(
  before: Rendering,
  after: Rendering,
  { scenario, snapshot }: ObservedScenario,
  claim: Claim & { readonly helm: HelmMajor; readonly shared: ShareTexts },
): Promise<Judged | { readonly refused: string } | { readonly fault: string }> {
  const { plan } = claim
  const { context } = scenario
  const attempt = async (
    rendering: Rendering,
    { chart }: ChartArchive,
    fresh = false,
  ): Promise<readonly RenderedDocument[] | string> => {
    try {
      const rendered = await renderAll(rendering, valuesOf(scenario, chart), { ...context, fresh })
      return rendered.map((document) => ({ ...document, text: claim.shared(document.text) }))
    } catch (error) {
      if (isChartferryError(error, 'RENDER_FAILED')) return error.message
      throw error
    }
  }
  const naming = namingOfPlan(plan)
  const [documents, changed] = await Promise.all([attempt(before, claim.original), attempt(after, claim.relocated)])
  if (typeof documents === 'string') return { refused: documents }
  if (typeof changed === 'string') return { fault: `relocated: ${changed}` }
  const compare = (volatile: readonly Difference[]): Comparison =>
    compareRenamed({ documents, volatile }, changed, naming, plan.pullSecret)
  const { volatile } = snapshot
  const compared = { ...(await judge(compare(volatile), claim, scenario, naming)), changed }
  if (compared.different.length === 0) return compared
  // What differs may be what differs at every rendering: a second one of the original tells.
  const again = await attempt(before, claim.original, true)
  const more = typeof again === 'string' ? [] : diffDocuments(documents, again)
  return { ...(await judge(compare([...volatile, ...more]), claim, scenario, naming)), changed }
}

/** Tells apart what follows from images that moved, and what may not. */
async function judge(
  comparison: Comparison,
  { original, relocated, helm }: Claim & { readonly helm: HelmMajor },
  scenario: Scenario,
  naming: Naming,
): Promise<Omit<Judged, 'changed'>> {
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
  const names = new Set(plan.images.map(({ from }) => nameOf(from)))
  for (const { from, to, where } of moved) {
    // A name whose tag stands beside it is listed with its tag.
    const isBesideTag = !planned.has(from) && nameOf(from) === from && names.has(from)
    if (planned.get(from) !== to && !isBesideTag) {
      yield `${where.resource} ${formatPath(where.path)}: ${from} became ${to}, which is not planned`
    }
  }
}

/** A reference without its tag and digest. */
function nameOf(text: string): string {
  const { host, path } = tryParseReference(text) ?? { host: undefined, path: text }
  return host === undefined ? path : `${host}/${path}`
}

/**
 * What the relocated chart names in its texts, decoded, and is neither at its place nor kept nor spoken of in the plan.
 * Documents that nothing changed are read, too: what was overlooked before is seen now.
 */
function hitsIn(
  documents: readonly RenderedDocument[],
  { scenario }: ObservedScenario,
  claim: Claim,
): readonly string[] {
  const { plan, known } = claim
  const naming = namingOfPlan(plan)
  const told = new Set([...plan.unresolved.map(({ image }) => image), ...plan.userValues])
  const found = findOccurrences(documents.map(manifestOf), scenario, known)
  const stray = found.filter(({ form, reference, isOthers }) => {
    if (form === 'pod' || form === 'field' || isOthers === true || told.has(reference)) return false
    // A registry whose host and path go to two places: the host of the target alone is at its place.
    if (form === 'registry' && reference === naming.target.host) return false
    const parsed = tryParseReference(form === 'registry' ? `${reference}/x` : reference)
    return parsed?.host !== undefined && !isPlaced(parsed, naming) && !told.has(nameOf(reference))
  })
  return [
    ...new Set(
      stray.map(({ reference, resource, path }) => `${resource} ${formatPath(path)} still names ${reference}`),
    ),
  ]
}

const manifestOf = ({ source, text }: RenderedDocument): Manifest => ({
  source,
  text,
  kind: /^kind:[ \t]*["']?([A-Za-z]+)/m.exec(text)?.[1] ?? '',
})

/** A relocated chart may lint no worse than the original. */
async function lintFaults(before: Rendering, after: Rendering): Promise<readonly string[]> {
  const relocated = await after.lint()
  if (relocated.ok || !(await before.lint()).ok) return []
  return [`helm lint: ${relocated.messages.join('; ')}`]
}

function inWords(value: unknown): string {
  if (value === undefined) return 'nothing'
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return JSON.stringify(text.length > 200 ? `${text.slice(0, 200)}…` : text)
}
