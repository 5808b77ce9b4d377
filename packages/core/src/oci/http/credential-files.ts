// Who we are to registries, from the files that Docker, containers and Helm write (config.json, auth.json).
import { randomUUID } from 'node:crypto'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { ChartferryError, messageOf } from '../../errors.ts'
import { askHelper, eraseFromHelper, tellHelper } from './credential-program.ts'
import type { Credential, CredentialSource, IdentityToken } from './credentials.ts'

type Fields = Readonly<Record<string, unknown>>

/** The key that Docker has always used for its own registry. */
const hubKey = 'https://index.docker.io/v1/'
const hubNames = ['docker.io', 'index.docker.io', 'registry-1.docker.io']

/**
 * Looks into files in order; a file that is missing has nothing. Each is read once. Throws CONFIG_INVALID for one that
 * is no JSON.
 */
export function credentialFiles(files: readonly string[]): CredentialSource {
  let documents: Promise<readonly Fields[]> | undefined
  const found = new Map<string, Promise<Credential | IdentityToken | undefined>>()
  const find = async (host: string, path: string): Promise<Credential | IdentityToken | undefined> => {
    documents ??= Promise.all(files.map(readDocument))
    for (const document of await documents) {
      const credential = await findIn(document, host, path)
      if (credential !== undefined) return credential
    }
    return undefined
  }
  return {
    credentialFor: (host, path = '') => {
      const key = `${host}/${path}`
      const known = found.get(key) ?? find(host, path)
      found.set(key, known)
      return known
    },
  }
}

/**
 * Writes a credential into a file, or into the helper that the file names. The rest of the file stays. Throws
 * CONFIG_INVALID, STORE_UNAVAILABLE, REGISTRY_DENIED.
 */
export async function storeCredential(file: string, host: string, username: string, password: string): Promise<void> {
  const document = await readDocument(file)
  const key = serverKey(host)
  const helper = helperOf(document, host)
  if (helper !== undefined) return tellHelper(helper, key, username, password)
  const auth = Buffer.from(`${username}:${password}`).toString('base64')
  const others = Object.entries(fields(document.auths)).filter(([name]) => !isSameServer(name, host))
  await writeDocument(file, { ...document, auths: { ...Object.fromEntries(others), [key]: { auth } } })
}

/** Takes a credential out of a file and of its helper; false where there was none. Throws as `storeCredential` does. */
export async function eraseCredential(file: string, host: string): Promise<boolean> {
  const document = await readDocument(file)
  const helper = helperOf(document, host)
  const erased = helper !== undefined && (await eraseFromHelper(helper, serverKey(host)))
  const auths = Object.entries(fields(document.auths))
  const others = auths.filter(([name]) => !isSameServer(name, host))
  if (others.length === auths.length) return erased
  await writeDocument(file, { ...document, auths: Object.fromEntries(others) })
  return true
}

function serverKey(host: string): string {
  return hubNames.includes(host) ? hubKey : host
}

/** A key without scheme and API version: `https://quay.io/v2/` is `quay.io`. */
function bareKey(key: string): string {
  return key.replace(/^https?:\/\//, '').replace(/\/(v[12]\/?)?$/, '')
}

function isSameServer(key: string, host: string): boolean {
  const bare = bareKey(key)
  return bare === host || (hubNames.includes(bare) && hubNames.includes(host))
}

function fields(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {}
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

function helperOf(document: Fields, host: string): string | undefined {
  const own = Object.entries(fields(document.credHelpers)).find(([key]) => isSameServer(key, host))?.[1]
  return text(own) ?? text(document.credsStore)
}

async function findIn(document: Fields, host: string, path: string): Promise<Credential | IdentityToken | undefined> {
  const entry = entryFor(fields(document.auths), host, path)
  const written = entry === undefined ? undefined : readEntry(entry)
  if (written !== undefined) return written
  const helper = helperOf(document, host)
  return helper === undefined ? undefined : askHelper(helper, serverKey(host))
}

/** The entry whose key names most of the path: `quay.io/team` before `quay.io`. */
function entryFor(auths: Fields, host: string, path: string): Fields | undefined {
  const parts = path === '' ? [] : path.split('/')
  for (let count = parts.length; count >= 0; count--) {
    const prefix = parts.slice(0, count).join('/')
    const found = Object.entries(auths).find(([key]) =>
      count === 0 ? isSameServer(key, host) : bareKey(key) === `${host}/${prefix}`,
    )
    if (found !== undefined) return fields(found[1])
  }
  return undefined
}

function readEntry(entry: Fields): Credential | IdentityToken | undefined {
  const identity = text(entry.identitytoken)
  if (identity !== undefined) return { kind: 'identity', token: identity }
  const token = text(entry.registrytoken)
  if (token !== undefined) return { kind: 'bearer', token }
  const decoded = Buffer.from(text(entry.auth) ?? '', 'base64').toString('utf8')
  const colon = decoded.indexOf(':')
  const username = colon > 0 ? decoded.slice(0, colon) : text(entry.username)
  // Docker pads what it writes with zero bytes.
  const password = colon > 0 ? decoded.slice(colon + 1).replace(/\0+$/, '') : text(entry.password)
  return username === undefined || password === undefined ? undefined : { kind: 'basic', username, password }
}

async function readDocument(file: string): Promise<Fields> {
  let content: string
  try {
    content = await readFile(file, 'utf8')
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && (cause.code === 'ENOENT' || cause.code === 'ENOTDIR')) return {}
    throw new ChartferryError('CONFIG_INVALID', `${file}: ${messageOf(cause)}`, { cause })
  }
  if (content.trim() === '') return {}
  try {
    return fields(JSON.parse(content))
  } catch (cause) {
    throw new ChartferryError('CONFIG_INVALID', `${file}: not JSON`, {
      cause,
      hint: 'It holds registry credentials, as docker login writes them.',
    })
  }
}

/** For its owner alone, and in one step. */
async function writeDocument(file: string, document: Fields): Promise<void> {
  const aside = `${file}.${randomUUID()}`
  try {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 })
    await writeFile(aside, `${JSON.stringify(document, null, 2)}\n`, { mode: 0o600, flag: 'wx' })
    await rename(aside, file)
  } catch (cause) {
    await rm(aside, { force: true })
    throw new ChartferryError('STORE_UNAVAILABLE', `${file}: ${messageOf(cause)}`, { cause })
  }
}
