// What `relocate` says of images that the rules forbid, in all its charts.
import { ChartferryError } from '@chartferry/core'
import type { SkippedImage } from '@chartferry/core/oci'
import type { RelocatedChart } from '../print/relocation.ts'

/** Throws what the rules forbid in all charts, as one. */
export function throwDenied(denied: readonly ChartferryError[]): void {
  const [first] = denied
  if (first === undefined) return
  if (denied.length === 1) throw first
  throw new ChartferryError('IMAGE_DENIED', denied.map(({ message }) => message).join('\n'), {
    hint: first.hint,
    details: { failed: denied.flatMap(({ details }) => (Array.isArray(details.failed) ? details.failed : [])) },
  })
}

/** What stays where it is although a rule denies it, as images that were left out. */
export function deniedOf(relocated: readonly RelocatedChart[]): readonly SkippedImage[] {
  return relocated.flatMap(({ original: { chart }, relocation: { denied = [] } }) =>
    denied.map(({ image, reason, when }) => ({
      image,
      code: 'IMAGE_DENIED',
      reason,
      isNeeded: when === 'always',
      wantedBy: [`${chart.metadata.name}-${chart.metadata.version}`],
    })),
  )
}
