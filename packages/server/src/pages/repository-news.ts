// What people have to know of a repository beside its charts: what is stale, what waits or was refused, what changed upstream.
import type { Context } from 'koa'
import type { QuarantinedVersion } from '../quarantine/with-quarantine.ts'
import type { RepositoryStatus } from '../repository/chart-repository.ts'
import type { VersionChange } from '../repository/version-change.ts'
import { callerOf } from '../routes/caller.ts'
import { countText, type Html, html, pathTo, tableOf, timeText, whole } from './html.ts'
import type { PageOptions } from './page-options.ts'

export interface RepositoryNews {
  readonly status: RepositoryStatus
  readonly quarantined: readonly QuarantinedVersion[]
  readonly changes: readonly VersionChange[]
}

/** Rows of a table. */
const mostRows = 100

/** Asks no upstream: what was never fetched has no news. */
export async function newsOf(
  ctx: Context,
  { charts, quarantine }: PageOptions,
  repository: string,
): Promise<RepositoryNews> {
  const asked = { caller: callerOf(ctx) }
  const status = await charts.status(repository, asked)
  if (status.kind !== 'proxy' || status.charts === undefined) return { status, quarantined: [], changes: [] }
  const [quarantined, changes] = await Promise.all([
    quarantine.list(repository, asked).catch(() => []),
    charts.changes(repository, asked),
  ])
  return { status, quarantined, changes }
}

/** In a few words, each a badge; those that need somebody first. */
export function badgesOf({ status, quarantined, changes }: RepositoryNews): Html {
  const refused = quarantined.filter(({ state }) => state === 'refused').length
  const waiting = quarantined.length - refused
  const news = (count: number, text: string, to: string, kind: string): Html | undefined =>
    count === 0 ? undefined : html`<a class="badge ${kind}" href="${pathTo([status.name])}#${to}">${count} ${text}</a>`
  return html`${status.failure === undefined || status.charts === undefined ? undefined : html`<span class="badge bad">stale</span>`}${news(
    refused,
    'refused',
    'quarantine',
    'bad',
  )}${news(waiting, 'in quarantine', 'quarantine', 'warn')}${news(changes.length, 'changed upstream', 'changes', 'warn')}`
}

/** The tables below the charts of a repository; nothing where there is no news. */
export function newsTables({ status, quarantined, changes }: RepositoryNews): Html {
  const chartLink = (chart: string): Html =>
    html`<a href="${pathTo([status.name, 'chart', chart])}">${whole(chart)}</a>`
  const held = quarantined
    .slice(0, mostRows)
    .map(({ chart, version, state, reason, inspectedAt }) => [
      chartLink(chart),
      whole(version),
      state === 'refused'
        ? html`<span class="badge bad">refused</span>`
        : html`<span class="badge warn">waiting</span>`,
      reason,
      timeText(inspectedAt),
    ])
  const changed = changes
    .slice(0, mostRows)
    .map(({ chart, version, before, after, seenAt, outcome }) => [
      chartLink(chart),
      whole(version),
      html`<code class="digest">${short(before)}</code> → <code class="digest">${after === null ? 'gone' : short(after)}</code>`,
      outcome,
      timeText(seenAt),
    ])
  return html`${
    held.length === 0
      ? undefined
      : html`<section id="quarantine"><h2>In quarantine</h2><p class="soft">${countText(quarantined.length, 'version')} not shown to helm.</p>${tableOf(
          [
            { name: 'chart' },
            { name: 'version' },
            { name: 'state' },
            { name: 'reason' },
            { name: 'inspected', soft: true },
          ],
          held,
        )}</section>`
  }${
    changed.length === 0
      ? undefined
      : html`<section id="changes"><h2>Changed upstream</h2><p class="soft">Versions that came with one digest and later with another.</p>${tableOf(
          [
            { name: 'chart' },
            { name: 'version' },
            { name: 'digest' },
            { name: 'what was done' },
            { name: 'seen', soft: true },
          ],
          changed,
        )}</section>`
  }`
}

const short = (digest: string): string => digest.slice(0, 19)
