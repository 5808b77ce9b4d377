// Which leaves could be edited so that the images they compose move to the target. Pure; a rendering decides what holds.
import type { LeafRole, WrittenUse } from '../discover/image-use.ts'
import type { Leaf } from '../discover/leaf.ts'
import {
  canonicalReference,
  dockerHub,
  formatReference,
  type ImageReference,
  tryParseReference,
} from '../image/reference.ts'
import { isAtTarget, mapReference, type Target } from '../image/target.ts'
import type { TextPart } from './plan.ts'

/**
 * A new text for one leaf. `host`: the leaf names a registry, which the target replaces. `prefix`: the leaf names none, and the target
 * goes before it; whether that is right depends on what the chart puts before the leaf, which only a rendering shows.
 */
export interface Proposal {
  readonly leaf: Leaf
  readonly kind: 'host' | 'prefix'
  readonly new: readonly TextPart[]
}

const registryKey = /^(?:.*registry|hub)$/i

/** All proposals for the images found and for leaves that hold a registry alone. At most one a leaf. */
export function proposeEdits(
  uses: readonly WrittenUse[],
  leaves: readonly Leaf[],
  target: Target,
): readonly Proposal[] {
  const proposals = new Map<string, Proposal>()
  const add = (proposal: Proposal | undefined): void => {
    if (proposal === undefined) return
    const place = JSON.stringify([proposal.leaf.file, proposal.leaf.path])
    if (!proposals.has(place)) proposals.set(place, proposal)
  }
  for (const use of uses) for (const proposal of proposalsFor(use, target)) add(proposal)
  for (const leaf of leaves) {
    if (leaf.isString && registryKey.test(String(leaf.path.at(-1)))) add(registryProposal(leaf, target))
  }
  return [...proposals.values()]
}

function* proposalsFor(use: WrittenUse, target: Target): Iterable<Proposal | undefined> {
  const leafOf = (role: LeafRole): Leaf | undefined => use.leaves.find((part) => part.role === role)?.leaf
  const registry = leafOf('registry')
  const name = leafOf('repository') ?? leafOf('reference')
  const moved = registry === undefined ? undefined : registryProposal(registry, target)
  if (moved === undefined) {
    if (name !== undefined) yield nameProposal(name, target)
    return
  }
  yield moved
  // `docker.io` and `busybox` mean docker.io/library/busybox, a name that the registry leaf alone cannot give.
  if (name !== undefined && isDockerHub(moved.leaf.text) && !name.text.includes('/')) {
    yield { leaf: name, kind: 'host', new: [{ kind: 'literal', text: `library/${name.text}` }] }
  }
}

/** A leaf that is a host, with or without a path behind it: `quay.io`, `cp.icr.io/cp`. */
function registryProposal(leaf: Leaf, target: Target): Proposal | undefined {
  const text = leaf.text.replace(/\/+$/, '')
  const reference = tryParseReference(`${text}/x`)
  if (reference?.host === undefined || isAtTarget(reference, target)) return undefined
  const rest = text.slice(reference.host.length) + leaf.text.slice(text.length)
  return {
    leaf,
    kind: 'host',
    new: [...targetParts(target), { kind: 'literal', text: rest }].filter(({ text }) => text !== '') as TextPart[],
  }
}

/** A leaf that holds a name or a whole reference. */
function nameProposal(leaf: Leaf, target: Target): Proposal | undefined {
  const reference = tryParseReference(leaf.text)
  if (reference === undefined || isAtTarget(reference, target)) return undefined
  mapReference(reference, target)
  const { host: _, ...rest } = canonicalReference(reference) as ImageReference
  const kind = reference.host === undefined ? 'prefix' : 'host'
  return { leaf, kind, new: [...targetParts(target), { kind: 'literal', text: `/${formatReference(rest)}` }] }
}

function targetParts(target: Target): TextPart[] {
  const host: TextPart = { kind: 'host', text: target.host }
  return target.prefix === '' ? [host] : [host, { kind: 'prefix', text: `/${target.prefix}` }]
}

const isDockerHub = (text: string): boolean => [dockerHub, 'index.docker.io'].includes(text.replace(/\/+$/, ''))
