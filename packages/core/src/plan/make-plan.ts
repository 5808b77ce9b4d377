// Puts a plan together from what was found, what is edited and what a rendering showed. Pure.
import type { ChartArchive } from '../chart/chart.ts'
import type { WrittenUse } from '../discover/image-use.ts'
import { ChartferryError } from '../errors.ts'
import { canonicalReference, formatReference, tryParseReference } from '../image/reference.ts'
import { formatTarget, isAtTarget, mapReference, type Target } from '../image/target.ts'
import { type Plan, type PlannedEdit, type PlannedImage, planFormat, type UnresolvedImage } from './plan.ts'

/** What a plan is made of. */
export interface PlanParts {
  readonly written: readonly WrittenUse[]
  readonly edits: readonly PlannedEdit[]
  /** References that a rendering showed to move; empty where nothing was rendered. */
  readonly moved: readonly string[]
  /** References that a rendering showed to stay. */
  readonly left: readonly string[]
}

/** The plan. Throws TARGET_COLLISION where two images would get one name. */
export function makePlan(archive: ChartArchive, target: Target, parts: PlanParts): Plan {
  const images = new Map<string, PlannedImage>()
  for (const from of parts.moved) addImage(images, from, true, target)
  const edited = new Set(parts.edits.map(({ file, path }) => JSON.stringify([file, path])))
  const unmoved: string[] = []
  for (const { reference, leaves } of parts.written) {
    const isEdited = leaves.some(({ leaf }) => edited.has(JSON.stringify([leaf.file, leaf.path])))
    if (isEdited) addImage(images, reference, false, target)
    else if (isElsewhere(reference, target) && !parts.left.includes(reference)) unmoved.push(reference)
  }
  const list = [...images.values()].sort((a, b) => (a.from < b.from ? -1 : 1))
  refuseCollisions(list)
  const { name, version } = archive.chart.metadata
  return {
    format: planFormat,
    chart: { name, version, digest: archive.digest },
    target: formatTarget(target),
    images: list,
    edits: [...parts.edits],
    unresolved: unresolvedOf(parts.left),
    warnings: [...tagWarnings(list), ...unmovedWarnings(unmoved, images)],
  }
}

function addImage(images: Map<string, PlannedImage>, from: string, rendered: boolean, target: Target): void {
  const reference = tryParseReference(from)
  if (reference === undefined || images.has(from)) return
  images.set(from, { from, to: formatReference(mapReference(reference, target)), rendered })
}

function isElsewhere(text: string, target: Target): boolean {
  const reference = tryParseReference(text)
  return reference !== undefined && !isAtTarget(reference, target)
}

function refuseCollisions(images: readonly PlannedImage[]): void {
  const sources = new Map<string, string>()
  for (const { from, to } of images) {
    const reference = tryParseReference(from)
    if (reference === undefined) continue
    const canonical = formatReference(canonicalReference(reference))
    const other = sources.get(to)
    if (other !== undefined && other !== canonical) {
      throw new ChartferryError('TARGET_COLLISION', `${other} and ${canonical} would both become ${to}`, {
        details: { to, from: [other, canonical] },
      })
    }
    sources.set(to, canonical)
  }
}

function unresolvedOf(left: readonly string[]): readonly UnresolvedImage[] {
  return [...new Set(left)].map((image) => {
    const reason =
      tryParseReference(image) === undefined
        ? 'the chart prints a text that is no image reference'
        : 'no leaf of the values files was found that moves it: it may be written in a template'
    return { image, reason }
  })
}

function tagWarnings(images: readonly PlannedImage[]): readonly string[] {
  return images
    .filter(({ from, rendered }) => rendered && isUntagged(from))
    .map(({ from }) => `${from} has no tag: Kubernetes pulls "latest"; it is relocated as it is`)
}

function isUntagged(text: string): boolean {
  const reference = tryParseReference(text)
  return reference !== undefined && reference.tag === undefined && reference.digest === undefined
}

function unmovedWarnings(unmoved: readonly string[], images: ReadonlyMap<string, PlannedImage>): readonly string[] {
  const names = [...new Set(unmoved)].filter((name) => !images.has(name))
  if (names.length === 0) return []
  return [`not rendered and not edited, because nothing shows what the chart puts before them: ${names.join(', ')}`]
}
