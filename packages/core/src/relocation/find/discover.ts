// All finders merged: which images are written in a chart; and for all uses, which image each place belongs to.
import type { Chart } from '../../helm/chart/chart.ts'
import type { ChartLeaves } from '../../helm/chart/leaves.ts'
import {
  canonicalReference,
  formatReference,
  type ImageReference,
  tryParseReference,
} from '../../reference/reference.ts'
import type { ImageFinder, ImageUse, RenderedUse, StandingUse } from './image-use.ts'
import { isAsGiven } from './scenarios/scenario.ts'
import { annotationsFinder } from './written/annotations.ts'
import { hintsFinder } from './written/hints.ts'
import { templatesFinder } from './written/templates.ts'
import { valuesFinder } from './written/values.ts'

const finders: readonly ImageFinder[] = [valuesFinder, templatesFinder, annotationsFinder, hintsFinder]

/** One image, and where it was found. */
export interface FoundImage {
  /** As it is rendered; as the leaves compose it where no rendering prints it. */
  readonly reference: string
  readonly rendered: readonly RenderedUse[]
  readonly written: readonly StandingUse[]
  /** Whether a copy may miss it: no rendering with the values given needs it, or nothing says its tag. */
  readonly isOptional: boolean
}

/** Every image that is written in the chart. Pure. */
export function discover(chart: Chart, leaves: ChartLeaves): readonly StandingUse[] {
  return finders.flatMap((finder) => [...finder.find(chart, leaves)])
}

/** The uses by image: a written one belongs to the rendered ones that it composes. Sorted by reference. */
export function explain(uses: readonly ImageUse[]): readonly FoundImage[] {
  const rendered = Map.groupBy(
    uses.filter((use) => use.kind === 'rendered'),
    ({ reference }) => canonicalText(reference),
  )
  const written = uses.filter((use) => use.kind !== 'rendered')
  const claimed = new Set<ImageUse>()
  const images: FoundImage[] = [...rendered.values()].map((places) => {
    const reference = places[0]?.reference ?? ''
    const parsed = tryParseReference(reference)
    const origins = parsed === undefined ? [] : written.filter((use) => composes(use.reference, parsed))
    for (const origin of origins) claimed.add(origin)
    return { reference, rendered: places, written: origins, isOptional: isOptional(reference, places) }
  })
  const dark = Map.groupBy(
    written.filter((use) => !claimed.has(use)),
    ({ reference }) => canonicalText(reference),
  )
  for (const places of dark.values())
    images.push({
      reference: places[0]?.reference ?? '',
      rendered: [],
      written: places,
      isOptional: !places.some(isNamedByUser),
    })
  return images.sort((a, b) => (a.reference < b.reference ? -1 : 1))
}

const isNamedByUser = (use: StandingUse): boolean => use.kind === 'named' && use.line === undefined

function isOptional(reference: string, places: readonly RenderedUse[]): boolean {
  const { tag, digest } = tryParseReference(reference) ?? {}
  const isTagged = tag !== undefined || digest !== undefined
  return places.every(
    ({ scenarioKind, evidence }) => scenarioKind === 'values-file' || (!isTagged && evidence !== undefined),
  )
}

/** When an image runs: `always` with the values given, else the scenarios that print it, else `not seen`. */
export function whenRendered({ rendered, written }: FoundImage): string {
  const scenarios = new Set(rendered.map(({ scenario }) => scenario))
  if (
    rendered.some(({ scenarioKind }) => scenarioKind !== undefined && isAsGiven(scenarioKind)) ||
    written.some(isNamedByUser)
  )
    return 'always'
  const ofFiles = rendered.every(({ scenarioKind }) => scenarioKind === 'values-file')
  return scenarios.size === 0 ? 'not seen' : `${ofFiles ? 'only with ' : ''}${[...scenarios].join(', ')}`
}

function canonicalText(text: string): string {
  const reference = tryParseReference(text)
  return reference === undefined ? text : formatReference(canonicalReference(reference))
}

/** Whether a written reference can be where a rendered one comes from: what it lacks, a template may add. */
export function composes(text: string, rendered: ImageReference): boolean {
  const written = tryParseReference(text)
  if (written === undefined) return false
  const isSamePath = rendered.path === written.path || `/${rendered.path}`.endsWith(`/${written.path}`)
  const isSameHost =
    written.host === undefined || canonicalReference(written).host === canonicalReference(rendered).host
  const isSameDigest = written.digest !== undefined && written.digest === rendered.digest
  return isSamePath && isSameHost && (isSameDigest || written.tag === undefined || written.tag === rendered.tag)
}
