// What a person, or a machine, reads of copied images.
import type { CopiedImage, CopyResult } from '@chartferry/core/oci'
import { formatTable } from './table.ts'

const nameOf = ({ item: { sink, tag } }: CopiedImage): string => `${sink.name}${tag === undefined ? '' : `:${tag}`}`

/** A line an image: its new name, its digest, and what is to be known of it. */
export function formatCopied({ images }: CopyResult): string {
  return formatTable(images.map((image) => [nameOf(image), image.target.digest, remarkOf(image)]))
}

function remarkOf({ present, referrers, source, target }: CopiedImage): string {
  return [
    present ? 'was there' : 'copied',
    ...(referrers > 0 ? [`${referrers} refer to it`] : []),
    ...(source.digest === target.digest ? [] : [`was ${source.digest}`]),
  ].join(', ')
}

/** The stable shape of `--json`. */
export function copiedToJson({ images, bytes }: CopyResult): object {
  return {
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
