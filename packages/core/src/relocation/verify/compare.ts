// Judges a relocated rendering: which images moved, which stayed, and what else is different.
import type { RenderedDocument } from '../../helm/render/chart-renderer.ts'
import { type Difference, diffDocuments, liesWithin } from '../../helm/render/output/diff-documents.ts'
import { isPlaced, type Naming } from '../../reference/naming.ts'
import { tryParseReference } from '../../reference/reference.ts'
import type { RenderedUse } from '../find/image-use.ts'
import { imagesInManifests } from '../find/rendered/manifests.ts'
import { saysRegistry } from '../find/rendered/setting-names.ts'
import type { Snapshot } from '../find/scenarios/snapshot.ts'
import { type Alignment, alignText } from './align-text.ts'
import { gainedSecret } from './gained-secret.ts'

const imageField = /registry|repository|image|hub/i
const partField = /registry|repository|hub/i

/** What a relocation did to one scenario. */
export interface Comparison {
  /** Each reference that became its name at the target, once a place. */
  readonly moved: readonly { readonly from: string; readonly to: string; readonly where: Difference }[]
  /** Registries and names that a custom resource prints apart, and that moved. */
  readonly parts: readonly Difference[]
  /** Checksums, and texts with one in them, that are others now: whether they had to change is not known yet. */
  readonly unconfirmed: readonly Difference[]
  /** Images that still point elsewhere. */
  readonly left: readonly RenderedUse[]
  /** Everything that should be equal and is not. */
  readonly different: readonly Difference[]
}

/** Compares the original's snapshot with the relocated chart's documents, which may give pods a pull secret. */
export function compareRenamed(
  before: Snapshot,
  after: readonly RenderedDocument[],
  naming: Naming,
  pullSecret?: string,
): Comparison {
  const moved: { from: string; to: string; where: Difference }[] = []
  const parts: Difference[] = []
  const unconfirmed: Difference[] = []
  const different: Difference[] = []
  for (const difference of diffDocuments(before.documents, after)) {
    if (liesWithin(before.volatile, difference)) continue
    if (pullSecret !== undefined && gainedSecret(difference, pullSecret)) continue
    const aligned = alignedText(difference, naming)
    if (isMovedPart(difference, naming)) parts.push(difference)
    else if (aligned !== undefined && aligned.images.length + aligned.hashes.length + aligned.parts > 0) {
      if (aligned.parts > 0) parts.push(difference)
      moved.push(...aligned.images.map((image) => ({ ...image, where: difference })))
      if (aligned.hashes.length > 0) unconfirmed.push(difference)
    } else if (isChecksum(difference)) unconfirmed.push(difference)
    else different.push(difference)
  }
  const apart = different.filter((difference) => isTakenApart(difference, different, naming))
  const left = [...imagesInManifests(after)].filter(({ reference }) => {
    const parsed = tryParseReference(reference)
    return parsed === undefined || !isPlaced(parsed, naming)
  })
  return {
    moved,
    parts: [...parts, ...apart],
    unconfirmed,
    left,
    different: different.filter((difference) => !apart.includes(difference)),
  }
}

function alignedText({ name, before, after }: Difference, naming: Naming): Alignment | undefined {
  if (typeof before !== 'string' || typeof after !== 'string') return undefined
  const aligned = alignText(before, after, naming, name)
  // A bare word is an image only where a field says so; elsewhere it is a label or a name that happens to be equal.
  const isField = imageField.test(name)
  return aligned?.images.every(({ from }) => isField || /[/:@]/.test(from)) ? aligned : undefined
}

/**
 * A field such as `registry` beside `image` in a custom resource, whose operator joins them; or the address of an
 * artifact whose tag stands apart.
 */
function isMovedPart({ name, before, after }: Difference, naming: Naming): boolean {
  if (typeof before !== 'string' || typeof after !== 'string') return false
  const scheme = /^oci:\/\//.exec(before)?.[0] ?? ''
  const [from, to] = [before, after].map((text) => text.slice(scheme.length)) as [string, string]
  const isField = scheme === '' ? partField.test(name) || saysRegistry(name) : after.startsWith(scheme)
  return isField && naming.renameRegistry(from) === to
}

/**
 * The host of a registry, and what comes behind it, each in a value of its own, side by side: both moved as they would
 * together.
 */
function isTakenApart(difference: Difference, all: readonly Difference[], naming: Naming): boolean {
  return all.some((other) => isPair(difference, other, naming) || isPair(other, difference, naming))
}

function isPair(host: Difference, rest: Difference, naming: Naming): boolean {
  const isBeside =
    host !== rest &&
    host.source === rest.source &&
    host.ordinal === rest.ordinal &&
    JSON.stringify(host.path.slice(0, -2)) === JSON.stringify(rest.path.slice(0, -2))
  return (
    isBeside &&
    partField.test(host.name) &&
    host.after === naming.target.host &&
    naming.renameRegistry([host.before, rest.before].join('/')) === [host.after, rest.after].join('/')
  )
}

/** A digest of something: as long as before, and nothing but hexadecimal digits. */
function isChecksum({ before, after }: Difference): boolean {
  const hex = /^[0-9a-f]{8,128}$/
  return (
    typeof before === 'string' &&
    typeof after === 'string' &&
    before.length === after.length &&
    hex.test(before) &&
    hex.test(after)
  )
}
