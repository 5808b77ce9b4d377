// A page with what all of them share, sent: nothing in it may be loaded or run but our own style and script.
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { Context } from 'koa'
import { callerOf } from '../routes/caller.ts'
import { takesGzip } from '../routes/repository.ts'
import { scriptPath, stylePath } from './assets.ts'
import { type Html, html, pathTo } from './html.ts'
import type { PageOptions } from './page-options.ts'

const compress = promisify(gzip)

/** Inline styles and scripts, pictures of other hosts, frames and plugins are all refused. */
const policy =
  "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

export interface Page {
  readonly title: string
  readonly body: Html
  /** The way here from the list of repositories: text and path. Default: none. */
  readonly crumbs?: readonly (readonly [text: string, path: string])[]
  /** Seconds after which a browser asks again. Default: never. */
  readonly refresh?: number | undefined
  /** What was searched for, for the field above. Default: nothing. */
  readonly query?: string
}

/** Sends a page, compressed where the browser takes that. */
export async function sendPage(
  ctx: Context,
  { version, signIn }: Pick<PageOptions, 'version' | 'signIn'>,
  { title, body, crumbs = [], refresh, query = '' }: Page,
): Promise<void> {
  if (refresh !== undefined) ctx.set('Refresh', String(refresh))
  ctx.set('Content-Security-Policy', policy)
  // Forms must say where they come from, to us alone.
  ctx.set('Referrer-Policy', 'same-origin')
  ctx.set('Cross-Origin-Opener-Policy', 'same-origin')
  ctx.set('Cache-Control', 'no-store')
  ctx.type = 'text/html'
  const text =
    html`<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><title>${title === 'chartferry' ? title : `${title} · chartferry`}</title>
<link rel="icon" href="/-/icon.svg" type="image/svg+xml"><link rel="stylesheet" href="${stylePath}"><script src="${scriptPath}" defer></script></head>
<body><a class="skip" href="#main">Skip to the content</a>
<header class="bar"><div><a class="brand" href="/"><img src="/-/icon.svg" alt="" width="24" height="24">chartferry</a>
<form class="find" action="/-/search" role="search" aria-label="All charts"><input type="search" name="q" value="${query}" placeholder="Search all charts" aria-label="Search all charts" autocomplete="off"></form>
<nav aria-label="Site"><a href="/">Repositories</a><a href="/-/images">Images</a>${signIn && whoOf(ctx)}</nav></div></header>
<main id="main">${crumbsOf(crumbs)}${body}</main><footer>chartferry ${version}</footer></body></html>
`.text
  ctx.vary('Accept-Encoding')
  if (!takesGzip(ctx)) ctx.body = text
  else {
    ctx.set('Content-Encoding', 'gzip')
    ctx.body = await compress(text)
  }
}

function crumbsOf(crumbs: readonly (readonly [string, string])[]): Html | undefined {
  if (crumbs.length === 0) return undefined
  return html`<nav class="crumbs" aria-label="Breadcrumb"><ol><li><a href="/">repositories</a></li>${crumbs.map(
    ([text, path]) => html`<li><a href="${path}">${text}</a></li>`,
  )}</ol></nav>`
}

/** Who is signed in, and the way out; or the way in, and back to this page. */
function whoOf(ctx: Context): Html {
  const { principal } = callerOf(ctx)
  if (principal === undefined) {
    const next = ctx.method === 'GET' && !ctx.path.startsWith('/-/sign') ? ctx.url : '/'
    return html`<a href="${pathTo(['-', 'sign-in'], { next })}">Sign in</a>`
  }
  return html`<span class="who">${principal.name}</span><form method="post" action="/-/sign-out"><button class="plain">Sign out</button></form>`
}
