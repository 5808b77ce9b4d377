// What a person, or a machine, reads of a bundle.
import { count, verdictOf } from '@chartferry/core/internal'
import type { BundleDescription, BundleDifference, MissingImage } from '@chartferry/core/transfer'
import { formatBytes } from './copy-progress.ts'
import { printable } from './printable.ts'
import { formatTable } from './table.ts'

/** The bundle in a line: its size, what it holds, and whether that is everything. */
export function bundleLine(name: string, description: BundleDescription): string {
  const { size, charts, images, files, signed, base, missing } = description
  const platforms = images.reduce((sum, image) => sum + image.platforms.length, 0)
  const wanting = missing.filter(({ rendered }) => rendered).length
  return [
    `${printable(name)}  ${formatBytes(size)}`,
    count(charts.length, 'chart'),
    `${count(images.length, 'image')} (${count(platforms, 'platform')})`,
    ...(files.length > 0 ? [count(files.length, 'file')] : []),
    ...(signed ? ['signed'] : []),
    ...(base === undefined ? [] : ['needs its base']),
    wanting === 0
      ? 'complete: every image that the charts can run is inside'
      : `${count(wanting, 'image')} that the charts can run ${wanting === 1 ? 'is' : 'are'} not inside`,
  ].join(' · ')
}

/** Everything that a bundle holds, by kind. */
export function formatBundle(name: string, description: BundleDescription): string {
  const { charts, images, files, missing, digest, format } = description
  const section = (title: string, rows: readonly (readonly string[])[]): readonly string[] =>
    rows.length === 0 ? [] : [title, formatTable(rows, { indent: '  ' })]
  return [
    bundleLine(name, description),
    `${format}  ${digest}`,
    ...section(
      'charts',
      charts.map((chart) => [
        `${chart.name} ${chart.version}`,
        formatBytes(chart.size),
        chart.digest,
        [
          proofWords(chart.proof),
          ...(chart.hasProvenance ? ['with provenance'] : []),
          ...(chart.hasValues ? ['with values'] : []),
        ].join(', '),
      ]),
    ),
    ...section(
      'images',
      images.map((image) => [
        image.name,
        formatBytes(image.size),
        image.platforms.join(' ') || '-',
        image.attached === 0 ? '' : `${image.attached} belong to it`,
      ]),
    ),
    ...section(
      'files',
      files.map((file) => [file.name, formatBytes(file.size), file.digest]),
    ),
    ...formatMissing(missing),
  ].join('\n')
}

type CarriedProof = BundleDescription['charts'][number]['proof']

/** The proof that a chart carries, in words. */
export function proofWords(proof: CarriedProof): string {
  if (proof === undefined) return 'no proof'
  return verdictOf(proof)
}

/** Images of charts that are not inside, a line each, under a heading; nothing where there are none. */
export function formatMissing(missing: readonly MissingImage[]): readonly string[] {
  if (missing.length === 0) return []
  const rows = missing.map(({ chart, image, rendered }) => [image, chart, rendered ? '' : 'not with the values given'])
  return ['not inside', formatTable(rows, { indent: '  ' })]
}

/** A line a change: what is new, gone, or another one. */
export function formatDifference(
  { changes, added, removed }: BundleDifference,
  base?: { readonly digest: string; readonly blobs: number; readonly bytes: number },
): string {
  const rows = changes.map(({ kind, name, before, after }) => [
    before === undefined ? '+' : after === undefined ? '-' : '~',
    kind,
    name,
    before !== undefined && after !== undefined ? `${before} → ${after}` : (after ?? before ?? ''),
  ])
  const total = `${count(changes.length, 'change')} · ${formatBytes(added)} new · ${formatBytes(removed)} gone`
  const below =
    base === undefined
      ? []
      : [
          `${count(base.blobs, 'blob')} of the second, ${formatBytes(base.bytes)}, ${base.blobs === 1 ? 'is' : 'are'} in its base alone: ${base.digest}`,
        ]
  return [...(rows.length === 0 ? [] : [formatTable(rows)]), total, ...below].join('\n')
}
