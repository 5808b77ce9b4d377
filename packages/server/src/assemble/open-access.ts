// Who is known and what they may do: the configuration becomes an authenticator and rules.
import type { HttpClient } from '@chartferry/core/internal'
import { type Access, accessOf } from '../auth/access.ts'
import { type Authenticator, firstOf } from '../auth/authenticator.ts'
import { basicAuthenticator } from '../auth/basic.ts'
import { bearerAuthenticator } from '../auth/bearer.ts'
import { jwksKeys } from '../auth/jwks.ts'
import { pemKeys } from '../auth/key-source.ts'
import { tokenAuthenticator } from '../auth/tokens.ts'
import type { AuthConfig } from '../config/access-config.ts'
import type { ServerConfig } from '../config/config.ts'

/** Tokens first, since they cost least; asks issuers for their keys through the client. `own` judges ours. */
export function authenticatorOf(
  { users, tokens, issuers }: AuthConfig,
  { client, now, own }: { readonly client: HttpClient; readonly now: () => number; readonly own?: Authenticator },
): Authenticator {
  const trusted = issuers.map(({ keys, jwksUrl, ...rules }) => ({
    ...rules,
    keys: keys === undefined ? jwksKeys({ client, url: jwksUrl, issuer: rules.issuer }) : pemKeys(keys),
  }))
  const taken = new Set([...users.keys(), ...tokens.map(({ name }) => name)])
  return firstOf([
    ...(own === undefined ? [] : [own]),
    ...(tokens.length > 0 ? [tokenAuthenticator(tokens, now)] : []),
    ...(trusted.length > 0 ? [bearerAuthenticator(trusted, { now, taken })] : []),
    ...(users.size > 0 ? [basicAuthenticator(users)] : []),
  ])
}

/** The rules of all repositories. */
export function accessRules({ access: { metrics, admin, ...everywhere }, repositories, images }: ServerConfig): Access {
  const membersOf = (name: string): readonly string[] => {
    const repository = repositories.get(name)
    // What is relocated of a group shows each caller what the group does.
    if (repository?.kind === 'relocated') return membersOf(repository.relocation.of)
    if (repository?.kind !== 'group') return []
    return repository.members.flatMap((member) => [member, ...membersOf(member)])
  }
  const members = [...repositories.keys()].map((name) => [name, membersOf(name)] as const)
  return accessOf({
    everywhere,
    server: { metrics, admin },
    repositories: new Map([...repositories, ...images.registries].map(([name, { access }]) => [name, access] as const)),
    members: new Map(members),
  })
}
