// The pages of one repository: its charts, and the versions of a chart.
import type { ChartVersion } from '@chartferry/core/helm'
import type { Context } from 'koa'
import { baseUrlOf, callerOf } from './caller.ts'
import { chartsOf, textOf } from './chart-lines.ts'
import type { HomeOptions } from './home.ts'
import { type Html, html, linkTo, sendPage, tableOf } from './html.ts'
import { shellWord } from './shell-word.ts'

/** A page shows no more charts, or versions, than this. */
const mostRows = 500

/** `/<repository>`: its charts; `?q=` keeps those whose name or description has the text. */
export async function sendRepositoryPage(ctx: Context, options: HomeOptions, repository: string): Promise<void> {
  const { snapshot } = await options.charts.index(repository, { caller: callerOf(ctx) })
  const { failure, state } = await options.charts.status(repository, { caller: callerOf(ctx) })
  const wanted = String(ctx.query.q ?? '').toLowerCase()
  const charts = [...snapshot.index.entries].flatMap(([chart, versions]) => {
    const newest = newestOf(versions)
    const text = `${chart} ${textOf(newest, 'description')}`.toLowerCase()
    return newest !== undefined && text.includes(wanted) ? [{ chart, newest, count: versions.length }] : []
  })
  const rows = charts
    .slice(0, mostRows)
    .map(({ chart, newest, count }) => [
      linkTo([repository, 'chart', chart], chart),
      newest.version,
      count,
      textOf(newest, 'description'),
    ])
  const columns = [{ name: 'chart' }, { name: 'newest' }, { name: 'versions' }, { name: 'description', soft: true }]
  sendPage(
    ctx,
    repository,
    options.version,
    html`<nav><a href="/">repositories</a></nav><h1>${repository}</h1>
<p class="${failure === undefined ? 'soft' : 'ill'}">${state}</p>
<pre tabindex="0">helm repo add ${repository} ${shellWord(`${baseUrlOf(ctx, options.publicUrl)}/${repository}`)}</pre>
<form><input name="q" value="${wanted}" aria-label="text in name or description"> <button>search</button></form>
${tableOf(columns, rows)}${rest(charts.length)}`,
  )
}

/** `/<repository>/chart/<name>`: its versions, newest first. Throws CHART_NOT_FOUND. */
export async function sendChartPage(
  ctx: Context,
  options: HomeOptions,
  repository: string,
  chart: string,
): Promise<void> {
  const versions = await chartsOf(ctx, options, repository, chart)
  const newest = newestOf(versions)
  const rows = versions.slice(0, mostRows).map((entry) => {
    const [url = ''] = entry.urls
    const digest = html`<span class="digest">${entry.digest?.slice(0, 19) ?? 'without a digest'}</span>`
    return [
      html`${linkTo([repository, 'chart', chart, entry.version], entry.version)}${entry.fields.deprecated === true ? ' (deprecated)' : ''}`,
      textOf(entry, 'appVersion'),
      entry.created?.slice(0, 10),
      url.startsWith('charts/') ? html`<a href="/${encodeURIComponent(repository)}/${url}">${digest}</a>` : digest,
    ]
  })
  const columns = [
    { name: 'version' },
    { name: 'app version' },
    { name: 'published', soft: true },
    { name: 'archive', soft: true },
  ]
  const home = textOf(newest, 'home')
  sendPage(
    ctx,
    `${chart} · ${repository}`,
    options.version,
    html`<nav><a href="/">repositories</a> · ${linkTo([repository], repository)}</nav>
<h1>${chart}</h1><p>${textOf(newest, 'description')}</p>
<p class="soft">${/^https?:\/\//i.test(home) ? html`<a href="${home}" rel="noreferrer nofollow">${home}</a>` : undefined}</p>
<pre tabindex="0">helm repo add ${repository} ${shellWord(`${baseUrlOf(ctx, options.publicUrl)}/${repository}`)}
helm install ${shellWord(`my-${chart}`)} ${shellWord(`${repository}/${chart}`)} --version ${shellWord(newest?.version ?? '')}
helm repo add few ${shellWord(`${baseUrlOf(ctx, options.publicUrl)}/${repository}/only/${chart}`)}</pre>
<p>${newest && linkTo([repository, 'chart', chart, newest.version], `Images of ${newest.version}`)}</p>
${tableOf(columns, rows)}${rest(versions.length)}`,
  )
}

/** Helm's own choice: the newest that is no prerelease, where there is one. */
function newestOf(versions: readonly ChartVersion[]): ChartVersion | undefined {
  return versions.find(({ version }) => !version.split('+')[0]?.includes('-')) ?? versions[0]
}

function rest(count: number): Html | undefined {
  return count > mostRows ? html`<p class="soft">… and ${count - mostRows} more</p>` : undefined
}
