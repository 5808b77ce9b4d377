// Where clients of registries fetch tokens: `GET` with a name and a password, or `POST` as OAuth 2 has it (distribution,
// token authentication and oauth).
import { ChartferryError } from '@chartferry/core'
import type { Context } from 'koa'
import type { Access, Caller } from '../auth/access.ts'
import type { Authenticator } from '../auth/authenticator.ts'
import { type Grant, parseScopes, type RegistryTokens, tokenSeconds } from '../auth/registry-tokens.ts'
import { callerOf, clientOf } from './caller.ts'
import { readBytes } from './read-upload.ts'
import type { Route } from './route.ts'

export interface TokenRoutesOptions {
  readonly tokens: RegistryTokens
  readonly authenticator: Authenticator
  readonly access: Access
}

/** The path of the token service: no repository's, since these have more parts. */
export const tokenPath = '/v2/token'

const mostBytes = 64 * 1024

/** The routes of the token service. */
export function tokenRoutes(options: TokenRoutesOptions): readonly Route[] {
  const { tokens, access } = options
  async function answer(ctx: Context, caller: Caller, scopes: readonly string[]): Promise<void> {
    const grants: Grant[] = parseScopes(scopes)
      .map(({ name, actions }) => ({
        name,
        actions: actions.filter((action) => access.allows(caller, action, name.split('/')[0] ?? '')),
      }))
      .filter(({ actions }) => actions.length > 0)
    const { token, issuedAt } = await tokens.issue(caller.principal, grants)
    ctx.set('Cache-Control', 'no-store')
    ctx.body = {
      token,
      access_token: token,
      expires_in: tokenSeconds,
      issued_at: new Date(issuedAt).toISOString(),
      scope: grants.map(({ name, actions }) => `repository:${name}:${actions.join(',')}`).join(' '),
    }
  }
  return [
    {
      name: 'token',
      path: tokenPath,
      methods: {
        GET: { needs: 'listing', run: (ctx) => answer(ctx, callerOf(ctx), [ctx.query.scope ?? []].flat()) },
        POST: {
          needs: 'listing',
          run: async (ctx) => {
            const form = new URLSearchParams((await readBytes(ctx, mostBytes)).toString())
            const principal = await options.authenticator.authenticate(credentialsOf(form), clientOf(ctx).address)
            await answer(ctx, { principal, isLoopback: clientOf(ctx).isLoopback }, form.getAll('scope'))
          },
        },
      },
    },
  ]
}

/** The credentials of a form as a header has them. Throws UPLOAD_INVALID for a form that has none. */
function credentialsOf(form: URLSearchParams): { readonly authorization?: string } {
  const kind = form.get('grant_type')
  const [username, password, refresh] = [form.get('username'), form.get('password'), form.get('refresh_token')]
  if (kind === 'password' && username !== null && password !== null)
    return { authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` }
  if (kind === 'refresh_token' && refresh !== null) return { authorization: `Bearer ${refresh}` }
  throw new ChartferryError('UPLOAD_INVALID', 'the request for a token has neither a password nor a refresh token', {
    hint: 'Send grant_type=password with username and password, or grant_type=refresh_token with refresh_token.',
  })
}
