// The form of the settings `auth` and `access`.
import * as v from 'valibot'
import { type JwtAlgorithm, jwtAlgorithms } from './access-config.ts'
import { httpUrl, text } from './scalars.ts'

/** Names that rules use for others than one principal, and the user name under which tokens come as passwords. */
const reserved = ['anyone', 'users', 'loopback', 'token']

const principalName = v.pipe(
  v.string(),
  v.regex(/^[^\s:]{1,128}$/, 'a name has no spaces and no colon'),
  v.check((name) => !reserved.includes(name), 'this name has a meaning of its own'),
)

const user = v.strictObject({
  password: v.optional(text),
  passwordFile: v.optional(text),
  passwordHash: v.optional(text),
})

const token = v.strictObject({
  sha256: v.optional(
    v.pipe(
      v.string('must be the 64 hexadecimal digits of a SHA-256, in quotes'),
      v.regex(/^[0-9a-f]{64}$/, 'must be the 64 hexadecimal digits of a SHA-256'),
    ),
  ),
  tokenFile: v.optional(text),
  expires: v.optional(
    v.pipe(
      v.string('write it as 2027-01-31 or 2027-01-31T12:00:00Z'),
      v.regex(/^\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\dZ)?$/, 'write it as 2027-01-31 or 2027-01-31T12:00:00Z'),
      v.check((value) => !Number.isNaN(Date.parse(value)), 'there is no such day'),
    ),
  ),
})

const issuer = v.strictObject({
  issuer: httpUrl,
  audience: text,
  jwksUrl: v.optional(httpUrl),
  keyFile: v.optional(text),
  algorithms: v.optional(
    v.pipe(
      v.array(v.picklist(jwtAlgorithms, `must be among ${jwtAlgorithms.join(', ')}`)),
      v.minLength(1, 'must name one'),
    ),
    [...jwtAlgorithms],
  ),
  nameClaim: v.optional(text, 'sub'),
  groupsClaim: v.optional(text),
})

export const authSchema: v.GenericSchema<unknown, AuthDocument> = v.strictObject({
  usersFile: v.optional(text),
  users: v.optional(v.record(principalName, user), {}),
  tokens: v.optional(v.record(principalName, token), {}),
  groups: v.optional(v.record(principalName, v.array(text, 'must be a list of names')), {}),
  issuers: v.optional(v.array(issuer, 'must be a list'), []),
})

const subjects = v.optional(v.array(text, 'must be a list of names'))

/** What a repository may say for itself. */
export const repositoryAccessSchema: v.GenericSchema<unknown, AccessDocument> = v.strictObject({
  pull: subjects,
  push: subjects,
  delete: subjects,
})

export const accessSchema: v.GenericSchema<unknown, AccessDocument> = v.strictObject({
  pull: subjects,
  push: subjects,
  delete: subjects,
  metrics: subjects,
  admin: subjects,
})

/** The setting `auth` as the file has it. */
export interface AuthDocument {
  readonly usersFile?: string | undefined
  readonly users: Readonly<Record<string, UserDocument>>
  readonly tokens: Readonly<Record<string, TokenDocument>>
  readonly groups: Readonly<Record<string, readonly string[]>>
  readonly issuers: readonly IssuerDocument[]
}

export interface UserDocument {
  readonly password?: string | undefined
  readonly passwordFile?: string | undefined
  readonly passwordHash?: string | undefined
}

export interface TokenDocument {
  readonly sha256?: string | undefined
  readonly tokenFile?: string | undefined
  readonly expires?: string | undefined
}

export interface IssuerDocument {
  readonly issuer: string
  readonly audience: string
  readonly jwksUrl?: string | undefined
  readonly keyFile?: string | undefined
  readonly algorithms: readonly JwtAlgorithm[]
  readonly nameClaim: string
  readonly groupsClaim?: string | undefined
}

/** The setting `access` as the file has it; a repository has the first three. */
export interface AccessDocument {
  readonly pull?: readonly string[] | undefined
  readonly push?: readonly string[] | undefined
  readonly delete?: readonly string[] | undefined
  readonly metrics?: readonly string[] | undefined
  readonly admin?: readonly string[] | undefined
}
