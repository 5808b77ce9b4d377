// Who is known and who may do what, as the configuration says it, once read.

/** What can be done with a repository. */
export const repositoryActions = ['pull', 'push', 'delete'] as const

export type RepositoryAction = (typeof repositoryActions)[number]

/** What can be done with the server. */
export type ServerAction = 'metrics' | 'admin'

/**
 * To whom a rule gives something: `anyone`; `users`, which is everybody with right credentials; `loopback`, which is
 * clients of the same machine, where they are told from others (config/loopback.ts); `group:NAME`; or the name of a
 * principal.
 */
export type Subject = string

export type RepositoryRules = Readonly<Record<RepositoryAction, readonly Subject[]>>
export type ServerRules = Readonly<Record<ServerAction, readonly Subject[]>>

/** How a user's password is known: as it is, or as bcrypt's hash of it. */
export type KnownPassword = { readonly plain: string } | { readonly bcrypt: string }

export interface UserConfig {
  readonly password: KnownPassword
  readonly groups: readonly string[]
}

export interface TokenConfig {
  readonly name: string
  /** SHA-256 of the token, 32 bytes. */
  readonly sha256: Uint8Array
  readonly groups: readonly string[]
  /** Milliseconds since 1970 from which it is not taken any more; undefined: never. */
  readonly expires?: number | undefined
}

/** Algorithms with a public key. Those with a shared secret are never taken, so a public key cannot be used as one. */
export const jwtAlgorithms = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
] as const

export type JwtAlgorithm = (typeof jwtAlgorithms)[number]

/** Whose signed tokens are taken. */
export interface IssuerConfig {
  readonly issuer: string
  readonly audience: string
  /** Where its keys are; undefined: where its OpenID configuration says. */
  readonly jwksUrl?: string | undefined
  /** Its public keys (PEM), instead of asking for them. */
  readonly keys?: string | undefined
  readonly algorithms: readonly JwtAlgorithm[]
  readonly nameClaim: string
  readonly groupsClaim?: string | undefined
}

export interface AuthConfig {
  readonly users: ReadonlyMap<string, UserConfig>
  readonly tokens: readonly TokenConfig[]
  readonly issuers: readonly IssuerConfig[]
}

export interface AccessConfig extends ServerRules, RepositoryRules {}

/** Whether anybody can have credentials. */
export function knowsSomebody({ users, tokens, issuers }: AuthConfig): boolean {
  return users.size + tokens.length + issuers.length > 0
}

/**
 * What holds where the configuration says nothing: by whether it knows anybody, and by whether metrics have an address
 * of their own, which then is what keeps others from them. Who runs a server that knows somebody says who that is.
 */
export function defaultAccess(auth: AuthConfig, hasAdminListener: boolean): AccessConfig {
  const metrics = hasAdminListener || !knowsSomebody(auth) ? ['anyone'] : ['users']
  return knowsSomebody(auth)
    ? { pull: ['users'], push: ['users'], delete: ['users'], metrics, admin: [] }
    : { pull: ['anyone'], push: ['loopback'], delete: ['loopback'], metrics, admin: ['loopback'] }
}
