// Tokens that clients of registries fetch from us for what they are about to do (distribution, token authentication):
// signed, short-lived, good for what they name and no more than their owner may.
import { createHmac, timingSafeEqual } from 'node:crypto'
import type { BlobStore } from '@chartferry/core/transfer'
import { type RepositoryAction, repositoryActions } from '../config/access-config.ts'
import { type Authenticator, type Principal, unauthenticated } from './authenticator.ts'
import { readAuthorization } from './authorization.ts'
import { sharedKey } from './shared-key.ts'

/** What a token is good for. */
export interface Grant {
  /** The whole name of a repository, as it stands below `/v2/`. */
  readonly name: string
  readonly actions: readonly RepositoryAction[]
}

export interface RegistryTokens {
  /** A token for somebody; undefined: for anybody. */
  readonly issue: (
    owner: Principal | undefined,
    grants: readonly Grant[],
  ) => Promise<{ readonly token: string; readonly issuedAt: number }>
  /** Judges tokens of ours. Throws UNAUTHENTICATED for one that has expired or was changed. */
  readonly authenticator: Authenticator
}

/** Seconds for which a token is good. */
export const tokenSeconds: number = 300

interface Payload {
  readonly name?: string
  readonly groups?: readonly string[]
  readonly grants: readonly Grant[]
  /** Milliseconds since 1970. */
  readonly until: number
}

const prefix = 'chartferry.'
const keyPlace = 'auth/registry-token-key'

/** Tokens of all servers on a store: they share the key, which the first one makes. */
export function registryTokens(store: BlobStore, now: () => number): RegistryTokens {
  const ownKey = sharedKey(store, keyPlace)
  const signatureOf = async (payload: string): Promise<Buffer> =>
    createHmac('sha256', await ownKey())
      .update(payload)
      .digest()

  async function read(token: string): Promise<Payload> {
    const [payload = '', signature = ''] = token.slice(prefix.length).split('.')
    const [given, right] = [Buffer.from(signature, 'base64url'), await signatureOf(payload)]
    if (given.length !== right.length || !timingSafeEqual(given, right))
      throw unauthenticated('the token is not right', 'a token of the registry with a wrong signature')
    return JSON.parse(Buffer.from(payload, 'base64url').toString()) as Payload
  }

  return {
    issue: async (owner, grants) => {
      const issuedAt = now()
      const content: Payload = {
        ...(owner === undefined ? {} : { name: owner.name, groups: owner.groups }),
        grants,
        until: issuedAt + tokenSeconds * 1000,
      }
      const payload = Buffer.from(JSON.stringify(content)).toString('base64url')
      return { token: `${prefix}${payload}.${(await signatureOf(payload)).toString('base64url')}`, issuedAt }
    },
    authenticator: {
      authenticate: async (headers) => {
        const given = readAuthorization(headers)
        if (given?.kind !== 'bearer' || !given.token.startsWith(prefix)) return undefined
        const { name, groups = [], grants, until } = await read(given.token)
        if (until <= now()) throw unauthenticated('the token is not right', 'a token of the registry that has expired')
        return name === undefined ? { name: '', groups: [], grants, isAnybody: true } : { name, groups, grants }
      },
    },
  }
}

/** Scopes as clients ask for them: `repository:local/web:pull,push`, several in one text or in many; others are left out. */
export function parseScopes(scopes: readonly string[]): readonly Grant[] {
  return scopes
    .flatMap((scope) => scope.split(' '))
    .slice(0, 64)
    .flatMap((scope) => {
      const match = /^repository(?:\([^)]*\))?:(.+):([a-z,*]*)$/.exec(scope)
      if (match === null) return []
      const [, name = '', wanted = ''] = match
      const asked = wanted.split(',')
      return [
        {
          name,
          actions: asked.includes('*')
            ? [...repositoryActions]
            : repositoryActions.filter((each) => asked.includes(each)),
        },
      ]
    })
}
