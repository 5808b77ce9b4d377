// Search over the charts of all repositories that a caller may pull from.
import type { Context } from 'koa'
import { callerOf } from '../routes/caller.ts'
import { chartList, chartsPerPage, type ListedChart, pageOf, pagesOf } from './chart-rows.ts'
import { searchCharts } from './chart-search.ts'
import { countText, html, pathTo } from './html.ts'
import type { PageOptions } from './page-options.ts'
import { sendPage } from './send-page.ts'

/** Characters of a question. */
const longestQuery = 200

/** `/-/search?q=`. Asks no upstream: repositories that were not fetched yet are named instead. */
export async function sendSearchPage(ctx: Context, options: PageOptions): Promise<void> {
  const query = String(ctx.query.q ?? '')
    .slice(0, longestQuery)
    .trim()
  const page = pageOf(ctx.query.page)
  const { charts, unread } = await searchAll(ctx, options, query)
  const shown = charts.slice((page - 1) * chartsPerPage, page * chartsPerPage)
  const missing =
    unread.length === 0
      ? undefined
      : html`<p class="soft">Not searched, since their index has not been read yet: ${unread.map((name) => html` <a href="${pathTo([name])}">${name}</a>`)}</p>`
  await sendPage(ctx, options, {
    title: query === '' ? 'All charts' : `“${query}”`,
    query,
    body: html`<h1>${query === '' ? 'All charts' : html`Charts for “${query}”`}</h1>
<p class="soft" role="status">${countText(charts.length, 'chart')}</p>${missing}
${charts.length === 0 ? html`<p>No chart has all of these words in its name, keywords or description. Try fewer words, or a part of the name.</p>` : chartList(shown, true)}
${pagesOf((to) => pathTo(['-', 'search'], { q: query, page: String(to) }), page, charts.length, chartsPerPage)}`,
  })
}

interface Found {
  readonly charts: readonly ListedChart[]
  readonly unread: readonly string[]
}

/** The best first. What a group has from a member that is searched too is shown once. */
async function searchAll(ctx: Context, { charts, access, names }: PageOptions, query: string): Promise<Found> {
  const asked = { caller: callerOf(ctx), anyAge: true }
  const statuses = await Promise.all(
    names.filter((name) => access.allows(asked.caller, 'pull', name)).map((name) => charts.status(name, asked)),
  )
  const unread = statuses.filter((status) => status.kind === 'proxy' && status.charts === undefined)
  const isGroup = (kind: string): number => (kind === 'group' ? 1 : 0)
  const read = statuses.filter((status) => !unread.includes(status)).sort((a, b) => isGroup(a.kind) - isGroup(b.kind))
  const seen = new Set<string>()
  const all: (ListedChart & { readonly rank: number })[] = []
  for (const { name: repository, kind } of read) {
    const answer = await charts.index(repository, asked).catch(() => undefined)
    for (const { found, rank } of answer === undefined ? [] : searchCharts(answer.snapshot, query)) {
      const key = `${found.chart} ${found.newest.digest ?? found.newest.urls[0] ?? ''}`
      if (kind === 'group' && seen.has(key)) continue
      seen.add(key)
      all.push({ repository, found, rank })
    }
  }
  all.sort((a, b) => a.rank - b.rank || (a.found.chart < b.found.chart ? -1 : a.found.chart > b.found.chart ? 1 : 0))
  return { charts: all, unread: unread.map(({ name }) => name) }
}
