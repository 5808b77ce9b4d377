// How clients of registries are told where to fetch a token, and for what (distribution, token authentication).
import type { Context } from 'koa'
import { baseUrlOf, registryPathOf } from './caller.ts'
import { registryName } from './registry-path.ts'
import { tokenPath } from './token.ts'

const actions: Readonly<Record<string, string>> = { GET: 'pull', HEAD: 'pull', DELETE: 'delete' }

/** The challenge for a request; undefined for one to the token service itself, which takes names and passwords. */
export function registryChallenge(ctx: Context, publicUrl: string | undefined): string | undefined {
  if (ctx.path === tokenPath) return undefined
  const name = registryName(registryPathOf(ctx))
  const isUpload = ctx.path.includes('/blobs/uploads/')
  const wanted = isUpload ? 'pull,push' : (actions[ctx.method] ?? 'pull,push')
  const scope = name === undefined ? '' : `,scope="repository:${name.replace(/["\\]/g, '')}:${wanted}"`
  return `Bearer realm="${addressOf(ctx, publicUrl)}${tokenPath}",service="chartferry"${scope}`
}

/**
 * The address that the client has for us: inside and outside may have different ones. The configured one only says how
 * it is reached, where a proxy before us ends TLS.
 */
function addressOf(ctx: Context, publicUrl: string | undefined): string {
  const own = baseUrlOf(ctx, undefined)
  const configured = URL.parse(publicUrl ?? '')
  return configured !== null && configured.host === URL.parse(own)?.host ? configured.origin : own
}
