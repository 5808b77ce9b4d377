// What a person, or a machine, reads of a relocated chart.

import type { AppliedPlan, ChartArchive, Plan, PlannedEdit, Proof, ProveOptions } from '@chartferry/core'
import { formatPath } from '@chartferry/core/helm'
import { count, countsOfProof, textOf, verdictOf } from '@chartferry/core/internal'
import type { RenderedWith } from '@chartferry/core/transfer'
import { printable } from './printable.ts'
import { formatTable } from './table.ts'
import { unifiedDiff } from './unified-diff.ts'

/** One chart before and after, and the file it went to where one was written. */
export interface RelocatedChart {
  readonly original: ChartArchive
  readonly relocation: AppliedPlan
  /** How it was proven, and is proven again. */
  readonly prove?: ProveOptions
  /** What of that may go along in a bundle. */
  readonly renderedWith?: RenderedWith | undefined
  readonly path?: string
}

/** The images and where they go, the proof, and the file. */
export function formatRelocation({ original, relocation, path }: RelocatedChart): string {
  const { plan, proof, archive } = relocation
  const images = imageTable(plan, '  ')
  const lines = [
    `${original.chart.metadata.name} ${original.chart.metadata.version}`,
    ...(images === '' ? [] : [images]),
    proofLine(proof),
    ...(path === undefined ? [] : [`${path}  ${archive.digest}`]),
  ]
  return lines.join('\n')
}

/** A plan for a person: the images, then every text that changes, those in templates apart. */
export function formatPlanned(plan: Plan): string {
  const { images, edits, unresolved, chart, target, mode } = plan
  const inValues = edits.filter(({ kind }) => kind === 'leaf')
  const elsewhere = edits.filter(({ kind }) => kind === 'template')
  const blocks = [
    imageTable(plan),
    formatEdits(inValues),
    ...(elsewhere.length > 0 ? [`in templates and other files:\n${formatEdits(elsewhere)}`] : []),
    `${chart.name} ${chart.version} to ${target} (mode ${mode}): ${count(images.length, 'image')}, ${count(edits.length, 'edit')} in ${count(new Set(edits.map(({ file }) => file)).size, 'file')}, ${unresolved.length} unresolved`,
  ]
  return blocks.filter((block) => block !== '').join('\n\n')
}

function imageTable({ images, unresolved }: Plan, indent = ''): string {
  const rows = [
    ...images.map(({ from, to, rendered, note }) => [from, '→', withNote(to, rendered, note, from === to)]),
    ...unresolved.map(({ image, reason }) => [image, '✖', reason]),
  ]
  return formatTable(rows, { indent })
}

/** A name at the target, and what a person should know of it. */
function withNote(to: string, rendered: boolean, note: string | undefined, isKept: boolean): string {
  const words = note ?? (isKept ? 'kept by a rule' : rendered ? '' : 'not with these values')
  return words === '' ? to : `${to}  (${words})`
}

/** The verdict in a line, and a line for each reason. */
export function proofLine(proof: Proof): string {
  const { status, renderer, derived, parts, reasons, refused } = proof
  if (status === 'unverified') return `unverified: ${reasons[0] ?? 'nothing was rendered'}`
  const counted = [
    countsOfProof(proof),
    ...(derived > 0 ? [`${count(derived, 'checksum')} ${derived === 1 ? 'follows' : 'follow'} them`] : []),
    ...(parts > 0 ? [`${count(parts, 'registry field')} of custom resources`] : []),
    'nothing else changed',
  ]
  const refusals = refused.map(
    ({ scenario, reason, instead }) =>
      `${scenario} was refused by ${renderer}${instead === undefined ? '' : ` and rendered by the ${instead}`}: ${reason.split('\n')[0] ?? ''}`,
  )
  const doubts = [...reasons, ...refusals].map((line) => `\n  ${printable(line)}`).join('')
  return `${verdictOf(proof)}: ${counted.join(', ')}${doubts}`
}

/** Every line that changes, by file, as `diff -u` prints it. */
export function formatDiff({ original, relocation }: RelocatedChart): string {
  const { chart } = relocation.plan
  const text = unifiedDiff(original.chart, relocation.archive.chart, relocation.plan)
  return text === '' ? `${chart.name} ${chart.version}: nothing changes\n` : text
}

/** A block for each file. */
function formatEdits(all: readonly PlannedEdit[]): string {
  const blocks = [...Map.groupBy(all, ({ file }) => file)].map(([file, edits]) => {
    const rows = edits.map((edit) => [
      String(edit.line).padStart(6),
      edit.kind === 'leaf' ? formatPath(edit.path) : '(text)',
      edit.old,
      '→',
      textOf(edit.new),
    ])
    return `${file.replaceAll('!', ' › ')}\n${formatTable(rows)}`
  })
  return blocks.join('\n')
}

/** The stable shape of `--json`, one chart. */
export function relocationToJson({ relocation, path }: RelocatedChart): object {
  const { plan, proof, archive } = relocation
  return { chart: plan.chart, archive: path ?? null, digest: archive.digest, proof, plan }
}
