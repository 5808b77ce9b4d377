// The images of a chart version: when each runs, where it is written, and what is known here of its platforms and size.
import type { Context } from 'koa'
import type { ImageFacts } from '../images/image-catalog.ts'
import type { ImagesState } from '../repository/chart-images.ts'
import { callerOf } from '../routes/caller.ts'
import type { ChartImage } from '../workers/images-worker.ts'
import { bytesText, copyBlock, countText, type Html, html, pathTo, tableOf } from './html.ts'
import type { PageOptions } from './page-options.ts'
import { type PagePart, relocationOf } from './relocation-part.ts'
import { sendPage } from './send-page.ts'
import { askAgain } from './soon.ts'
import { findVersion, type ShownVersion, versionCrumbs, versionHead } from './version-head.ts'

/** Images of a chart that a page shows. */
const mostImages = 300

/** What is known now; undefined where the bytes cannot be had, or the index does not say which they are. Never waits. */
export function imagesOf(
  { images }: Pick<PageOptions, 'images'>,
  { entry, archive }: Pick<ShownVersion, 'entry' | 'archive'>,
): ImagesState | undefined {
  if (entry.digest === undefined || archive === undefined) return undefined
  return images.look(entry.digest, archive)
}

/** `…/<version>/images`. Throws CHART_NOT_FOUND, VERSION_NOT_FOUND. */
export async function sendImagesPage(
  ctx: Context,
  options: PageOptions,
  repository: string,
  chart: string,
  version: string,
): Promise<void> {
  const shown = await findVersion(ctx, options, repository, chart, version)
  const { body, isLater } = await partOf(ctx, options, shown)
  await sendPage(ctx, options, {
    title: `Images of ${chart} ${version}`,
    crumbs: versionCrumbs(shown),
    refresh: isLater ? askAgain : undefined,
    body: html`${versionHead(shown, 'images')}${body}`,
  })
}

/** Of a chart that is relocated here: from where, to where, and the proof. */
async function partOf(ctx: Context, options: PageOptions, shown: ShownVersion): Promise<PagePart> {
  const { relocations } = options
  if (relocations?.has(shown.repository) === true)
    return relocationOf(await relocations.look(shown.repository, shown.entry, { caller: callerOf(ctx) }))
  const images = imagesOf(options, shown)
  const list = images?.state === 'found' ? await listOf(options, images.images) : imagesWords(images)
  return { body: html`<h2 class="hidden">Images</h2>${list}`, isLater: images?.state === 'looking' }
}

/** What to say while images are not known. */
export function imagesWords(images: Exclude<ImagesState, { readonly state: 'found' }> | undefined): Html {
  if (images === undefined)
    return html`<p class="soft">Its archive cannot be had from here, or the index does not have its digest.</p>`
  if (images.state === 'looking')
    return html`<p class="soft" role="status">The chart is being rendered to find them; this page looks again by itself.</p>`
  if (images.state === 'busy')
    return html`<p class="soft">Many charts are being rendered. Load this page again later.</p>`
  return html`<p class="ill">They cannot be told: ${images.reason}</p>`
}

async function listOf({ catalog }: PageOptions, images: readonly ChartImage[]): Promise<Html> {
  if (images.length === 0) return html`<p class="soft">None.</p>`
  const always = images.filter(({ when }) => when === 'always').length
  const shown = images.slice(0, mostImages)
  const items = await Promise.all(shown.map(async (image) => imageItem(image, await catalog?.find(image.reference))))
  return html`<p class="soft">${countText(images.length, 'image')}; with the values as they are ${always} of them ${always === 1 ? 'runs' : 'run'}.</p><ul class="images">${items}</ul>
${images.length > shown.length ? html`<p class="soft">… and ${images.length - shown.length} more</p>` : undefined}
<h2>All of them, to copy</h2>${copyBlock('References', images.map(({ reference }) => reference).join('\n'))}`
}

function imageItem({ reference, when, places }: ChartImage, facts: ImageFacts | undefined): Html {
  const badge =
    when === 'always' ? html`<span class="badge good">always</span>` : html`<span class="badge">${when}</span>`
  const rows = places.map(({ kind, where, path, what }) => [
    kind,
    html`<code>${where}</code>`,
    html`<code>${path}</code>`,
    html`<code>${what}</code>`,
  ])
  const columns = [{ name: 'how' }, { name: 'where' }, { name: 'path' }, { name: 'what', soft: true }]
  return html`<li><details><summary><code class="reference">${reference}</code> ${badge}</summary>${tableOf(columns, rows)}</details>${
    facts &&
    html`<p class="soft facts-line">${factsText(facts)} · <a href="${pathTo(['-', 'images', ...facts.name.split('/')])}">here</a></p>`
  }</li>
`
}

function factsText({ platforms, size }: ImageFacts): string {
  const shown = platforms.length === 0 ? 'platform not known' : platforms.join(', ')
  return size === undefined ? shown : `${shown} · ${bytesText(size)}`
}
