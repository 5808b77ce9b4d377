// Reads the settings `auth` and `access`: files that they name, and whether the names in rules exist.
import { createHash, createPublicKey } from 'node:crypto'
import {
  type AccessConfig,
  type AuthConfig,
  defaultAccess,
  type IssuerConfig,
  type KnownPassword,
  type RepositoryRules,
  type TokenConfig,
  type UserConfig,
} from './access-config.ts'
import type { AccessDocument, AuthDocument, IssuerDocument, TokenDocument, UserDocument } from './access-schema.ts'
import { bcryptForm, parseHtpasswd } from './htpasswd.ts'
import type { Reading } from './reading.ts'

/** Who is known. Faults are told to the reading. */
export async function readAuth(document: AuthDocument, reading: Reading): Promise<AuthConfig> {
  const groupsOf = (name: string): readonly string[] =>
    Object.entries(document.groups).flatMap(([group, names]) => (names.includes(name) ? [group] : []))
  const users = new Map<string, UserConfig>()
  for (const [name, hash] of await readUsersFile(document.usersFile, reading))
    users.set(name, { password: { bcrypt: hash }, groups: groupsOf(name) })
  for (const [name, user] of Object.entries(document.users)) {
    const at = reading.below('users', name)
    if (users.has(name)) at.tell('is in usersFile too')
    const password = await passwordOf(user, at)
    if (password !== undefined) users.set(name, { password, groups: groupsOf(name) })
  }
  const tokens: TokenConfig[] = []
  for (const [name, token] of Object.entries(document.tokens)) {
    const at = reading.below('tokens', name)
    if (users.has(name)) at.tell('is the name of a user too')
    const sha256 = await hashOf(token, at)
    const expires = token.expires === undefined ? undefined : Date.parse(token.expires)
    if (sha256 !== undefined) tokens.push({ name, sha256, groups: groupsOf(name), expires })
  }
  const issuers = await Promise.all(
    document.issuers.map((issuer, at) => issuerOf(issuer, reading.below('issuers', String(at)))),
  )
  for (const [at, { issuer }] of issuers.entries())
    if (issuers.findIndex((other) => other.issuer === issuer) !== at) reading.tell(`issuers: ${issuer} is there twice`)
  // With issuers a group may have members that nobody knows here.
  if (issuers.length === 0) {
    const known = new Set([...users.keys(), ...tokens.map(({ name }) => name)])
    for (const [group, names] of Object.entries(document.groups))
      for (const name of names)
        if (!known.has(name)) reading.below('groups', group).tell(`there is no user or token "${name}"`)
  }
  return { users, tokens, issuers }
}

async function readUsersFile(path: string | undefined, reading: Reading): Promise<ReadonlyMap<string, string>> {
  if (path === undefined) return new Map()
  const { hashes, faults } = parseHtpasswd((await reading.file('usersFile', path)) ?? '')
  for (const { line, what } of faults) reading.tell(`usersFile: ${path}:${line}: ${what}`)
  return hashes
}

async function passwordOf(user: UserDocument, reading: Reading): Promise<KnownPassword | undefined> {
  const { password, passwordFile, passwordHash } = user
  if ([password, passwordFile, passwordHash].filter((given) => given !== undefined).length !== 1) {
    reading.tell('needs one of password, passwordFile and passwordHash')
    return undefined
  }
  if (passwordHash !== undefined) {
    if (!bcryptForm.test(passwordHash))
      reading.tell('passwordHash must be a bcrypt hash of cost 4 to 19, as `htpasswd -nB` prints it')
    return { bcrypt: passwordHash }
  }
  const plain =
    password === undefined
      ? await reading.secretFile('passwordFile', passwordFile ?? '')
      : reading.expand('password', password)
  return plain === undefined ? undefined : { plain }
}

async function hashOf({ sha256, tokenFile }: TokenDocument, reading: Reading): Promise<Uint8Array | undefined> {
  if ((sha256 === undefined) === (tokenFile === undefined)) {
    reading.tell('needs one of sha256 and tokenFile')
    return undefined
  }
  if (sha256 !== undefined) return Buffer.from(sha256, 'hex')
  const token = await reading.secretFile('tokenFile', tokenFile ?? '')
  if (token !== undefined && token.length < 20) reading.tell('tokenFile: a token has at least 20 characters')
  return token === undefined ? undefined : createHash('sha256').update(token).digest()
}

async function issuerOf({ keyFile, ...same }: IssuerDocument, reading: Reading): Promise<IssuerConfig> {
  if (keyFile === undefined) return same
  if (same.jwksUrl !== undefined) reading.tell('has keyFile and jwksUrl; give one of the two')
  const keys = await reading.file('keyFile', keyFile)
  if (keys !== undefined && !isPublicPem(keys))
    reading.tell(`keyFile: ${keyFile} has no public key or certificate (PEM)`)
  return { ...same, keys }
}

function isPublicPem(text: string): boolean {
  try {
    createPublicKey(text)
    return !/PRIVATE KEY-----/.test(text)
  } catch {
    return false
  }
}

/** The rules for all. */
export function readAccess(
  document: AccessDocument,
  auth: AuthConfig,
  { hasAdminListener }: { readonly hasAdminListener: boolean },
  reading: Reading,
): AccessConfig {
  const { metrics, admin } = document
  const defaults = defaultAccess(auth, hasAdminListener)
  checkSubjects(document, auth, reading)
  return {
    ...fillRules(document, defaults),
    metrics: metrics ?? defaults.metrics,
    admin: admin ?? defaults.admin,
  }
}

/** The rules of one repository; what it leaves out is as for all. */
export function readRepositoryAccess(
  document: AccessDocument | undefined,
  everywhere: RepositoryRules,
  auth: AuthConfig,
  reading: Reading,
): RepositoryRules {
  if (document !== undefined) checkSubjects(document, auth, reading)
  return fillRules(document, everywhere)
}

/** What a repository says of access, and what holds where it says nothing. */
export function fillRules(document: AccessDocument | undefined, defaults: RepositoryRules): RepositoryRules {
  return {
    pull: document?.pull ?? defaults.pull,
    push: document?.push ?? defaults.push,
    delete: document?.delete ?? defaults.delete,
  }
}

/** A name that nobody has is a slip; with issuers there are names and groups that only their tokens know. */
function checkSubjects(document: AccessDocument, { users, tokens, issuers }: AuthConfig, reading: Reading): void {
  if (issuers.length > 0) return
  const groups = new Set([...users.values(), ...tokens].flatMap((known) => known.groups))
  const names = new Set(['anyone', 'users', 'loopback', ...users.keys(), ...tokens.map(({ name }) => name)])
  for (const [action, subjects] of Object.entries(document) as [string, readonly string[] | undefined][])
    for (const subject of subjects ?? []) {
      const isGroup = subject.startsWith('group:')
      if (isGroup ? groups.has(subject.slice('group:'.length)) : names.has(subject)) continue
      reading
        .below(action)
        .tell(
          isGroup
            ? `there is no ${subject.replace(':', ' ')} with a member`
            : `there is no user, token or word "${subject}"`,
        )
    }
}
