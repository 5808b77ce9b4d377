// The splices of all images, put together into one new text a leaf and place of a template; conflicts are found, not
// resolved. Pure.
import { textOf } from '../../model/plan.ts'
import { keyOf, type Place, type Splice } from './route.ts'

/** All splices of one leaf or template, first to last; they never overlap. */
export interface PlaceEdits {
  readonly place: Place
  readonly splices: readonly Splice[]
}

/** Collects splices; what contradicts an earlier one is refused. */
export interface EditCollection {
  /** Adds all splices of one image or none; gives the reason for none. */
  add(splices: readonly Splice[]): string | undefined
  edits(): readonly PlaceEdits[]
}

/**
 * A collection. `hosted` are places where a name begins behind a registry: nothing may be inserted there but what
 * stands between a registry and a name, or those images would name two registries.
 */
export function collectEdits(hosted: readonly Place[]): EditCollection {
  const places = new Map<string, { readonly place: Place; readonly splices: Splice[] }>()
  const behindRegistry = new Set(hosted.map(offsetOf))
  const refuse = (splice: Splice): string | undefined => {
    if (splice.length === 0 && splice.parts[0]?.kind === 'host' && behindRegistry.has(offsetOf(splice.place))) {
      return 'the same leaf is printed behind a registry elsewhere'
    }
    const clash = places.get(keyOf(splice.place))?.splices.find((other) => contradicts(other, splice))
    return clash === undefined ? undefined : 'images that share a leaf would need different texts of it'
  }
  return {
    add(splices) {
      const reason = splices.map(refuse).find((text) => text !== undefined)
      if (reason !== undefined) return reason
      for (const splice of splices) {
        const key = keyOf(splice.place)
        const known = places.get(key) ?? { place: splice.place, splices: [] }
        places.set(key, known)
        if (!known.splices.some((other) => isSame(other, splice))) known.splices.push(splice)
      }
      return undefined
    },
    edits: () =>
      [...places.values()].map(({ place, splices }) => ({
        place,
        splices: splices.toSorted((a, b) => a.place.offset - b.place.offset),
      })),
  }
}

const offsetOf = (place: Place): string => `${keyOf(place)} ${place.offset}`

function isSame(a: Splice, b: Splice): boolean {
  return a.place.offset === b.place.offset && a.length === b.length && textOf(a.parts) === textOf(b.parts)
}

/** Two splices contradict where they meet and are not the same. */
function contradicts(a: Splice, b: Splice): boolean {
  if (isSame(a, b)) return false
  const [first, second] = a.place.offset <= b.place.offset ? [a, b] : [b, a]
  return first.place.offset === second.place.offset || second.place.offset < first.place.offset + first.length
}
