// Charts as a list: a letter of each, its name, what it is for, its newest version.

import { textOf } from '../routes/chart-lines.ts'
import type { FoundChart } from './chart-search.ts'
import { countText, type Html, html, pathTo, timeText, whole } from './html.ts'

/** Charts of one page. */
export const chartsPerPage = 60

/** Characters of a description that a list shows. */
const longestDescription = 300

/** A chart in the repository that has it. */
export interface ListedChart {
  readonly repository: string
  readonly found: FoundChart
}

/** The list; `showsRepository` where charts of several stand in it. */
export function chartList(charts: readonly ListedChart[], showsRepository: boolean): Html {
  const items = charts.map(({ repository, found: { chart, newest, versionCount } }) => {
    const deprecated = newest.fields.deprecated === true ? html` <span class="badge warn">deprecated</span>` : undefined
    return html`<li>${letterOf(chart)}<div><h2><a href="${pathTo([repository, 'chart', chart])}">${whole(chart)}</a>${deprecated}</h2>
<p>${textOf(newest, 'description').slice(0, longestDescription)}</p></div><p class="meta">${showsRepository ? html`<span class="whole">${repository}</span>` : undefined}<span class="version">${whole(newest.version)}</span><span>${countText(versionCount, 'version')}</span>${timeText(newest.created)}</p></li>
`
  })
  return html`<ul class="charts">${items}</ul>`
}

/** The first letter in a colour of its own: pictures of charts would come from other hosts. */
export function letterOf(chart: string): Html {
  let sum = 0
  for (const character of chart) sum += character.codePointAt(0) ?? 0
  return html`<span class="letter hue${sum % 8}" aria-hidden="true">${String.fromCodePoint(chart.codePointAt(0) ?? 63).toUpperCase()}</span>`
}

/** Where the list goes on, and how it went before. `page` counts from 1. */
export function pagesOf(
  path: (page: number) => string,
  page: number,
  total: number,
  perPage: number,
): Html | undefined {
  const last = Math.ceil(total / perPage)
  if (last <= 1) return undefined
  const link = (to: number, text: string): Html | undefined =>
    to < 1 || to > last ? undefined : html`<a href="${path(to)}">${text}</a>`
  return html`<nav class="pages" aria-label="Pages">${link(page - 1, '← Previous')}<span>page ${page} of ${last}</span>${link(page + 1, 'Next →')}</nav>`
}

/** The page that a query asks for; the first one for anything else. */
export function pageOf(query: unknown): number {
  return typeof query === 'string' && /^[1-9]\d{0,5}$/.test(query) ? Number(query) : 1
}
