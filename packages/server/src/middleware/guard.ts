// The one place that lets a request through to a route or not: who sends it, and whether the rules allow what it needs.
import { ChartferryError, isChartferryError } from '@chartferry/core'
import type { Context } from 'koa'
import type { Access, Caller } from '../auth/access.ts'
import { type Authenticator, type Principal, unauthenticated } from '../auth/authenticator.ts'
import type { Sessions } from '../auth/sessions.ts'
import { clientOf, registryPathOf, setCaller } from '../routes/caller.ts'
import { registryName } from '../routes/registry-path.ts'
import type { Need } from '../routes/route.ts'
import { type OwnPageOptions, refuseForeignPage } from './own-page.ts'
import { clientKey } from './rate-limit.ts'

export interface GuardOptions extends OwnPageOptions {
  readonly authenticator: Authenticator
  readonly access: Access
  /** Whether anybody can have credentials here: then answers differ by who asks. */
  readonly knowsSomebody: boolean
  /** Who has signed in on a page. Default: nobody can. */
  readonly sessions?: Pick<Sessions, 'headersOf'> | undefined
}

/** Checks one request. `repository` is the one that the route is about. Throws what stops it. */
export type Guard = (ctx: Context, needs: Need, repository: string | undefined) => Promise<void>

/**
 * Leaves what it found for the routes. The guard throws UNAUTHENTICATED for wrong credentials and for none where some
 * are needed, FORBIDDEN where those given do not do, and what the authenticator throws.
 */
export function guard({ authenticator, access, knowsSomebody, sessions, ...pages }: GuardOptions): Guard {
  async function whoSends(ctx: Context): Promise<Principal | undefined> {
    const client = clientKey(clientOf(ctx).address)
    const ofCookie = await sessions?.headersOf(ctx.headers)
    if (ofCookie === undefined) return authenticator.authenticate(ctx.headers, client)
    // Credentials that have become wrong since somebody signed in are none: they can sign in again.
    return authenticator.authenticate(ofCookie, client).catch((thrown: unknown) => {
      if (isChartferryError(thrown, 'UNAUTHENTICATED')) return undefined
      throw thrown
    })
  }
  return async (ctx, needs, repository) => {
    if (needs === 'nothing') return
    // Where nobody is known credentials say nothing, right or wrong.
    const known = knowsSomebody ? await whoSends(ctx) : undefined
    const principal = known?.isAnybody === true ? undefined : known
    const caller: Caller = { principal, isLoopback: clientOf(ctx).isLoopback }
    setCaller(ctx, caller, repository !== undefined && access.isPublic(repository))
    if (knowsSomebody) ctx.vary('Authorization')
    if (needs === 'listing') return
    if (needs === 'login') {
      // Clients of registries ask once, and offer their credentials to those that want some.
      if (knowsSomebody && principal === undefined) throw refused(caller, 'who are you?', knowsSomebody)
      return
    }
    if (ctx.method !== 'GET' && ctx.method !== 'HEAD') refuseForeignPage(ctx, principal !== undefined, pages)
    if (needs === 'metrics' || needs === 'admin') {
      if (known?.grants !== undefined)
        throw unauthenticated('the token is not good for this', 'a token of the registry')
      if (!access.allowsServer(caller, needs)) throw refused(caller, `the rules do not allow ${needs}`, knowsSomebody)
      return
    }
    if (repository === undefined) throw new Error(`a route needs ${needs} and names no repository`)
    if (!access.allows(caller, needs, repository))
      throw refused(caller, `the rules do not allow to ${needs} here: repository "${repository}"`, knowsSomebody)
    if (known?.grants !== undefined && !isGranted(registryPathOf(ctx), needs, known.grants))
      throw unauthenticated('the token is not good for this', 'a token for something else')
  }
}

/** Whether a token is good for a repository of the registry; it is good for nothing else. */
function isGranted(path: string, needs: string, grants: NonNullable<Principal['grants']>): boolean {
  const name = registryName(path)
  return grants.some((grant) => grant.name === name && grant.actions.includes(needs))
}

function refused({ principal }: Caller, message: string, knowsSomebody: boolean): ChartferryError {
  if (principal === undefined && knowsSomebody) return unauthenticated('this needs credentials', message)
  return new ChartferryError('FORBIDDEN', message, {
    hint: knowsSomebody
      ? 'Ask whoever runs the server; `access` in its configuration says who may do what.'
      : 'Without users only clients of this machine may change anything, and only where the server listens on a loopback address, is asked by it, and has neither publicUrl nor trustedProxies: configure `auth`, or `access`.',
  })
}
