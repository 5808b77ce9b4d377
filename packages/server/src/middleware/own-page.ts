// Whether a request that changes something comes from a page of ours: a page of another site can make a browser send
// one, also to this machine and with its cookies, but not without its origin.
import { isIP } from 'node:net'
import { ChartferryError } from '@chartferry/core'
import type { Context } from 'koa'
import { isLoopbackHost } from '../config/loopback.ts'
import { clientOf } from '../routes/caller.ts'

export interface OwnPageOptions {
  /** Origins of other sites whose pages may change something. */
  readonly origins: readonly string[]
  /** Undefined: we are known by whatever name a request has for us. */
  readonly publicUrl: string | undefined
}

/**
 * Takes a request, and whether it says who sends it. Throws FORBIDDEN for a page that is not ours and not among the
 * origins. Programs send no origin and pass.
 */
export function refuseForeignPage(ctx: Context, isKnown: boolean, { origins, publicUrl }: OwnPageOptions): void {
  const origin = ctx.get('origin')
  const site = ctx.get('sec-fetch-site')
  if (origin === '' && (site === '' || site === 'none')) return
  // Every site, `*`, is for reading.
  if (origin !== '*' && origins.includes(origin)) return
  if (isOwn(origin, site, ctx, isKnown, publicUrl)) return
  throw new ChartferryError('FORBIDDEN', 'pages of other sites may not change anything here', {
    hint:
      publicUrl === undefined
        ? 'Where this was a page of this server, set `publicUrl` to the address that people call it by. Otherwise push with helm, curl or the like.'
        : `Use the pages at ${publicUrl}, or push with helm, curl or the like.`,
  })
}

function isOwn(origin: string, site: string, ctx: Context, isKnown: boolean, publicUrl: string | undefined): boolean {
  // Where a browser says itself what the two have to do with each other, that counts.
  if (site !== '' && site !== 'same-origin') return false
  const { host } = clientOf(ctx)
  const from = URL.parse(origin)
  if (from === null) return false
  if (publicUrl !== undefined && from.origin === new URL(publicUrl).origin) return true
  // Behind a proxy that speaks https we may be asked by http: the host is what tells sites apart here.
  if (from.host !== host.toLowerCase()) return false
  // A name that somebody else made point here (DNS rebinding) is one that a browser has no credentials for.
  return isKnown || isLoopbackHost(host) || isIP(from.hostname.replace(/^\[|\]$/g, '')) !== 0
}
