// All finders merged: which images a chart uses, and every place where each is written or rendered.
import type { Chart } from '../chart/chart.ts'
import { canonicalReference, formatReference, type ImageReference, tryParseReference } from '../image/reference.ts'
import type { RenderedDocument } from '../render/chart-renderer.ts'
import type { ImageFinder, ImageUse, RenderedUse, WrittenUse } from './image-use.ts'
import { manifestsFinder } from './manifests.ts'
import { valuesFinder } from './values.ts'

const finders: readonly ImageFinder[] = [valuesFinder, manifestsFinder]

/** One image, and where it was found. */
export interface FoundImage {
  /** As it is rendered; as the leaves compose it where no rendering prints it. */
  readonly reference: string
  readonly rendered: readonly RenderedUse[]
  readonly written: readonly WrittenUse[]
}

/** Everything that the finders see. Pure. */
export function discover(chart: Chart, documents: readonly RenderedDocument[]): readonly ImageUse[] {
  return finders.flatMap((finder) => [...finder.find(chart, documents)])
}

/** The uses by image: a written one belongs to the rendered ones that it composes. Sorted by reference. */
export function explain(uses: readonly ImageUse[]): readonly FoundImage[] {
  const rendered = Map.groupBy(
    uses.filter((use) => use.kind === 'rendered'),
    ({ reference }) => canonicalText(reference),
  )
  const written = uses.filter((use) => use.kind === 'written')
  const claimed = new Set<WrittenUse>()
  const images: FoundImage[] = [...rendered.values()].map((places) => {
    const reference = places[0]?.reference ?? ''
    const parsed = tryParseReference(reference)
    const origins = parsed === undefined ? [] : written.filter((use) => composes(use, parsed))
    for (const origin of origins) claimed.add(origin)
    return { reference, rendered: places, written: origins }
  })
  const dark = Map.groupBy(
    written.filter((use) => !claimed.has(use)),
    ({ reference }) => canonicalText(reference),
  )
  for (const places of dark.values())
    images.push({ reference: places[0]?.reference ?? '', rendered: [], written: places })
  return images.sort((a, b) => (a.reference < b.reference ? -1 : 1))
}

function canonicalText(text: string): string {
  const reference = tryParseReference(text)
  return reference === undefined ? text : formatReference(canonicalReference(reference))
}

/** Whether the leaves of a use can be where a rendered reference comes from: what they lack, a template may add. */
function composes(use: WrittenUse, rendered: ImageReference): boolean {
  const written = tryParseReference(use.reference)
  if (written === undefined) return false
  const isSamePath = rendered.path === written.path || `/${rendered.path}`.endsWith(`/${written.path}`)
  const isSameHost =
    written.host === undefined || canonicalReference(written).host === canonicalReference(rendered).host
  return isSamePath && isSameHost && (written.tag === undefined || written.tag === rendered.tag)
}
