// An image pull secret in the pods of a chart, where its values have a place for one; what it does is tried, and
// nothing else may change.

import { isChartferryError } from '../../../errors.ts'
import type { Chart, ChartArchive } from '../../../helm/chart/chart.ts'
import { decodeExactly, lineCounter } from '../../../helm/chart/chart-file.ts'
import type { ChartLeaves, Leaf } from '../../../helm/chart/leaves.ts'
import type { RenderedDocument } from '../../../helm/render/chart-renderer.ts'
import { engineRenderer } from '../../../helm/render/engine-renderer.ts'
import { diffDocuments, liesWithin } from '../../../helm/render/output/diff-documents.ts'
import { editChart } from '../../apply/edit-chart.ts'
import type { Observation, ObservedScenario } from '../../find/observe-chart.ts'
import { valuesOf } from '../../find/scenarios/scenario.ts'
import { renderAll } from '../../find/scenarios/snapshot.ts'
import { leafEdit, type PlannedEdit } from '../../model/plan.ts'
import { gainedSecret } from '../../verify/gained-secret.ts'

const emptyList = /^(?<before>[^#\n]*?\b(?:image)?pullSecrets["']?:[ \t]*)\[[ \t]*\]/gim
const leafKey = /^(?:image)?pullSecrets?$/i

/**
 * The edits that give pods the secret, on top of others; each was seen to do that and nothing else. Empty where the
 * values have no place for it.
 */
export async function pullSecretEdits(
  archive: ChartArchive,
  { leaves, scenarios }: Observation,
  edits: readonly PlannedEdit[],
  secret: string,
): Promise<readonly PlannedEdit[]> {
  const strict = scenarios.filter(({ renderedBy, scenario }) => renderedBy === 'engine' && scenario.helm === undefined)
  const render = (more: readonly PlannedEdit[]): Promise<Rendered | undefined> =>
    renderWith(archive, [...edits, ...more], strict)
  let chosen: readonly PlannedEdit[] = []
  let before = await render([])
  for (const forms of placesOf(archive.chart, leaves, secret)) {
    for (const form of forms) {
      const after = await render([...chosen, form])
      if (before === undefined || after === undefined || !onlyGains(before, after, strict, secret)) continue
      chosen = [...chosen, form]
      before = after
      break
    }
  }
  return chosen
}

/** The documents of each scenario. */
type Rendered = readonly (readonly RenderedDocument[])[]

/** Undefined where a scenario does not render. */
async function renderWith(
  archive: ChartArchive,
  edits: readonly PlannedEdit[],
  scenarios: readonly ObservedScenario[],
): Promise<Rendered | undefined> {
  try {
    const { chart } = await editChart(archive, edits)
    const rendering = engineRenderer().openChart(chart)
    const rendered: (readonly RenderedDocument[])[] = []
    for (const { scenario } of scenarios)
      rendered.push(await renderAll(rendering, valuesOf(scenario, chart), scenario.context))
    return rendered
  } catch (error) {
    if (isChartferryError(error, 'RENDER_FAILED') || isChartferryError(error, 'YAML_INVALID')) return undefined
    throw error
  }
}

/** Whether pods gained the secret somewhere, once each, and nothing else is different. */
function onlyGains(before: Rendered, after: Rendered, scenarios: readonly ObservedScenario[], secret: string): boolean {
  const differences = before.flatMap((documents, index) =>
    diffDocuments(documents, after[index] ?? []).filter(
      (difference) => !liesWithin(scenarios[index]?.snapshot.volatile ?? [], difference),
    ),
  )
  return differences.length > 0 && differences.every((difference) => gainedSecret(difference, secret))
}

/** Every place, those that hold for the most pods first; each with the ways in which charts write a secret there. */
function placesOf(chart: Chart, leaves: ChartLeaves, secret: string): readonly (readonly PlannedEdit[])[] {
  const own = [...listPlaces(chart, secret), ...leafPlaces(leaves.of(chart.address), secret)]
  return [
    ...own.sort((a, b) => a.depth - b.depth).map(({ forms }) => forms),
    ...chart.subcharts.flatMap((subchart) => placesOf(subchart, leaves, secret)),
  ]
}

interface SecretPlace {
  /** How deep in the values, what is global first. */
  readonly depth: number
  readonly forms: readonly PlannedEdit[]
}

function listPlaces(chart: Chart, secret: string): readonly SecretPlace[] {
  const bytes = chart.files.get('values.yaml')
  const text = bytes === undefined ? '' : (decodeExactly(bytes)?.replace(/^\uFEFF/, '') ?? '')
  const lines = lineCounter(text)
  return [...text.matchAll(emptyList)].map((match) => {
    const before = match.groups?.before ?? ''
    const offset = match.index + before.length
    const place = { kind: 'template', file: `${chart.address}values.yaml`, line: lines(offset), offset } as const
    const old = match[0].slice(before.length)
    const forms = [`[{name: ${secret}}]`, `[${secret}]`].map(
      (now): PlannedEdit => ({ ...place, old, new: [{ kind: 'literal', text: now }], observed: true }),
    )
    return { depth: before.search(/\S/), forms }
  })
}

function leafPlaces(leaves: readonly Leaf[], secret: string): readonly SecretPlace[] {
  return leaves
    .filter(({ path, text }) => leafKey.test(String(path.at(-1))) && ['', '~', 'null'].includes(text))
    .map((leaf) => ({ depth: leaf.path.length, forms: [leafEdit(leaf, [{ kind: 'literal', text: secret }], true)] }))
}
