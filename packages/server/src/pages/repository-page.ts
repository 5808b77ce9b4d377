// The page of one repository: its charts, and what people have to know of it.
import type { Context } from 'koa'
import { baseUrlOf, callerOf } from '../routes/caller.ts'
import { chartList, chartsPerPage, pageOf, pagesOf } from './chart-rows.ts'
import { searchCharts } from './chart-search.ts'
import { copyBlock, countText, html, pathTo } from './html.ts'
import { mayChange } from './may-change.ts'
import type { PageOptions } from './page-options.ts'
import { repositoryLine } from './ready-lines.ts'
import { badgesOf, newsOf, newsTables } from './repository-news.ts'
import { sendPage } from './send-page.ts'

/** `/<repository>`; `?q=` keeps the charts that have all of its words, `?page=` goes on. */
export async function sendRepositoryPage(ctx: Context, options: PageOptions, repository: string): Promise<void> {
  const { snapshot } = await options.charts.index(repository, { caller: callerOf(ctx) })
  const news = await newsOf(ctx, options, repository)
  const { failure, state, source, kind } = news.status
  const query = String(ctx.query.q ?? '')
    .slice(0, 200)
    .trim()
  const page = pageOf(ctx.query.page)
  const charts = [...searchCharts(snapshot, query)]
    .sort((a, b) => a.rank - b.rank)
    .map(({ found }) => ({ repository, found }))
  const mayPush = mayChange(ctx, options, 'push', repository)
  const shown = charts.slice((page - 1) * chartsPerPage, page * chartsPerPage)
  await sendPage(ctx, options, {
    title: repository,
    crumbs: [],
    body: html`<nav class="crumbs" aria-label="Breadcrumb"><ol><li><a href="/">repositories</a></li></ol></nav>
<div class="head"><div><h1>${repository} <span class="kind">${kind}</span></h1><p class="soft source">${source}</p></div>
${mayPush ? html`<a class="button" href="${pathTo([repository, 'upload'])}">Upload a chart</a>` : undefined}</div>
<p class="${failure === undefined ? 'state' : 'state ill'}" id="state" data-live>${state} ${badgesOf(news)}</p>
${copyBlock('Add it to helm', repositoryLine({ url: baseUrlOf(ctx, options.publicUrl), repository, isPublic: options.access.isPublic(repository) }))}
<form class="search" role="search" aria-label="On this page"><input type="search" name="q" value="${query}" placeholder="Search this repository" aria-label="Search this repository"><button>Search</button></form>
<p class="soft" role="status">${countText(charts.length, 'chart')}${query === '' ? undefined : html` for “${query}” · <a href="${pathTo([repository])}">show all</a>`}</p>
${charts.length === 0 ? html`<p>${emptyText(query, mayPush)}</p>` : chartList(shown, false)}
${pagesOf((to) => pathTo([repository], query === '' ? { page: String(to) } : { q: query, page: String(to) }), page, charts.length, chartsPerPage)}
${newsTables(news)}`,
  })
}

function emptyText(query: string, mayPush: boolean): string {
  if (query !== '') return 'No chart has all of these words in its name, keywords or description.'
  return mayPush ? 'There is no chart yet. Upload one, or push it with helm or curl.' : 'There is no chart yet.'
}
