// Errors for people: what is wrong, what next, and the way back. Programs get the form of the API.
import type { ChartferryError } from '@chartferry/core'
import type { Context } from 'koa'
import { callerOf } from '../routes/caller.ts'
import { type Html, html, pathTo } from './html.ts'
import type { PageOptions } from './page-options.ts'
import { seeOther } from './see-other.ts'
import { sendPage } from './send-page.ts'

/** In a few words, by status. */
const titles: Readonly<Record<number, string>> = {
  401: 'Sign in first',
  403: 'Not allowed',
  404: 'Not found',
  405: 'Not possible here',
  413: 'Too large',
  429: 'Too many requests',
  502: 'The upstream fails',
  503: 'Not available now',
  504: 'The upstream does not answer',
}

/**
 * Answers an error for a browser, which says that it takes HTML before anything else; false: it is for a program, and
 * nothing was done. Paths of the API and of the registry have their own forms always.
 */
export async function sendErrorPage(
  ctx: Context,
  options: Pick<PageOptions, 'version' | 'signIn'>,
  error: ChartferryError,
  status: number,
): Promise<boolean> {
  if (/^\/(?:v2|api|admin)(?:\/|$)/.test(ctx.path)) return false
  if (ctx.accepts('application/json', 'text/html') !== 'text/html') return false
  if (status === 401 && ctx.method === 'GET' && options.signIn !== undefined) {
    ctx.remove('WWW-Authenticate')
    seeOther(ctx, pathTo(['-', 'sign-in'], { next: ctx.url }))
    return true
  }
  const { message, hint, code } = error
  const { principal } = callerOf(ctx)
  const title = titles[status] ?? (status >= 500 ? 'Something went wrong' : 'This does not work')
  await sendPage(ctx, options, {
    title,
    body: html`<section class="error"><p class="status">${status}</p><h1>${title}</h1><p>${message}</p>${hint === undefined ? undefined : html`<p>${wordsOf(hint)}</p>`}
${status === 403 && principal !== undefined ? html`<p>You are signed in as <b>${principal.name}</b>.</p>` : undefined}
<form class="search" action="/-/search" role="search" aria-label="Charts by name, keyword or description"><input type="search" name="q" placeholder="Search all charts" aria-label="Search for a chart"><button>Search</button></form>
<p><a href="/">All repositories</a></p>
<p class="soft">${code} · request <code>${ctx.state.requestId as string}</code></p></section>`,
  })
  return true
}

/** A hint, in which what is typed stands between backquotes. */
function wordsOf(hint: string): readonly Html[] {
  return hint.split('`').map((part, at) => (at % 2 === 0 ? html`${part}` : html`<code>${part}</code>`))
}
