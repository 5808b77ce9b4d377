// The page of all repositories, as a person browses it.
import type { Context } from 'koa'
import type { RepositoryStatus } from '../repository/chart-repository.ts'
import { html, linkTo, sendPage, tableOf } from './html.ts'

/**
 * Sends the list of repositories with the state of each, and the lines to type next. `url` is where clients reach us.
 */
export function sendHomePage(
  ctx: Context,
  repositories: readonly RepositoryStatus[],
  { url, version }: { readonly url: string; readonly version: string },
): void {
  const rows = repositories.map(({ name, kind, source, state, failure }) => [
    linkTo([name], name),
    kind,
    source,
    failure === undefined ? state : html`<span class="ill">${state}</span>`,
  ])
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
${tableOf([{ name: 'repository' }, { name: 'kind' }, { name: 'source', soft: true }, { name: 'state' }], rows)}
<h2>Use them</h2><pre tabindex="0">${lines.join('\n')}</pre>`,
  )
}
