// All versions of a chart: how often each was downloaded, and a form to compare two.
import type { Context } from 'koa'
import { baseUrlOf } from '../routes/caller.ts'
import { textOf } from '../routes/chart-lines.ts'
import { servedPath } from '../upstream/chart-path.ts'
import { pageOf, pagesOf } from './chart-rows.ts'
import { downloadsOf } from './downloads-section.ts'
import { copyBlock, countText, type Html, html, linkTo, pathTo, tableOf, timeText, whole } from './html.ts'
import type { PageOptions } from './page-options.ts'
import { sendPage } from './send-page.ts'
import { shellWord } from './shell-word.ts'
import { findVersion, type ShownVersion, versionCrumbs, versionHead, versionPath } from './version-head.ts'

const perPage = 200

/** `…/<version>/versions`; `?page=` goes on. Throws CHART_NOT_FOUND, VERSION_NOT_FOUND. */
export async function sendVersionsPage(
  ctx: Context,
  options: PageOptions,
  repository: string,
  chart: string,
  version: string,
): Promise<void> {
  const shown = await findVersion(ctx, options, repository, chart, version)
  const { versions, entry: current } = shown
  const page = pageOf(ctx.query.page)
  const downloads = await downloadsOf(options, repository, versions)
  const rows = versions
    .slice((page - 1) * perPage, page * perPage)
    .map((entry) => [
      html`${linkTo([repository, 'chart', chart, entry.version], whole(entry.version))}${entry.fields.deprecated === true ? html` <span class="badge warn">deprecated</span>` : undefined}`,
      whole(textOf(entry, 'appVersion')),
      timeText(entry.created),
      downloads?.of(entry),
      archiveLink(repository, entry.urls[0], entry.digest),
      entry.version === current.version
        ? undefined
        : html`<a href="${pathTo(versionPath(shown, 'difference'), { to: entry.version })}" aria-label="Compare with ${entry.version}">compare</a>`,
    ])
  const columns = [
    { name: 'version' },
    { name: 'app version' },
    { name: 'published', soft: true },
    { name: 'downloads', isNumber: true },
    { name: 'archive', soft: true },
    { name: `with ${current.version}`, soft: true },
  ]
  await sendPage(ctx, options, {
    title: `Versions of ${chart}`,
    crumbs: versionCrumbs(shown),
    body: html`${versionHead(shown, 'versions')}<h2 class="hidden">Versions</h2><p class="soft">${countText(versions.length, 'version')}</p>
${differenceForm(shown)}${tableOf(columns, rows)}
${pagesOf((to) => pathTo(versionPath(shown, 'versions'), { page: String(to) }), page, versions.length, perPage)}
<section><h2>This chart alone</h2><p class="soft">A repository with no other chart in it, for helm on small machines.</p>${copyBlock(
      'Add it to helm',
      `helm repo add ${shellWord(chart)} ${shellWord(`${baseUrlOf(ctx, options.publicUrl)}/${repository}/only/${chart}`)}`,
    )}</section>`,
  })
}

function archiveLink(repository: string, url: string | undefined, digest: string | undefined): Html {
  const text = html`<code class="digest">${digest?.slice(0, 19) ?? 'without a digest'}</code>`
  return servedPath(url) === undefined
    ? text
    : html`<a href="/${encodeURIComponent(repository)}/${url}" download>${text}</a>`
}

/** Two versions to choose. */
export function differenceForm(shown: ShownVersion, to?: string): Html {
  const { versions, entry } = shown
  const other = to ?? versions.find(({ version }) => version !== entry.version)?.version
  if (other === undefined) return html``
  const options = versions
    .slice(0, 500)
    .map(({ version }) => html`<option${version === other ? html` selected` : undefined}>${version}</option>`)
  return html`<form class="compare" action="${pathTo(versionPath(shown, 'difference'))}"><span>Compare <b class="whole">${entry.version}</b> with</span>
<select name="to" aria-label="The other version">${options}</select><button>Show what differs</button></form>`
}
