// Signing in on a page, with what the API takes too: a name and a password, or a token.
import { isChartferryError } from '@chartferry/core'
import type { Context } from 'koa'
import { sessionCookie, sessionSeconds } from '../auth/sessions.ts'
import { refuseForeignPage } from '../middleware/own-page.ts'
import { clientKey } from '../middleware/rate-limit.ts'
import { baseUrlOf, clientOf } from '../routes/caller.ts'
import { readBytes } from '../routes/read-upload.ts'
import type { Route } from '../routes/route.ts'
import { html } from './html.ts'
import type { PageOptions } from './page-options.ts'
import { seeOther } from './see-other.ts'
import { sendPage } from './send-page.ts'

const mostBytes = 16 * 1024
/** A header that is longer would not fit into a cookie once it is sealed. */
const longestCredentials = 2700

/** The routes of signing in and out. */
export function signInRoutes(
  options: PageOptions,
  signIn: NonNullable<PageOptions['signIn']>,
  origins: readonly string[],
): readonly Route[] {
  // A name that somebody else made point here gains nothing by these forms: it gets a cookie of its own.
  const check = (ctx: Context): void => refuseForeignPage(ctx, true, { origins, publicUrl: options.publicUrl })

  async function take(ctx: Context): Promise<void> {
    const form = new URLSearchParams((await readBytes(ctx, mostBytes)).toString())
    check(ctx)
    const [name = '', password = '', next = ''] = ['name', 'password', 'next'].map((field) => form.get(field) ?? '')
    const authorization =
      name === '' ? `Bearer ${password}` : `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`
    const fail = (reason: string): Promise<void> => sendForm(ctx, options, { next, name, reason })
    if (authorization.length > longestCredentials) return fail('These credentials are too long for a browser to keep.')
    try {
      const known = await signIn.authenticator.authenticate({ authorization }, clientKey(clientOf(ctx).address))
      if (known === undefined || known.grants !== undefined) return fail('Name or password are not right.')
    } catch (thrown) {
      if (!isChartferryError(thrown, 'UNAUTHENTICATED')) throw thrown
      return fail('Name or password are not right.')
    }
    setCookie(ctx, options, await signIn.sessions.seal(authorization), sessionSeconds)
    seeOther(ctx, localPath(next))
  }

  const page = (path: string, methods: Route['methods']): Route => ({ name: 'page', path, methods })
  return [
    page('/-/sign-in', {
      GET: { needs: 'listing', run: (ctx) => sendForm(ctx, options, { next: String(ctx.query.next ?? '') }) },
      POST: { needs: 'listing', run: take },
    }),
    page('/-/sign-out', {
      POST: {
        needs: 'listing',
        run: (ctx) => {
          check(ctx)
          setCookie(ctx, options, '', 0)
          seeOther(ctx, '/')
        },
      },
    }),
  ]
}

interface SignInForm {
  readonly next: string | undefined
  readonly name?: string | undefined
  readonly reason?: string
}

async function sendForm(
  ctx: Context,
  options: PageOptions,
  { next = '', name = '', reason }: SignInForm,
): Promise<void> {
  // Not 401, which would ask for credentials in a header.
  if (reason !== undefined) ctx.status = 422
  const why = reason === undefined ? undefined : html`<p class="ill" role="alert">${reason}</p>`
  await sendPage(ctx, options, {
    title: 'Sign in',
    body: html`<form class="card narrow" method="post" action="/-/sign-in"><h1>Sign in</h1>${why}
<input type="hidden" name="next" value="${localPath(next)}">
<label>Name <small>empty for a token alone</small><input name="name" value="${name}" autocomplete="username" autocapitalize="none" spellcheck="false"></label>
<label>Password or token<input name="password" type="password" autocomplete="current-password" required></label>
<button>Sign in</button>
<p class="soft">The same names, passwords and tokens as for helm and docker. You stay signed in for ${sessionSeconds / 3600} hours in this browser.</p></form>`,
  })
}

function setCookie(ctx: Context, { publicUrl }: PageOptions, value: string, seconds: number): void {
  const secure = baseUrlOf(ctx, publicUrl).startsWith('https:') ? '; Secure' : ''
  ctx.set('Set-Cookie', `${sessionCookie}=${value}; Path=/; Max-Age=${seconds}; HttpOnly; SameSite=Lax${secure}`)
}

/** A path of ours, whatever it was made to look like. */
function localPath(next: string): string {
  const base = 'http://localhost'
  const url = next.startsWith('/') ? URL.parse(next, base) : null
  return url?.origin === base && !/^\/[/\\]/.test(url.pathname) ? `${url.pathname}${url.search}` : '/'
}
