// What Chart.yaml says of a version, what it depends on, and where it comes from.
import type { Context } from 'koa'
import { callerOf } from '../routes/caller.ts'
import { mappingsOf, textOf, textsOf } from '../routes/chart-lines.ts'
import { servedPath } from '../upstream/chart-path.ts'
import { type Html, html, outsideLink, type Part, pathTo, whole } from './html.ts'
import { mayChange } from './may-change.ts'
import type { PageOptions } from './page-options.ts'
import { soon } from './soon.ts'
import { type ShownVersion, versionPath } from './version-head.ts'

/** Rows of lists in Chart.yaml. */
const mostRows = 60

/** Facts one under the other, those that are known. */
function facts(rows: readonly (readonly [name: string, value: Part])[]): Html {
  const known = rows.filter(
    ([, value]) => value !== undefined && value !== '' && !(Array.isArray(value) && value.length === 0),
  )
  return html`<dl class="facts">${known.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`
}

const listOf = (parts: readonly Html[]): readonly Html[] | undefined =>
  parts.length === 0 ? undefined : [html`<ul>${parts.slice(0, mostRows).map((part) => html`<li>${part}</li>`)}</ul>`]

/** The archive, what it asks for, who keeps it. */
export function aboutSection(ctx: Context, options: PageOptions, shown: ShownVersion): Html {
  const { repository, entry } = shown
  const [url = ''] = entry.urls
  const isHere = servedPath(url) !== undefined
  const home = textOf(entry, 'home')
  return html`<section><h2>About</h2>${facts([
    ['archive', isHere ? html`<a href="/${encodeURIComponent(repository)}/${url}" download>download</a>` : url],
    ['digest', entry.digest && html`<code class="digest">${entry.digest}</code>`],
    ['app version', textOf(entry, 'appVersion') && whole(textOf(entry, 'appVersion'))],
    ['Kubernetes', textOf(entry, 'kubeVersion')],
    ['type', textOf(entry, 'type')],
    ['home', home && outsideLink(home)],
    ['sources', listOf(textsOf(entry, 'sources').map((source) => outsideLink(source)))],
    ['maintainers', listOf(mappingsOf(entry, 'maintainers').map(maintainerOf))],
    [
      'keywords',
      textsOf(entry, 'keywords')
        .slice(0, mostRows)
        .map((word) => html`<a class="badge" href="${pathTo(['-', 'search'], { q: word })}">${word}</a> `),
    ],
  ])}${mayChange(ctx, options, 'delete', repository) ? html`<p><a class="button danger" href="${pathTo(versionPath(shown, 'delete'))}">Delete this version</a></p>` : undefined}</section>`
}

/** The address is for mail programs, not for pages. */
function maintainerOf({ name, url }: Readonly<Record<string, unknown>>): Html {
  const text = typeof name === 'string' ? name : ''
  return typeof url === 'string' ? outsideLink(url, text === '' ? url : text) : html`${text}`
}

/** The charts that it asks for. */
export function dependenciesSection({ entry }: ShownVersion): Html {
  const text = (value: unknown): string => (typeof value === 'string' ? value : '')
  const all = mappingsOf(entry, 'dependencies')
  if (all.length === 0) return html`<section><h2>Dependencies</h2><p class="soft">None.</p></section>`
  const items = all.slice(0, mostRows).map(({ name, version, repository, condition, alias }) => {
    const as = text(alias) === '' ? undefined : html` as ${whole(text(alias))}`
    const when = text(condition) === '' ? undefined : html`<br><small>if <code>${text(condition)}</code></small>`
    const from =
      text(repository) === '' ? undefined : html`<br><small class="soft long">${outsideLink(text(repository))}</small>`
    return html`<li><b>${whole(text(name))}</b>${as} ${whole(text(version))}${from}${when}</li>`
  })
  return html`<section><h2>Dependencies</h2><ul class="plain spaced">${items}</ul></section>`
}

/** Whether the version comes with a provenance file, and how it is checked. An upstream is not waited for. */
export async function provenanceSection(
  ctx: Context,
  { charts }: PageOptions,
  { repository, entry }: ShownVersion,
): Promise<Html> {
  const path = servedPath(entry.urls[0])
  const found =
    path === undefined ? undefined : await soon(charts.provenance(repository, path, { caller: callerOf(ctx) }))
  if (found?.state === 'known')
    return html`<section><h2>Provenance</h2><p><span class="badge good">signed</span> <a href="/${encodeURIComponent(repository)}/${entry.urls[0]}.prov" download>provenance file</a></p>
<p class="soft">Check it with <code>helm pull … --verify</code> and the key of its author.</p></section>`
  const isAbsent = found?.state === 'failed' && found.code === 'CHART_NOT_FOUND'
  return html`<section><h2>Provenance</h2><p class="soft">${
    isAbsent
      ? 'Not signed: the version comes without a provenance file.'
      : 'Not known now: the upstream does not answer.'
  }</p></section>`
}
