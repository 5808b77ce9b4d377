// Images that a rule forbids: all of a chart are told at once, with who wants them, or left out where that is asked for.
import { ChartferryError, isChartferryError } from '../../errors.ts'
import type { Naming } from '../../reference/naming.ts'
import { canonicalReference, formatReference, tryParseReference } from '../../reference/reference.ts'
import type { FoundImage } from '../find/discover.ts'

/** An image that may not be used. */
export interface DeniedImage {
  readonly image: string
  readonly reason: string
  /** In words: `always`, `with metrics.enabled`. */
  readonly when: string
}

/** The images that the naming forbids. Throws what else the naming throws. */
export function deniedImages(
  images: readonly FoundImage[],
  naming: Naming,
  whenOf: (image: FoundImage) => string,
): readonly DeniedImage[] {
  return images.flatMap((image) => {
    const reference = tryParseReference(image.reference)
    if (reference === undefined) return []
    try {
      naming.rename(reference)
      return []
    } catch (thrown) {
      if (!isChartferryError(thrown, 'IMAGE_DENIED')) return []
      return [{ image: image.reference, reason: thrown.message, when: whenOf(image) }]
    }
  })
}

/**
 * The naming with the denied images that may be left out where they are: those that no rendering with the values given
 * needs, or all. Throws IMAGE_DENIED with all the others.
 */
export function withoutDenied(
  naming: Naming,
  denied: readonly DeniedImage[],
  chart: string,
  { skip, warn }: { readonly skip: 'unneeded' | 'all' | undefined; readonly warn: (message: string) => void },
): Naming {
  const isSkipped = ({ when }: DeniedImage): boolean => skip === 'all' || (skip === 'unneeded' && when !== 'always')
  const left = denied.filter((one) => !isSkipped(one))
  if (left.length > 0) throw refusal(left, chart)
  const kept = new Set(denied.map(({ image }) => canonicalText(image)))
  for (const { reason, when } of denied)
    warn(`left out: ${reason}; wanted by ${wantedBy(chart, when)}; it stays where it is`)
  if (kept.size === 0) return naming
  return {
    ...naming,
    rename: (reference) =>
      kept.has(formatReference(canonicalReference(reference))) ? reference : naming.rename(reference),
  }
}

function refusal(left: readonly DeniedImage[], chart: string): ChartferryError {
  const lines = left.map(({ reason, when }) => `${reason}; wanted by ${wantedBy(chart, when)}`)
  const areUnneeded = left.every(({ when }) => when !== 'always')
  return new ChartferryError(
    'IMAGE_DENIED',
    left.length === 1 ? (lines[0] ?? '') : `${chart}: ${left.length} images may not be used\n${lines.join('\n')}`,
    {
      hint: areUnneeded
        ? 'No rendering with the values given needs them: leave them where they are with --skip-missing, or change the rules.'
        : 'Use other images, or change the rules; --skip-missing=all leaves them where they are.',
      details: {
        failed: left.map(({ image, reason, when }) => ({
          image,
          code: 'IMAGE_DENIED',
          reason,
          isNeeded: when === 'always',
          wantedBy: [wantedBy(chart, when)],
        })),
      },
    },
  )
}

function wantedBy(chart: string, when: string): string {
  return when === 'always' ? chart : `${chart} (${when})`
}

function canonicalText(text: string): string {
  const reference = tryParseReference(text)
  return reference === undefined ? text : formatReference(canonicalReference(reference))
}
