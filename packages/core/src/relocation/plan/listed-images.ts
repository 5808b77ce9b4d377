// Which images a plan lists: those that run and have to be copied, and those that are named without all that a copy needs.
// Pure.
import { tryParseReference } from '../../reference/reference.ts'
import type { Observation } from '../find/observe-chart.ts'
import { isImage, isNamedElsewhere } from '../find/rendered/occurrence.ts'
import type { Settlement } from './settle.ts'

/** The images that moved. */
export interface ListedImages {
  /** Whole references that a rendering printed. */
  readonly moved: readonly string[]
  /** Those that only a further values file of the chart prints, and the file; a copy may miss them. */
  readonly extra: ReadonlyMap<string, string>
  /** Names of which no rendering says the tag: a program adds it, or nothing is pulled by it. */
  readonly named: readonly string[]
}

/**
 * Lists what moved. A name without a tag is an image where Kubernetes pulls it, `latest` then; elsewhere it is one only
 * where nothing says its tag, and a copy may miss it.
 */
export function listImagesMoved({ stuck, comparisons }: Settlement, { scenarios }: Observation): ListedImages {
  const stays = new Set(stuck.map(({ occurrence }) => occurrence))
  const all = scenarios.flatMap(({ occurrences }) => occurrences)
  const isElsewhere = isNamedElsewhere(all)
  const images = all.filter((occurrence) => isImage(occurrence) && !isElsewhere(occurrence) && !stays.has(occurrence))
  const running = new Set(
    images.filter(({ form }) => form === 'pod' || form === 'field').map(({ reference }) => reference),
  )
  const ofFile = (index: number): string | undefined => scenarios[index]?.scenario.ownFile
  const seen = comparisons.flatMap(({ moved }, index) =>
    ofFile(index) === undefined ? moved.map(({ from }) => from) : [],
  )
  const isWhole = (text: string): boolean => isTagged(text) || running.has(text)
  const joined = images
    .filter(({ form, scenario }) => form === 'joined' && scenario.kind !== 'values-file')
    .map(({ reference }) => reference)
  const moved = [...seen.filter(isWhole), ...joined.filter(isTagged)]
  const known = new Set(moved)
  const extra = new Map(
    comparisons.flatMap((comparison, index) => {
      const file = ofFile(index)
      const more = comparison.moved.map(({ from }) => from).filter((from) => isWhole(from) && !known.has(from))
      return file === undefined ? [] : more.map((from) => [from, file] as const)
    }),
  )
  const names = new Set([...moved, ...extra.keys()].flatMap(nameOf))
  const named = [...seen, ...joined, ...images.filter(({ form }) => form === 'text').map(({ reference }) => reference)]
  // A namespace, or a prefix that images stand below, is no image.
  const isPrefix = (text: string): boolean => [...names].some((name) => name.startsWith(`${text}/`))
  return {
    moved,
    extra,
    named: named.filter((text) => text.includes('/') && !isWhole(text) && !names.has(text) && !isPrefix(text)),
  }
}

export function isTagged(text: string): boolean {
  const { tag, digest } = tryParseReference(text) ?? {}
  return tag !== undefined || digest !== undefined
}

function nameOf(text: string): readonly string[] {
  const reference = tryParseReference(text)
  if (reference === undefined) return []
  return [reference.host === undefined ? reference.path : `${reference.host}/${reference.path}`]
}
