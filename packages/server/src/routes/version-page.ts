// The page of one version of a chart: what it is, how it is had, and which images it runs.

import { ChartferryError } from '@chartferry/core'
import type { ChartVersion } from '@chartferry/core/helm'
import type { Context } from 'koa'
import type { Caller } from '../auth/access.ts'
import type { ImagesState } from '../repository/chart-images.ts'
import { servedPath } from '../upstream/chart-path.ts'
import { baseUrlOf, callerOf } from './caller.ts'
import { chartsOf, textOf } from './chart-lines.ts'
import type { HomeOptions } from './home.ts'
import { type Html, html, linkTo, sendPage, tableOf } from './html.ts'
import { type PagePart, relocationOf } from './relocation-part.ts'
import { shellWord } from './shell-word.ts'

/** Rows of images that a page shows. */
const mostImages = 300
/** Seconds after which a browser asks again whether the images are known. */
const again = 2

/** `/<repository>/chart/<name>/<version>`. Throws CHART_NOT_FOUND, VERSION_NOT_FOUND. */
export async function sendVersionPage(
  ctx: Context,
  options: HomeOptions,
  repository: string,
  chart: string,
  version: string,
): Promise<void> {
  const caller = callerOf(ctx)
  const entry = (await chartsOf(ctx, options, repository, chart)).find((one) => one.version === version)
  if (entry === undefined)
    throw new ChartferryError('VERSION_NOT_FOUND', `chart "${chart}" of "${repository}" has no version ${version}`)
  const isRelocated = options.relocations?.has(repository) === true
  const { body, isLater } =
    isRelocated && options.relocations !== undefined
      ? relocationOf(await options.relocations.look(repository, entry, { caller }))
      : imagesOf(imagesState(options, repository, entry, caller))
  const base = baseUrlOf(ctx, options.publicUrl)
  const named = shellWord(`${repository}/${chart}`)
  sendPage(
    ctx,
    `${chart} ${version} · ${repository}`,
    options.version,
    html`<nav><a href="/">repositories</a> · ${linkTo([repository], repository)} · ${linkTo([repository, 'chart', chart], chart)}</nav>
<h1>${chart} ${version}</h1><p>${textOf(entry, 'description')}</p>
<pre tabindex="0">helm install ${shellWord(`my-${chart}`)} ${named} --version ${shellWord(version)}
helm pull ${shellWord(`oci://${base.replace(/^https?:\/\//, '')}/${repository}/${chart}`)} --version ${shellWord(version)}${base.startsWith('http:') ? ' --plain-http' : ''}${isRelocated ? '' : `\nchartferry relocate ${named} --version ${shellWord(version)} --to registry.example.com/mirror`}</pre>
${body}<h2>About</h2><table><tbody>
${aboutOf(repository, entry)}</tbody></table>`,
    isLater ? { refresh: again } : {},
  )
}

function imagesState(
  { images, charts }: HomeOptions,
  repository: string,
  entry: ChartVersion,
  caller: Caller,
): ImagesState | undefined {
  const path = servedPath(entry.urls[0])
  if (path === undefined || entry.digest === undefined) return undefined
  return images.look(entry.digest, async () => (await charts.archive(repository, path, { caller })).file)
}

function imagesOf(images: ImagesState | undefined): PagePart {
  return { body: html`<h2>Images</h2>${listOf(images)}`, isLater: images?.state === 'looking' }
}

function listOf(images: ImagesState | undefined): Html {
  if (images === undefined)
    return html`<p class="soft">Its archive cannot be had from here, or the index does not have its digest.</p>`
  if (images.state === 'looking')
    return html`<p class="soft" role="status">The chart is being rendered to find them; this page looks again by itself.</p>`
  if (images.state === 'busy')
    return html`<p class="soft">Many charts are being rendered. Load this page again later.</p>`
  if (images.state === 'failed') return html`<p class="ill">They cannot be told: ${images.reason}</p>`
  if (images.images.length === 0) return html`<p class="soft">None.</p>`
  const rows = images.images.slice(0, mostImages).map(({ reference, when }) => [html`<code>${reference}</code>`, when])
  const left = images.images.length - rows.length
  return html`${tableOf([{ name: 'image' }, { name: 'rendered', soft: true }], rows)}
${left > 0 ? html`<p class="soft">… and ${left} more</p>` : undefined}`
}

function aboutOf(repository: string, entry: ChartVersion): readonly Html[] {
  const home = textOf(entry, 'home')
  const [url = ''] = entry.urls
  const rows: readonly (readonly [name: string, value: string | Html | undefined])[] = [
    ['app version', textOf(entry, 'appVersion')],
    ['published', entry.created?.slice(0, 10)],
    ['Kubernetes', textOf(entry, 'kubeVersion')],
    ['deprecated', entry.fields.deprecated === true ? 'yes' : undefined],
    ['home', /^https?:\/\//i.test(home) ? html`<a href="${home}" rel="noreferrer nofollow">${home}</a>` : undefined],
    ['digest', entry.digest && html`<span class="digest">${entry.digest}</span>`],
    [
      'archive',
      url.startsWith('charts/') ? html`<a href="/${encodeURIComponent(repository)}/${url}">download</a>` : url,
    ],
  ]
  return rows.flatMap(([name, value]) =>
    value === undefined || value === ''
      ? []
      : [
          html`<tr><th scope="row">${name}</th><td>${value}</td></tr>
`,
        ],
  )
}
