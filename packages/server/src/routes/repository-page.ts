// The pages of one repository: its charts, and the versions of a chart.
import { ChartferryError, type ChartVersion } from '@chartferry/core'
import type { Context } from 'koa'
import { baseUrlOf, callerOf } from './caller.ts'
import type { HomeOptions } from './home.ts'
import { type Html, html, sendPage } from './html.ts'

/** A page shows no more charts, or versions, than this. */
const mostRows = 500

/** `/<repository>`: its charts; `?q=` keeps those whose name or description has the text. */
export async function sendRepositoryPage(ctx: Context, options: HomeOptions, repository: string): Promise<void> {
  const { snapshot } = await options.proxy.index(repository, { caller: callerOf(ctx) })
  const { failure, state } = await options.proxy.status(repository, { caller: callerOf(ctx) })
  const wanted = String(ctx.query.q ?? '').toLowerCase()
  const charts = [...snapshot.index.entries].flatMap(([chart, versions]) => {
    const newest = newestOf(versions)
    const text = `${chart} ${textOf(newest, 'description')}`.toLowerCase()
    return newest !== undefined && text.includes(wanted) ? [{ chart, newest, count: versions.length }] : []
  })
  const rows = charts.slice(0, mostRows).map(
    ({
      chart,
      newest,
      count,
    }) => html`<tr><td><a href="/${encodeURIComponent(repository)}/chart/${encodeURIComponent(chart)}">${chart}</a></td>
<td>${newest.version}</td><td>${count}</td><td class="soft">${textOf(newest, 'description')}</td></tr>
`,
  )
  sendPage(
    ctx,
    repository,
    options.version,
    html`<nav><a href="/">repositories</a></nav><h1>${repository}</h1>
<p class="${failure === undefined ? 'soft' : 'ill'}">${state}</p>
<pre>helm repo add ${repository} ${baseUrlOf(ctx, options.publicUrl)}/${repository}</pre>
<form><input name="q" value="${wanted}" aria-label="text in name or description"> <button>search</button></form>
<table><thead><tr><th>chart</th><th>newest</th><th>versions</th><th>description</th></tr></thead><tbody>
${rows}</tbody></table>${rest(charts.length)}`,
  )
}

/** `/<repository>/chart/<name>`: its versions, newest first. Throws CHART_NOT_FOUND. */
export async function sendChartPage(
  ctx: Context,
  options: HomeOptions,
  repository: string,
  chart: string,
): Promise<void> {
  const { snapshot } = await options.proxy.index(repository, { caller: callerOf(ctx) })
  const versions = snapshot.index.entries.get(chart) ?? []
  const newest = newestOf(versions)
  if (newest === undefined)
    throw new ChartferryError('CHART_NOT_FOUND', `repository "${repository}" has no chart "${chart}"`)
  const rows = versions.slice(0, mostRows).map((entry) => {
    const [url = ''] = entry.urls
    const version = url.startsWith('charts/')
      ? html`<a href="/${encodeURIComponent(repository)}/${url}">${entry.version}</a>`
      : html`${entry.version}`
    return html`<tr><td>${version}${entry.fields.deprecated === true ? ' (deprecated)' : undefined}</td>
<td>${textOf(entry, 'appVersion')}</td><td class="soft">${entry.created?.slice(0, 10)}</td><td class="soft">${entry.digest?.slice(0, 19)}</td></tr>
`
  })
  const home = textOf(newest, 'home')
  sendPage(
    ctx,
    `${chart} · ${repository}`,
    options.version,
    html`<nav><a href="/">repositories</a> · <a href="/${encodeURIComponent(repository)}">${repository}</a></nav>
<h1>${chart}</h1><p>${textOf(newest, 'description')}</p>
<p class="soft">${/^https?:\/\//i.test(home) ? html`<a href="${home}" rel="noreferrer nofollow">${home}</a>` : undefined}</p>
<pre>helm repo add ${repository} ${baseUrlOf(ctx, options.publicUrl)}/${repository}
helm install my-${chart} ${repository}/${chart} --version ${newest.version}
helm repo add few ${baseUrlOf(ctx, options.publicUrl)}/${repository}/only/${chart}</pre>
<table><thead><tr><th>version</th><th>app version</th><th>published</th><th>digest</th></tr></thead><tbody>
${rows}</tbody></table>${rest(versions.length)}`,
  )
}

/** Helm's own choice: the newest that is no prerelease, where there is one. */
function newestOf(versions: readonly ChartVersion[]): ChartVersion | undefined {
  return versions.find(({ version }) => !version.split('+')[0]?.includes('-')) ?? versions[0]
}

function textOf(version: ChartVersion | undefined, field: string): string {
  const value = version?.fields[field]
  return typeof value === 'string' ? value : ''
}

function rest(count: number): Html | undefined {
  return count > mostRows ? html`<p class="soft">… and ${count - mostRows} more</p>` : undefined
}
