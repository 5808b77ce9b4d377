// The page of all repositories, as a person browses it.
import type { Context } from 'koa'
import type { RepositoryStatus } from '../proxy/repository-proxy.ts'
import { html, sendPage } from './html.ts'

/** Sends the list of repositories with the state of each, and the lines to type next. `url` is where clients reach us. */
export function sendHomePage(
  ctx: Context,
  repositories: readonly RepositoryStatus[],
  { url, version }: { readonly url: string; readonly version: string },
): void {
  const rows = repositories.map(
    ({ name, kind, source, state, failure }) => html`<tr><td><a href="/${encodeURIComponent(name)}">${name}</a></td>
<td>${kind}</td><td class="soft">${source}</td><td${failure === undefined ? undefined : html` class="ill"`}>${state}</td></tr>
`,
  )
  const hosted = repositories.find(({ kind }) => kind === 'hosted')
  const first = repositories.find(({ kind }) => kind !== 'hosted') ?? hosted
  const lines = [
    ...(first === undefined ? [] : [`helm repo add ${first.name} ${url}/${first.name}`]),
    ...(hosted === undefined ? [] : [`curl --data-binary @mychart-1.0.0.tgz ${url}/api/${hosted.name}/charts`]),
  ]
  sendPage(
    ctx,
    'chartferry',
    version,
    html`<h1>Chart repositories</h1>
<table><thead><tr><th>repository</th><th>kind</th><th>source</th><th>state</th></tr></thead><tbody>
${rows}</tbody></table><h2>Use them</h2><pre tabindex="0">${lines.join('\n')}</pre>`,
  )
}
