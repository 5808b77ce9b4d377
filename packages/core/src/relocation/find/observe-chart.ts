// Renders the original chart in every scenario, traced: which images it prints, and who wrote each of them.

import { isChartferryError } from '../../errors.ts'
import type { Chart } from '../../helm/chart/chart.ts'
import { type ChartLeaves, type Leaf, placeKey, readLeaves } from '../../helm/chart/leaves.ts'
import type { RenderedDocument, RenderValues } from '../../helm/render/chart-renderer.ts'
import { diffDocuments } from '../../helm/render/output/diff-documents.ts'
import { bare } from '../../helm/template/text.ts'
import { tryParseReference } from '../../reference/reference.ts'
import { discover } from './discover.ts'
import type { StandingUse } from './image-use.ts'
import { type KnownImages, learnImages, nothingKnown } from './known-images.ts'
import { findOccurrences } from './rendered/find-occurrences.ts'
import type { ImageOccurrence } from './rendered/occurrence.ts'
import { answerDemands } from './scenarios/answer-demands.ts'
import type { Demand } from './scenarios/demands.ts'
import { type Engines, openEngines } from './scenarios/open-engines.ts'
import { type Scenario, type ScenarioRenderer, valuesOf } from './scenarios/scenario.ts'
import { type RenderContext, scenarioForUnseen, scenariosOf, scenariosOfFiles } from './scenarios/scenarios.ts'
import { type ShareTexts, shareTexts } from './scenarios/share-texts.ts'
import { renderAll, type Snapshot } from './scenarios/snapshot.ts'

/** One scenario that was rendered. */
export interface ObservedScenario {
  readonly scenario: Scenario
  /** Leniently where the chart does not render so: what fails was left out, and nothing can be proven with it. */
  readonly renderedBy: ScenarioRenderer
  readonly snapshot: Snapshot
  /** Why the values break the chart's schema, which is left aside then. Default: they keep to it. */
  readonly schemaRefusal?: string
  readonly occurrences: readonly ImageOccurrence[]
}

/** What the chart says and shows. */
export interface Observation {
  readonly leaves: ChartLeaves
  /** Images as they are written in the chart. */
  readonly written: readonly StandingUse[]
  /** The images that are certain, in all scenarios. */
  readonly known: KnownImages
  readonly scenarios: readonly ObservedScenario[]
  /** Scenarios in which the chart does not render, and why. */
  readonly failed: readonly { readonly scenario: Scenario; readonly reason: string }[]
  /** Scenarios that the chart refused until values were made up for what it asks; and what it said before. */
  readonly asked: readonly { readonly scenario: Scenario; readonly reason: string }[]
}

/**
 * Renders a chart in all its scenarios, then in one more for images that none of them printed. The user's values and
 * context hold in each. Throws what the engine throws beside RENDER_FAILED.
 */
export async function observeChart(chart: Chart, values: RenderValues, context: RenderContext): Promise<Observation> {
  const engines = openEngines(chart)
  const { alsoKubeVersions: _, extraValues = true, helm: _helm, ...options } = context
  const leaves = readLeaves(chart, { further: extraValues })
  const written = discover(chart, leaves)
  const anchored = anchorSpans(leaves.all)
  const shared = shareTexts()
  let known = learnImages(nothingKnown, [], written)
  const observed: ObservedScenario[] = []
  const failed: { scenario: Scenario; reason: string }[] = []
  const asked: { scenario: Scenario; reason: string }[] = []
  let answers: readonly Demand[] = []
  const note = (shown: ObservedScenario): void => {
    observed.push(shown)
    known = learnImages(known, shown.occurrences.filter(isCertain))
  }
  /** A scenario that the chart refuses is rendered again, leaving out what fails. */
  const observeOne = async (scenario: Scenario): Promise<void> => {
    const how = { chart, scenario, anchored, known, shared }
    let found = await attempt(() => observe(engines, 'engine', how))
    if (typeof found === 'string' && isSchemaRefusal(found)) {
      const schemaRefusal = found
      const aside = { ...scenario, context: { ...scenario.context, skipSchema: true } }
      found = await attempt(async () => ({
        ...(await observe(engines, 'engine', { ...how, scenario: aside })),
        schemaRefusal,
      }))
    }
    if (typeof found === 'string') {
      const answered = await answerDemands(chart, leaves, engines.for(scenario, 'engine'), scenario, found, answers)
      const tried =
        answered === undefined ? found : await attempt(() => observe(engines, 'engine', { ...how, scenario: answered }))
      if (answered !== undefined && typeof tried !== 'string' && tried.occurrences.every(isWhole)) {
        asked.push({ scenario: answered, reason: found })
        answers = answered.answers ?? []
        // What is made up may choose another variant of an image, a licensed one: the plain one is looked for as well.
        if (scenario.kind === 'features') note(tried)
        else found = tried
      }
    }
    if (typeof found === 'string') failed.push({ scenario, reason: found })
    const shown = typeof found === 'string' ? await attempt(() => observe(engines, 'lenient engine', how)) : found
    if (typeof shown !== 'string') note(shown)
  }
  for (const scenario of scenariosOf(chart, leaves, values, context)) await observeOne(scenario)
  for (const scenario of scenariosOfFiles(chart, written, values, options)) await observeOne(scenario)
  const more = scenarioForUnseen(chart, leaves, unseenLeaves(written, observed), values, options)
  if (more !== undefined) await observeOne(more)
  await engines.close()
  return { leaves, written, known, scenarios: observed, failed, asked }
}

/** Whether a schema refuses the values, or is no schema that could be held: a chart renders without it. */
const isSchemaRefusal = (reason: string): boolean => /specifications of the schema|values\.schema\.json/.test(reason)

/** The leaves of images that are written in values files and that no scenario printed. */
function unseenLeaves(written: readonly StandingUse[], observed: readonly ObservedScenario[]): readonly Leaf[] {
  const spans = observed.flatMap(({ occurrences }) => occurrences.flatMap((occurrence) => occurrence.spans))
  const seen = new Set(
    spans.flatMap(({ origin }) => (origin.kind === 'leaf' ? [placeKey(origin.file, origin.path)] : [])),
  )
  return written.flatMap((use) => {
    if (use.kind !== 'written') return []
    const leaves = use.leaves.map(({ leaf }) => leaf)
    return leaves.some(({ file, path }) => seen.has(placeKey(file, path))) ? [] : leaves.slice(0, 1)
  })
}

interface ObserveOptions {
  readonly chart: Chart
  readonly scenario: Scenario
  /** Puts what came through an alias to where its anchor stands. */
  readonly anchored: (occurrence: ImageOccurrence) => ImageOccurrence
  readonly known: KnownImages
  /** One string for all documents that are the same. */
  readonly shared: ShareTexts
}

/** An image for which the chart asks for more than was made up, its registry say, is printed by halves. */
const isWhole = ({ form, reference }: ImageOccurrence): boolean =>
  form !== 'pod' || tryParseReference(reference) !== undefined

/** An image whose place says that it is one. */
const isCertain = ({ form }: ImageOccurrence): boolean => form === 'pod' || form === 'field' || form === 'joined'

/**
 * Renders, traced; and once more where chance or the clock had a word in it: what differs between the two changes by
 * itself.
 */
async function observe(
  engines: Engines,
  renderedBy: ScenarioRenderer,
  { chart, scenario, anchored, known, shared }: ObserveOptions,
): Promise<ObservedScenario> {
  const { context } = scenario
  const values = valuesOf(scenario, chart)
  const rendering = engines.for(scenario, renderedBy)
  const traced = await rendering.trace(values, context)
  const documents = [...traced.documents, ...traced.hooks].map(
    ({ source, text }): RenderedDocument => ({ source, text: shared(bare(text)) }),
  )
  const volatile = traced.volatile ? diffDocuments(documents, await renderAll(rendering, values, context)) : []
  const found = findOccurrences([...traced.documents, ...traced.hooks], scenario, known).map(anchored)
  // Where something was left out, half an image may be all that is printed.
  const occurrences =
    renderedBy === 'engine' ? found : found.filter(({ reference }) => tryParseReference(reference) !== undefined)
  return { scenario, renderedBy, snapshot: { documents, volatile }, occurrences }
}

/** What came through an alias was written where its anchor stands. */
function anchorSpans(leaves: readonly Leaf[]): (occurrence: ImageOccurrence) => ImageOccurrence {
  const anchors = new Map(
    leaves.flatMap(({ file, path, text, aliases = [] }) =>
      aliases.map((alias) => [placeKey(file, alias), { kind: 'leaf', file, path, text } as const] as const),
    ),
  )
  if (anchors.size === 0) return (occurrence) => occurrence
  return (occurrence) => ({
    ...occurrence,
    spans: occurrence.spans.map((span) => {
      const { origin } = span
      const anchor = origin.kind === 'leaf' ? anchors.get(placeKey(origin.file, origin.path)) : undefined
      return anchor === undefined ? span : { ...span, origin: anchor }
    }),
  })
}

async function attempt<Result>(work: () => Promise<Result>): Promise<Result | string> {
  try {
    return await work()
  } catch (error) {
    if (isChartferryError(error, 'RENDER_FAILED')) return error.message
    throw error
  }
}
