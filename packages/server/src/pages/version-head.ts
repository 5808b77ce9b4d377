// What the pages of one chart version share: its head, and the tabs that lead from one to the other.
import type { ChartVersion } from '@chartferry/core/helm'
import type { Context } from 'koa'
import type { StoredFile } from '../cache/archive-cache.ts'
import { callerOf } from '../routes/caller.ts'
import { newestOf, textOf, versionOf, versionsOf } from '../routes/chart-lines.ts'
import { servedPath } from '../upstream/chart-path.ts'
import { letterOf } from './chart-rows.ts'
import { type Html, html, pathTo, timeText, whole } from './html.ts'
import type { PageOptions } from './page-options.ts'

/** One version with all that its pages are made from. */
export interface ShownVersion {
  readonly repository: string
  readonly chart: string
  readonly entry: ChartVersion
  /** Newest first. */
  readonly versions: readonly ChartVersion[]
  /** The bytes; undefined where they cannot be had from here. */
  readonly archive: (() => Promise<StoredFile>) | undefined
}

/** The pages of a version, by the last part of their paths. */
const tabs = [
  ['', 'Overview'],
  ['values', 'Values'],
  ['images', 'Images'],
  ['versions', 'Versions'],
] as const

export type VersionTab = (typeof tabs)[number][0] | 'difference' | 'delete'

/** The version of a path; without one the newest. Throws CHART_NOT_FOUND, VERSION_NOT_FOUND. */
export async function findVersion(
  ctx: Context,
  options: PageOptions,
  repository: string,
  chart: string,
  version: string | undefined,
): Promise<ShownVersion> {
  const versions = await versionsOf(ctx, options, repository, chart)
  const newest = newestOf(versions)?.version ?? ''
  const entry = versionOf(versions, chart, version ?? newest)
  return { repository, chart, entry, versions, archive: archiveOf(ctx, options, repository, entry) }
}

/** How the bytes of a version are had; undefined where they cannot be had from here. */
export function archiveOf(
  ctx: Context,
  { charts }: Pick<PageOptions, 'charts'>,
  repository: string,
  entry: ChartVersion,
): (() => Promise<StoredFile>) | undefined {
  const path = servedPath(entry.urls[0])
  if (path === undefined) return undefined
  return async () => (await charts.archive(repository, path, { caller: callerOf(ctx) })).file
}

/** The segments of a page of a version. */
export function versionPath({ repository, chart, entry }: ShownVersion, tab: VersionTab = ''): readonly string[] {
  return [repository, 'chart', chart, entry.version, ...(tab === '' ? [] : [tab])]
}

/** The way to a page of a version. */
export function versionCrumbs({ repository, chart }: ShownVersion): readonly (readonly [text: string, path: string])[] {
  return [
    [repository, pathTo([repository])],
    [chart, pathTo([repository, 'chart', chart])],
  ]
}

/** Name, version, what it is for, and the tabs. */
export function versionHead(shown: ShownVersion, current: VersionTab): Html {
  const { chart, entry, versions } = shown
  const newest = newestOf(versions)?.version
  const newer =
    newest === undefined || newest === entry.version
      ? undefined
      : html`<p class="note">There is a newer version: <a href="${pathTo([shown.repository, 'chart', chart, newest])}">${whole(newest)}</a> · <a href="${pathTo(versionPath(shown, 'difference'), { to: newest })}">what changed</a></p>`
  const deprecated =
    entry.fields.deprecated === true
      ? html`<p class="note warn">This chart is deprecated: nobody keeps it up to date.</p>`
      : undefined
  const app = textOf(entry, 'appVersion')
  return html`<div class="head">${letterOf(chart)}<div><h1>${whole(chart)} <span class="version">${whole(entry.version)}</span></h1>
<p>${textOf(entry, 'description')}</p><p class="meta">${app === '' ? undefined : html`<span class="whole">app ${app}</span>`}${entry.created === undefined ? undefined : html`<span>published ${timeText(entry.created)}</span>`}</p></div></div>${deprecated}${newer}
<nav class="tabs" aria-label="Parts of the chart">${tabs.map(
    ([tab, text]) =>
      html`<a href="${pathTo(versionPath(shown, tab))}"${tab === current ? html` aria-current="page"` : undefined}>${text}</a>`,
  )}</nav>`
}
