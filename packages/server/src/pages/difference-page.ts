// What differs between two versions of a chart: images, values, templates, and all other files.
import type { Context } from 'koa'
import { textOf, versionOf } from '../routes/chart-lines.ts'
import type { ChartDifference, DifferenceHunk, FileDifference } from '../workers/compare-charts.ts'
import { countText, type Html, html, whole } from './html.ts'
import { imagesOf, imagesWords } from './images-page.ts'
import type { PageOptions } from './page-options.ts'
import { sendPage } from './send-page.ts'
import { askAgain, type Soon, soon } from './soon.ts'
import { archiveOf, findVersion, type ShownVersion, versionCrumbs, versionHead } from './version-head.ts'
import { differenceForm } from './versions-page.ts'

/** `…/<version>/difference?to=<version>`: the older of the two is the one before. Throws CHART_NOT_FOUND, VERSION_NOT_FOUND. */
export async function sendDifferencePage(
  ctx: Context,
  options: PageOptions,
  repository: string,
  chart: string,
  version: string,
): Promise<void> {
  const shown = await findVersion(ctx, options, repository, chart, version)
  const to = String(ctx.query.to ?? '')
  const other = versionOf(shown.versions, chart, to)
  const second: ShownVersion = { ...shown, entry: other, archive: archiveOf(ctx, options, repository, other) }
  // The list has the newest first.
  const [before, after] =
    shown.versions.indexOf(shown.entry) > shown.versions.indexOf(other) ? [shown, second] : [second, shown]
  const [files, images] = [await filesOf(options, before, after), imagesPart(options, before, after)]
  await sendPage(ctx, options, {
    title: `${chart} ${before.entry.version} → ${after.entry.version}`,
    crumbs: versionCrumbs(shown),
    refresh: files.state === 'pending' || images.isPending ? askAgain : undefined,
    body: html`${versionHead(shown, 'difference')}<h2>From ${whole(before.entry.version)} to ${whole(after.entry.version)}</h2>
${differenceForm(shown, to)}${appPart(before, after)}<section><h3>Images</h3>${images.text}</section>${filesPart(files)}`,
  })
}

async function filesOf(
  { contents }: PageOptions,
  before: ShownVersion,
  after: ShownVersion,
): Promise<Soon<ChartDifference>> {
  const [old, fresh] = [before.archive, after.archive]
  if (old === undefined || fresh === undefined)
    return { state: 'failed', code: undefined, reason: 'one of the archives cannot be had from here' }
  const compare = async (): Promise<ChartDifference> => {
    const archives = [await old(), await fresh()]
    return JSON.parse((await contents.read(archives, { part: 'difference' })).toString()) as ChartDifference
  }
  return soon(compare())
}

function appPart(before: ShownVersion, after: ShownVersion): Html | undefined {
  const [old, fresh] = [textOf(before.entry, 'appVersion'), textOf(after.entry, 'appVersion')]
  return old === fresh ? undefined : html`<p>App version ${whole(old || 'none')} → <b>${whole(fresh || 'none')}</b></p>`
}

function imagesPart(
  options: PageOptions,
  before: ShownVersion,
  after: ShownVersion,
): { readonly text: Html; readonly isPending: boolean } {
  const [old, fresh] = [imagesOf(options, before), imagesOf(options, after)]
  for (const state of [old, fresh])
    if (state?.state !== 'found') return { text: imagesWords(state), isPending: state?.state === 'looking' }
  if (old?.state !== 'found' || fresh?.state !== 'found') return { text: html``, isPending: false }
  const [was, is] = [old, fresh].map(({ images }) => new Set(images.map(({ reference }) => reference)))
  const removed = [...(was ?? [])].filter((reference) => is?.has(reference) !== true)
  const added = [...(is ?? [])].filter((reference) => was?.has(reference) !== true)
  if (removed.length + added.length === 0)
    return { text: html`<p class="soft">The same ${countText(is?.size ?? 0, 'image')}.</p>`, isPending: false }
  const lines = [...removed.map((reference) => `-${reference}`), ...added.map((reference) => `+${reference}`)].sort(
    (a, b) => (a.slice(1) < b.slice(1) ? -1 : 1),
  )
  return { text: diffLines(lines.map(diffLine)), isPending: false }
}

function filesPart(files: Soon<ChartDifference>): Html {
  if (files.state === 'pending')
    return html`<p class="soft" role="status">The two are being compared; this page looks again by itself.</p>`
  if (files.state === 'failed') return html`<p class="ill">The files cannot be compared: ${files.reason}</p>`
  const { files: found, more } = files.value
  if (found.length === 0) return html`<section><h3>Files</h3><p class="soft">No file differs.</p></section>`
  return html`<section><h3>${countText(found.length + more, 'file')}</h3><ul class="files">${found.map(
    ({ file, ...each }, at) =>
      html`<li><a href="#file-${at}"><code>${file}</code></a> ${countsOf({ file, ...each })}</li>`,
  )}</ul>${more > 0 ? html`<p class="soft">… and ${more} more</p>` : undefined}</section>${found.map(filePart)}`
}

function countsOf({ state, added = 0, removed = 0 }: FileDifference): Html {
  if (state !== 'changed') return html`<span class="badge ${state === 'added' ? 'good' : 'bad'}">${state}</span>`
  return html`<span class="plus">+${added}</span> <span class="minus">−${removed}</span>`
}

function filePart(difference: FileDifference, at: number): Html {
  const { file, hunks, isCut } = difference
  const body =
    hunks.length === 0
      ? html`<p class="soft">No text to compare, or too much of it.</p>`
      : diffLines(hunks.flatMap(hunkLines))
  return html`<details class="file" id="file-${at}"${at < 20 ? html` open` : undefined}><summary><code>${file}</code> ${countsOf(difference)}</summary>${body}${
    isCut && hunks.length > 0 ? html`<p class="soft">There is more.</p>` : undefined
  }</details>`
}

const hunkLines = ({ head, lines }: DifferenceHunk): readonly Html[] => [
  html`<span class="at">${head}</span>`,
  ...lines.map(diffLine),
]

function diffLine(line: string): Html {
  if (line.startsWith('+')) return html`<ins>${line}</ins>`
  if (line.startsWith('-')) return html`<del>${line}</del>`
  return html`<span>${line}</span>`
}

const diffLines = (lines: readonly Html[]): Html =>
  html`<pre class="diff" tabindex="0"><code>${lines.map(
    (line) => html`${line}
`,
  )}</code></pre>`
