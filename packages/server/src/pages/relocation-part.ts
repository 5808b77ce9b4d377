// The part of a version's page that shows its relocation: images from and to, the values that changed, the proof.
import type { Plan, PlannedEdit, Proof } from '@chartferry/core'
import { formatPath } from '@chartferry/core/helm'
import { count, countsOfProof, coverageOf, textOf, verdictOf } from '@chartferry/core/internal'
import type { RelocationState, ShownRelocation } from '../relocated/relocated-repository.ts'
import { type Html, html, tableOf } from './html.ts'

/** A part of a page, and whether there will be more to show in a moment. */
export interface PagePart {
  readonly body: Html
  readonly isLater: boolean
}

/** Rows that a table shows. */
const mostRows = 300
/** Characters of a value. */
const longest = 200

/** What is known of a relocation. */
export function relocationOf(state: RelocationState): PagePart {
  if (state.state === 'made') return { body: shownOf(state), isLater: false }
  if (state.state === 'making') {
    const body = html`<h2>Relocation</h2><p class="soft" role="status">Under way: ${state.words}. This page looks again by itself.</p>`
    return { body, isLater: true }
  }
  const lines = state.reason.split('\n').slice(0, 20)
  return {
    body: html`<h2>Relocation</h2><p class="ill">This chart is not served:</p><pre tabindex="0">${lines.join('\n')}</pre><p>${state.hint}</p>`,
    isLater: false,
  }
}

function shownOf({ made, plan, proof }: ShownRelocation): Html {
  const marked =
    made.unproven.length === 0
      ? undefined
      : html`<p class="ill">Not proven, and served all the same, as the configuration wants:</p><pre tabindex="0">${made.unproven.join('\n')}</pre>`
  return html`<h2>Images at ${plan.target}</h2>${marked}${imagesOf(plan, proof)}
<h2>Changed values</h2>${editsOf(plan.edits)}
<h2>Proof</h2>${proofOf(proof)}
<p class="soft">Made ${made.madeAt.slice(0, 16).replace('T', ' ')} UTC by chartferry ${made.by.chartferry} of the archive <span class="digest">${made.source}</span></p>`
}

function imagesOf({ images, unresolved }: Plan, proof: Proof): Html {
  const provenBy = new Map(proof.images.map(({ image, renderer }) => [image, renderer]))
  const rows = images.map(({ from, to, when }) => [
    html`<code>${from}</code>`,
    from === to ? 'stays: a rule keeps it' : html`<code>${to}</code>`,
    when ?? '',
    provenBy.get(from) ?? 'nothing: by convention',
  ])
  const stuck = unresolved.map(({ image, reason }) => [
    html`<code>${image}</code>`,
    html`<span class="ill">stays: ${reason}</span>`,
    '',
    '',
  ])
  if (rows.length + stuck.length === 0) return html`<p class="soft">The chart runs none.</p>`
  const columns = [{ name: 'from' }, { name: 'to' }, { name: 'runs', soft: true }, { name: 'proven by', soft: true }]
  return table(columns, [...rows, ...stuck])
}

function editsOf(edits: readonly PlannedEdit[]): Html {
  if (edits.length === 0) return html`<p class="soft">None.</p>`
  const rows = edits.map((edit) => [
    `${edit.file}:${edit.line}`,
    edit.kind === 'leaf' ? html`<code>${formatPath(edit.path)}</code>` : 'in the text',
    html`<code>${short(edit.old)}</code>`,
    html`<code>${short(textOf(edit.new))}</code>`,
  ])
  return table([{ name: 'file', soft: true }, { name: 'value' }, { name: 'before' }, { name: 'after' }], rows)
}

function proofOf(proof: Proof): Html {
  const list =
    proof.reasons.length === 0
      ? undefined
      : html`<ul>${proof.reasons.map((reason) => html`<li>${short(reason)}</li>`)}</ul>`
  // Where nothing was rendered there is nothing to say but that.
  if (proof.status === 'unverified')
    return html`<p>Unverified: nothing could render the chart, so nothing is known of what changed beside the images.</p>${list}`
  return html`<p>The chart is ${short(verdictOf(proof))}: ${coverageOf(proof)}. It was rendered before and after in ${count(proof.scenarios.length, 'scenario')}: ${countsOfProof(proof)}, nothing else changed.</p>${list}`
}

function table(columns: Parameters<typeof tableOf>[0], rows: Parameters<typeof tableOf>[1]): Html {
  const left = rows.length - mostRows
  return html`${tableOf(columns, rows.slice(0, mostRows))}${left > 0 ? html`<p class="soft">… and ${left} more</p>` : undefined}`
}

function short(text: string): string {
  return text.length <= longest ? text : `${text.slice(0, longest)}…`
}
