// The page of all repositories: search first, then each with its state, then the lines to type next.
import type { Context } from 'koa'
import type { RepositoryStatus } from '../repository/chart-repository.ts'
import { baseUrlOf, callerOf } from '../routes/caller.ts'
import { copyBlock, countText, type Html, html, pathTo, whole } from './html.ts'
import type { PageOptions } from './page-options.ts'
import { repositoryLine } from './ready-lines.ts'
import { badgesOf, newsOf, type RepositoryNews } from './repository-news.ts'
import { sendPage } from './send-page.ts'
import { serverState } from './server-state.ts'
import { shellWord } from './shell-word.ts'

/** Sends the page with the repositories named; the state on it is kept live by the script. */
export async function sendHomePage(ctx: Context, options: PageOptions, shown: readonly string[]): Promise<void> {
  const news = await Promise.all(shown.map((name) => newsOf(ctx, options, name)))
  const statuses = news.map(({ status }) => status)
  const charts = statuses.reduce((sum, { kind, charts: count = 0 }) => sum + (kind === 'group' ? 0 : count), 0)
  const versions = statuses.reduce((sum, { kind, versions: count = 0 }) => sum + (kind === 'group' ? 0 : count), 0)
  await sendPage(ctx, options, {
    title: 'chartferry',
    body: html`<section class="hero"><h1>Find a chart</h1>
<form class="search" action="/-/search" role="search" aria-label="Charts"><input type="search" name="q" placeholder="Name, keyword or description" aria-label="Name, keyword or description" autofocus><button>Search</button></form>
<p class="soft">${countText(charts, 'chart')} in ${countText(versions, 'version')} · ${countText(shown.length, 'repository', 'repositories')}</p></section>
<section><h2>Repositories</h2><ul class="cards" id="repositories" data-live>${news.map(cardOf)}</ul>
${shown.length === 0 ? html`<p class="soft">There is none that you may see. Sign in, or ask whoever runs the server.</p>` : undefined}</section>
${linesOf(ctx, options, statuses)}${serverState(ctx, options)}`,
  })
}

function cardOf(news: RepositoryNews): Html {
  const { name, kind, source, state, failure } = news.status
  return html`<li class="card"><h3><a href="${pathTo([name])}">${whole(name)}</a> <span class="kind">${kind}</span></h3>
<p class="soft source">${source}</p><p class="${failure === undefined ? 'state' : 'state ill'}">${state}</p><p class="badges">${badgesOf(news)}</p></li>
`
}

function linesOf(
  ctx: Context,
  { access, publicUrl }: PageOptions,
  statuses: readonly RepositoryStatus[],
): Html | undefined {
  const url = baseUrlOf(ctx, publicUrl)
  const isPublic = (repository: string): boolean => access.isPublic(repository)
  const hosted = statuses.find(({ kind, name }) => kind === 'hosted' && access.allows(callerOf(ctx), 'push', name))
  const first = statuses.find(({ kind }) => kind !== 'hosted') ?? statuses[0]
  const push = hosted && `curl --fail --data-binary @mychart-1.0.0.tgz ${shellWord(`${url}/api/${hosted.name}/charts`)}`
  if (first === undefined) return undefined
  return html`<section><h2>Use them</h2><div class="blocks">${copyBlock(
    'Add a repository to helm',
    repositoryLine({ url, repository: first.name, isPublic: isPublic(first.name) }),
  )}${push === undefined ? undefined : copyBlock('Push a chart', push)}</div></section>`
}
