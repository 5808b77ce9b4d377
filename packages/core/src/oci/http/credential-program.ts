// Programs that keep credentials for Docker and its like (github.com/docker/docker-credential-helpers):
// `docker-credential-NAME`.
import { spawn } from 'node:child_process'
import { ChartferryError, messageOf } from '../../errors.ts'
import type { Credential, IdentityToken } from './credentials.ts'

const timeout = 30_000
/** What the helpers print where they know nothing. */
const notFound = /credentials not found/i

/** Asks a helper; undefined where it knows nothing of the server. Throws REGISTRY_DENIED where it fails. */
export async function askHelper(name: string, server: string): Promise<Credential | IdentityToken | undefined> {
  const { code, output } = await runHelper(name, 'get', server)
  if (code !== 0 && notFound.test(output)) return undefined
  const answer = code === 0 ? parseAnswer(output) : undefined
  if (answer === undefined) throw failure(name, server, code === 0 ? 'its answer is no JSON' : output)
  if (answer.Username === '<token>') return { kind: 'identity', token: answer.Secret }
  if (answer.Username === '' && answer.Secret === '') return undefined
  return { kind: 'basic', username: answer.Username, password: answer.Secret }
}

/** Gives a helper something to keep. Throws REGISTRY_DENIED. */
export async function tellHelper(name: string, server: string, username: string, password: string): Promise<void> {
  const { code, output } = await runHelper(
    name,
    'store',
    JSON.stringify({ ServerURL: server, Username: username, Secret: password }),
  )
  if (code !== 0) throw failure(name, server, output)
}

/** Makes a helper forget a server; false where it knew nothing. Throws REGISTRY_DENIED. */
export async function eraseFromHelper(name: string, server: string): Promise<boolean> {
  const { code, output } = await runHelper(name, 'erase', server)
  if (code === 0) return true
  if (notFound.test(output)) return false
  throw failure(name, server, output)
}

function failure(name: string, server: string, why: string): ChartferryError {
  return new ChartferryError('REGISTRY_DENIED', `docker-credential-${name}: ${why.trim().slice(0, 300)}`, {
    hint: `The configuration asks this program for the credentials of ${server}: install it or mend it.`,
  })
}

function parseAnswer(output: string): { readonly Username: string; readonly Secret: string } | undefined {
  try {
    const { Username = '', Secret = '' } = JSON.parse(output) as {
      readonly Username?: unknown
      readonly Secret?: unknown
    }
    return typeof Username === 'string' && typeof Secret === 'string' ? { Username, Secret } : undefined
  } catch {
    return undefined
  }
}

function runHelper(
  name: string,
  verb: string,
  input: string,
): Promise<{ readonly code: number; readonly output: string }> {
  // The name comes from a file: it must stay one program's name.
  if (!/^[\w.-]+$/.test(name))
    return Promise.resolve({ code: 1, output: `${JSON.stringify(name)} is no name of a helper` })
  return new Promise((resolve) => {
    const child = spawn(`docker-credential-${name}`, [verb], { timeout, stdio: ['pipe', 'pipe', 'pipe'] })
    let output = ''
    const take = (piece: Buffer): void => {
      output = (output + piece.toString()).slice(0, 100_000)
    }
    child.stdout.on('data', take)
    child.stderr.on('data', take)
    child.on('error', (error) => resolve({ code: 1, output: messageOf(error) }))
    child.on('close', (code) => resolve({ code: code ?? 1, output }))
    child.stdin.on('error', () => {})
    child.stdin.end(input)
  })
}
