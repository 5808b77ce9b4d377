// Who may pull and push, as ChartMuseum decides it: one name and password, or tokens that name what they allow.
import { createHash, timingSafeEqual } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { ChartferryError, isChartferryError } from '@chartferry/core'
import { messageOf } from '@chartferry/core/internal'
import { readAuthorization } from '../auth/authorization.ts'
import { verifyJwt } from '../auth/jwt.ts'
import { type KeySource, pemKeys } from '../auth/key-source.ts'
import type { ChartMuseumAuth, ChartMuseumConfig } from './chartmuseum-config.ts'
import { defaultSearchPath, parseSearchPath, type SearchPath } from './search-path.ts'

/** What a request needs to be allowed; undefined: nothing. */
export type ChartMuseumAction = 'pull' | 'push' | undefined

export interface ChartMuseumAccess {
  /** Whether nobody is asked who they are. */
  isOpen(action: ChartMuseumAction): boolean
  /** Undefined when the request may go on; otherwise what WWW-Authenticate says. */
  challenge(
    headers: { readonly authorization?: string | undefined },
    action: ChartMuseumAction,
    repository: string,
  ): Promise<string | undefined>
}

const entryType = 'artifact-repository'
/** What a token calls the repository at depth 0. */
const rootName = 'repo'

/** Throws CONFIG_INVALID when the certificate cannot be read or the search path cannot be understood. */
export async function chartmuseumAccess(
  { auth, anonymousGet }: Pick<ChartMuseumConfig, 'auth' | 'anonymousGet'>,
  now: () => number,
): Promise<ChartMuseumAccess> {
  if (auth === undefined) return { isOpen: () => true, challenge: async () => undefined }
  const check = auth.kind === 'basic' ? basicCheck(auth) : await bearerCheck(auth, now)
  const isOpen = (action: ChartMuseumAction): boolean => action === undefined || (action === 'pull' && anonymousGet)
  return {
    isOpen,
    challenge: async (headers, action, repository) =>
      action === undefined || isOpen(action) ? undefined : check(headers, action, repository),
  }
}

type Check = (
  headers: { readonly authorization?: string | undefined },
  action: 'pull' | 'push',
  repository: string,
) => Promise<string | undefined>

function basicCheck({ username, password }: ChartMuseumAuth & { readonly kind: 'basic' }): Check {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
  const wanted = digest(JSON.stringify([username, password]))
  return async ({ authorization = '' }) => {
    const given = /^basic +([A-Za-z0-9+/=]+) *$/i.exec(authorization)?.[1] ?? ''
    const text = Buffer.from(given, 'base64').toString()
    const colon = text.indexOf(':')
    const isRight = timingSafeEqual(digest(JSON.stringify([text.slice(0, colon), text.slice(colon + 1)])), wanted)
    return isRight && colon >= 0 ? undefined : 'Basic realm="ChartMuseum"'
  }
}

async function bearerCheck(auth: ChartMuseumAuth & { readonly kind: 'bearer' }, now: () => number): Promise<Check> {
  const { realm, service, certificate } = auth
  const search = parseSearchPath(auth.searchPath ?? defaultSearchPath)
  const keys = await keysOf(certificate)
  return async (headers, action, repository) => {
    const namespace = repository === '' ? rootName : repository
    if (await isAllowed(headers, action, namespace)) return undefined
    return `Bearer realm="${quotable(realm)}",service="${quotable(service)}",scope="${entryType}:${quotable(namespace)}:${action}"`
  }

  async function isAllowed(
    headers: { readonly authorization?: string | undefined },
    action: string,
    namespace: string,
  ): Promise<boolean> {
    const given = readAuthorization(headers)
    if (given?.kind !== 'bearer') return false
    try {
      // ChartMuseum takes tokens that never end, of the one algorithm.
      const claims = await verifyJwt(given.token, { keys, algorithms: ['RS256'], mayLastForEver: true }, now())
      return allows(search, claims, action, namespace)
    } catch (thrown) {
      if (isChartferryError(thrown, 'UNAUTHENTICATED')) return false
      throw thrown
    }
  }
}

function allows(search: SearchPath, claims: unknown, action: string, namespace: string): boolean {
  const actions = search(claims, { $NAMESPACE: namespace, $ACCESS_ENTRY_TYPE: entryType })
  return Array.isArray(actions) && actions.includes(action)
}

async function keysOf(file: string): Promise<KeySource> {
  try {
    return pemKeys(await readFile(file, 'utf8'))
  } catch (thrown) {
    throw new ChartferryError('CONFIG_INVALID', `--auth-cert-path: ${file}: ${messageOf(thrown)}`, { cause: thrown })
  }
}

/** What may stand between quotes in a header. */
function quotable(text: string): string {
  return text.replace(/[^\x20-\x7e]|["\\]/g, (character) => encodeURIComponent(character))
}
