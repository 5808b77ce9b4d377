// What a person, or a machine, reads of a relocated chart.
import { type AppliedPlan, type ChartArchive, formatPath, type Proof, textOf } from '@chartferry/core'
import { printable } from './printable.ts'
import { formatTable } from './table.ts'

/** One chart before and after, and the file it went to where one was written. */
export interface RelocatedChart {
  readonly original: ChartArchive
  readonly relocation: AppliedPlan
  readonly path?: string
}

/** The images and where they go, the proof, and the file. */
export function formatRelocation({ original, relocation, path }: RelocatedChart): string {
  const { plan, proof, archive } = relocation
  const images = plan.images.map(({ from, to, rendered }) => [
    from,
    '→',
    rendered ? to : `${to}  (not with these values)`,
  ])
  const unresolved = plan.unresolved.map(({ image, reason }) => [image, '✖', reason])
  const lines = [
    `${original.chart.metadata.name} ${original.chart.metadata.version}`,
    ...(images.length + unresolved.length > 0 ? [formatTable([...images, ...unresolved]).replace(/^/gm, '  ')] : []),
    proofLine(proof),
    ...(path === undefined ? [] : [`${path}  ${archive.digest}`]),
  ]
  return lines.join('\n')
}

/** The verdict in a line. */
export function proofLine({ status, renderer, moved, left, derived, parts, reasons }: Proof): string {
  if (status === 'unverified') return `unverified: ${reasons[0] ?? 'nothing was rendered'}`
  const also = [
    ...(derived > 0 ? [`${derived} checksums follow them`] : []),
    ...(parts > 0 ? [`${parts} registry fields of custom resources`] : []),
  ]
  const verdict = status === 'proven' ? 'proven' : 'proven in part'
  const doubts = reasons.map((reason) => `\n  ${printable(reason)}`).join('')
  return `${verdict} by ${renderer}: ${[`${moved} images moved`, `${left.length} left`, ...also, 'nothing else changed'].join(', ')}${doubts}`
}

/** Every value that changes, by file. */
export function formatDiff({ relocation }: RelocatedChart): string {
  const { plan } = relocation
  const blocks = [...Map.groupBy(plan.edits, ({ file }) => file)].map(([file, edits]) => {
    const rows = edits.map((edit) => [
      String(edit.line).padStart(6),
      edit.kind === 'leaf' ? formatPath(edit.path) : '(template)',
      edit.old,
      '→',
      textOf(edit.new),
    ])
    return `${file.replaceAll('!', ' › ')}\n${formatTable(rows)}`
  })
  return blocks.length === 0 ? `${plan.chart.name} ${plan.chart.version}: nothing changes` : blocks.join('\n')
}

/** The stable shape of `--json`, one chart. */
export function relocationToJson({ relocation, path }: RelocatedChart): object {
  const { plan, proof, archive } = relocation
  return { chart: plan.chart, archive: path ?? null, digest: archive.digest, proof, plan }
}
