// Digests for tags: which images of a plan are pinned, and by which way of writing the digest.
import { isChartferryError, messageOf } from '../../errors.ts'
import type { Naming } from '../../reference/naming.ts'
import {
  canonicalReference,
  formatReference,
  type ImageReference,
  tryParseReference,
} from '../../reference/reference.ts'
import type { Plan } from '../model/plan.ts'
import { type Pin, type Pins, type PinWay, pinWays } from './edits/pin.ts'

/** Finds the digest that an image's tag stands for now. Throws what its registry throws. */
export type ResolveDigest = (image: string) => Promise<string>

/** The digests of a plan's images that have none; what no rendering prints may be missing at its registry. */
export async function resolvePins(
  plan: Plan,
  resolve: ResolveDigest,
): Promise<{ readonly pins: Pins; readonly warnings: readonly string[] }> {
  const pins = new Map<string, Pin>()
  const warnings: string[] = []
  for (const { from, rendered } of plan.images) {
    const reference = tryParseReference(from)
    if (reference === undefined || reference.digest !== undefined) continue
    try {
      pins.set(keyOf(reference), {
        digest: await resolve(formatReference(canonicalReference(reference))),
        way: pinWays[0],
      })
    } catch (error) {
      if (rendered || !isChartferryError(error)) throw error
      warnings.push(`${from} keeps its tag: ${messageOf(error)}`)
    }
  }
  return { pins, warnings }
}

/** The naming with digests behind the names of pinned images. */
export function pinnedNaming(naming: Naming, pins: Pins): Naming {
  return {
    ...naming,
    rename(reference) {
      const pin = reference.digest === undefined ? pins.get(keyOf(reference)) : undefined
      const { tag, ...name } = naming.rename(reference)
      if (pin === undefined) return tag === undefined ? name : { ...name, tag }
      const { digest, way } = pin
      return tag === undefined || way === 'digest leaf alone' ? { ...name, digest } : { ...name, tag, digest }
    },
  }
}

/**
 * The pins after a trial: an image that could be moved before and cannot any more is pinned in the next way, or not at
 * all, with the reason. The same object where every pin held.
 */
export function nextPins(
  pins: Pins,
  before: Plan,
  after: Plan,
): { readonly pins: Pins; readonly warnings: readonly string[] } {
  const known = new Set(before.unresolved.map(({ image }) => image))
  const failed = new Map<string, string>()
  for (const { image, reason } of after.unresolved) {
    const reference = tryParseReference(image)
    if (!known.has(image) && reference !== undefined && pins.has(keyOf(reference))) failed.set(keyOf(reference), reason)
  }
  if (failed.size === 0) return { pins, warnings: [] }
  const next = new Map<string, Pin>()
  const warnings: string[] = []
  for (const [key, pin] of pins) {
    const reason = failed.get(key)
    const way = reason === undefined ? pin.way : wayAfter(pin.way)
    if (way !== undefined) next.set(key, { ...pin, way })
    else warnings.push(`${key} keeps its tag: ${reason}`)
  }
  return { pins: next, warnings }
}

const wayAfter = (way: PinWay): PinWay | undefined => pinWays[pinWays.indexOf(way) + 1]

const keyOf = (reference: ImageReference): string => formatReference(canonicalReference(reference))
