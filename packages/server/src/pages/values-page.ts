// The values of a chart version with their comments, and a search in them.
import type { Context } from 'koa'
import { type ValuesLine, type ValuesMatch, type ValuesView, valuesPage } from '../workers/values-view.ts'
import { pageOf, pagesOf } from './chart-rows.ts'
import { countText, type Html, html, pathTo } from './html.ts'
import type { PageOptions } from './page-options.ts'
import { sendPage } from './send-page.ts'
import { askAgain, type Soon, soon } from './soon.ts'
import { findVersion, versionCrumbs, versionHead, versionPath } from './version-head.ts'

/** `…/<version>/values`; `?q=` finds values by their names, texts and comments, `?page=` goes on. Throws CHART_NOT_FOUND, VERSION_NOT_FOUND. */
export async function sendValuesPage(
  ctx: Context,
  options: PageOptions,
  repository: string,
  chart: string,
  version: string,
): Promise<void> {
  const shown = await findVersion(ctx, options, repository, chart, version)
  const query = String(ctx.query.q ?? '')
    .slice(0, 200)
    .trim()
  const page = pageOf(ctx.query.page)
  const question = { part: 'values-view', from: (page - 1) * valuesPage + 1, query } as const
  const { archive } = shown
  const view: Soon<ValuesView> =
    archive === undefined
      ? { state: 'failed', code: undefined, reason: 'the archive cannot be had from here' }
      : await soon(
          archive().then(
            async (file) => JSON.parse((await options.contents.read([file], question)).toString()) as ValuesView,
          ),
        )
  const path = versionPath(shown, 'values')
  await sendPage(ctx, options, {
    title: `Values of ${chart} ${version}`,
    crumbs: versionCrumbs(shown),
    refresh: view.state === 'pending' ? askAgain : undefined,
    body: html`${versionHead(shown, 'values')}<h2 class="hidden">Values</h2>
<form class="search" role="search" aria-label="On this page"><input type="search" name="q" value="${query}" placeholder="image, replicas, persistence.size …" aria-label="Search the values"><button>Search</button></form>
${viewOf(view, query)}${view.state === 'known' && query === '' ? pagesOf((to) => pathTo(path, { page: String(to) }), page, view.value.lineCount, valuesPage) : undefined}`,
  })
}

function viewOf(view: Soon<ValuesView>, query: string): Html {
  if (view.state === 'pending')
    return html`<p class="soft" role="status">The chart is being read; this page looks again by itself.</p>`
  if (view.state === 'failed')
    return view.code === 'CHART_NOT_FOUND'
      ? html`<p class="soft">This chart has no values.yaml.</p>`
      : html`<p class="ill">The values cannot be shown: ${view.reason}</p>`
  const { lineCount, lines, matches, matchCount } = view.value
  if (query === '') return html`<p class="soft">values.yaml, ${countText(lineCount, 'line')}</p>${linesOf(lines)}`
  const more =
    matchCount > matches.length ? html`<p class="soft">Only the first ${matches.length} are shown.</p>` : undefined
  return html`<p class="soft" role="status">${countText(matchCount, 'value')} for “${query}”</p>${matches.map(matchOf)}${more}`
}

function matchOf({ path, lines }: ValuesMatch): Html {
  return html`<section class="match"><h3><code>${path}</code></h3>${linesOf(lines)}</section>`
}

/** Lines of a file under their numbers. */
function linesOf(lines: readonly ValuesLine[]): Html {
  const rows = lines.map(({ line, text, comment }) => {
    const [value, note] = comment === undefined ? [text, ''] : [text.slice(0, comment), text.slice(comment)]
    return html`<span id="L${line}" data-line="${line}">${keyOf(value)}${note === '' ? undefined : html`<i>${note}</i>`}
</span>`
  })
  return html`<pre class="code" tabindex="0"><code>${rows}</code></pre>`
}

/** The key of a line stands out. */
function keyOf(text: string): Html {
  const [, before = '', key, rest = ''] = /^(\s*(?:- )?)([^\s:#][^:#]*)(:(?:\s.*)?)$/.exec(text) ?? []
  return key === undefined ? html`${text}` : html`${before}<b>${key}</b>${rest}`
}
