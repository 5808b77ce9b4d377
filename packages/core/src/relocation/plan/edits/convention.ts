// Which leaves could be edited so that the images they compose move to the target. Pure; a rendering decides what
// holds.

import { type Leaf, placeKey } from '../../../helm/chart/leaves.ts'
import { isPlaced, type Naming } from '../../../reference/naming.ts'
import { dockerHub, formatReference, tryParseReference } from '../../../reference/reference.ts'
import type { LeafRole, WrittenUse } from '../../find/image-use.ts'
import type { TextPart } from '../../model/plan.ts'
import { partsOf } from '../../model/plan.ts'

/**
 * A new text for one leaf. `host`: the leaf names a registry, which the target replaces. `prefix`: the leaf names none,
 * and the target goes before it; whether that is right depends on what the chart puts before the leaf, which only a
 * rendering shows.
 */
export interface Proposal {
  readonly leaf: Leaf
  readonly kind: 'host' | 'prefix'
  readonly new: readonly TextPart[]
  /** Of a prefix: whether nothing in the chart looks like a registry that it would come after. */
  readonly isLikely: boolean
}

const registryKey = /^(?:.*registry|hub)$/i

/** All proposals for the images found and for leaves that hold a registry alone. At most one a leaf. */
export function conventionalProposals(
  uses: readonly WrittenUse[],
  leaves: readonly Leaf[],
  naming: Naming,
): readonly Proposal[] {
  const proposals = new Map<string, Proposal>()
  const add = (proposal: Proposal | undefined): void => {
    if (proposal === undefined) return
    const place = placeKey(proposal.leaf.file, proposal.leaf.path)
    if (!proposals.has(place)) proposals.set(place, proposal)
  }
  const registries = leaves.filter(
    ({ path, text, isString }) => isString && registryKey.test(String(path.at(-1))) && isRegistry(text),
  )
  const ofImages = new Set(uses.flatMap((use) => use.leaves.map(({ leaf }) => placeKey(leaf.file, leaf.path))))
  const hasChartRegistry = registries.some(({ file, path }) => !ofImages.has(placeKey(file, path)))
  for (const use of uses) for (const proposal of proposalsFor(use, naming, !hasChartRegistry)) add(proposal)
  for (const leaf of registries) add(registryProposal(leaf, naming))
  return [...proposals.values()]
}

function* proposalsFor(use: WrittenUse, naming: Naming, isLikely: boolean): Iterable<Proposal | undefined> {
  const leafOf = (role: LeafRole): Leaf | undefined => use.leaves.find((part) => part.role === role)?.leaf
  const registry = leafOf('registry')
  const name = leafOf('repository') ?? leafOf('reference')
  if (registry === undefined || !isRegistry(registry.text)) {
    if (name !== undefined) yield nameProposal(name, naming, isLikely && registry === undefined)
    return
  }
  yield registryProposal(registry, naming)
  // `docker.io` and `busybox` mean docker.io/library/busybox, a name that the registry leaf alone cannot give.
  if (name !== undefined && isDockerHub(registry.text) && !name.text.includes('/')) {
    yield { leaf: name, kind: 'host', new: [{ kind: 'literal', text: `library/${name.text}` }], isLikely: true }
  }
}

/** Whether a text is a host, with or without a path behind it. */
function isRegistry(text: string): boolean {
  return tryParseReference(`${text.replace(/\/+$/, '')}/x`)?.host !== undefined
}

/** A leaf that is a host, with or without a path behind it: `quay.io`, `cp.icr.io/cp`. */
function registryProposal(leaf: Leaf, naming: Naming): Proposal | undefined {
  const moved = naming.renameRegistry(leaf.text)
  if (moved === undefined) return undefined
  return {
    leaf,
    kind: 'host',
    new: partsOf(moved, naming.target),
    isLikely: true,
  }
}

/** A registry by itself, whatever its leaf is called: names of images have no dots like these. */
const domain = /^(?:[a-z\d-]+\.)+[a-z]{2,}$/

/** A leaf that holds a name or a whole reference. */
function nameProposal(leaf: Leaf, naming: Naming, isLikely: boolean): Proposal | undefined {
  if (domain.test(leaf.text)) return registryProposal(leaf, naming)
  const reference = tryParseReference(leaf.text)
  if (reference === undefined || isPlaced(reference, naming)) return undefined
  const moved = formatReference(naming.rename(reference))
  const kind = reference.host === undefined ? 'prefix' : 'host'
  return { leaf, kind, new: partsOf(moved, naming.target), isLikely }
}

const isDockerHub = (text: string): boolean => [dockerHub, 'index.docker.io'].includes(text.replace(/\/+$/, ''))
