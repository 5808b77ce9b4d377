// What a person, or a machine, reads of copied images.
import type { CopiedImage, CopyResult, SkippedImage } from '@chartferry/core/oci'
import { printable } from './printable.ts'
import type { SummaryRow } from './summary.ts'
import { formatTable } from './table.ts'

const nameOf = ({ item: { sink, tag } }: CopiedImage): string => `${sink.name}${tag === undefined ? '' : `:${tag}`}`

/** A line an image: its new name, its digest, and what is to be known of it. */
export function formatCopied({ images, skipped = [] }: CopyResult): string {
  const table = formatTable(images.map((image) => [nameOf(image), image.target.digest, remarkOf(image)]))
  return [...(table === '' ? [] : [table]), ...formatSkipped(skipped)].join('\n')
}

/** The same for the summary of a run. */
export function copiedRows({ images, skipped = [] }: CopyResult): readonly SummaryRow[] {
  return [
    ...images.map((image): SummaryRow => ({ name: nameOf(image), status: 'passed', detail: remarkOf(image) })),
    ...skipped.map(({ image, code }): SummaryRow => ({ name: image, status: 'skipped', detail: code })),
  ]
}

/** What was left out: a heading, then a line an image; no lines where that is nothing. */
export function formatSkipped(skipped: readonly SkippedImage[]): readonly string[] {
  if (skipped.length === 0) return []
  const lines = skipped.map(({ image, code, wantedBy, isNeeded }) => {
    const who = wantedBy.length === 0 ? '' : `; wanted by ${wantedBy.join(', ')}`
    return `  ${printable(image)}  ${code}${printable(who)}${isNeeded ? '; it is needed with these values' : ''}`
  })
  return [`not complete: ${skipped.length} ${skipped.length === 1 ? 'image was' : 'images were'} left out`, ...lines]
}

function remarkOf({ present, referrers, source, target }: CopiedImage): string {
  return [
    present ? 'was there' : 'copied',
    ...(referrers > 0 ? [`${referrers} refer to it`] : []),
    ...(source.digest === target.digest ? [] : [`was ${source.digest}`]),
  ].join(', ')
}

/** The stable shape of `--json`. */
export function copiedToJson({ images, bytes, skipped = [] }: CopyResult): object {
  return {
    complete: skipped.length === 0,
    skipped,
    images: images.map((image) => ({
      from: `${image.item.source.name}${image.item.from.includes(':') ? '@' : ':'}${image.item.from}`,
      to: nameOf(image),
      digest: image.target.digest,
      sourceDigest: image.source.digest,
      mediaType: image.target.mediaType,
      present: image.present,
      referrers: image.referrers,
    })),
    bytes,
  }
}
