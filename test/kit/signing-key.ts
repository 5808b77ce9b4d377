// A key of gpg's, made for one test, in the form that helm reads.
import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const execute = promisify(execFile)

export interface SigningKey {
  readonly name: string
  /** Keyring files in the legacy form. */
  readonly secretKeyring: string
  readonly publicKeyring: string
  /** A clear-signed message of a text. */
  clearSign(text: string): Promise<Buffer>
  close(): Promise<void>
}

/** Makes a key without a passphrase. Undefined where there is no gpg. */
export async function createSigningKey(): Promise<SigningKey | undefined> {
  // The path of gpg's socket must be short.
  const folder = await mkdtemp(join(tmpdir(), 'cfgpg-'))
  const gpg = async (args: readonly string[], input?: string): Promise<Buffer> => {
    const running = execute(
      'gpg',
      ['--homedir', folder, '--batch', '--quiet', '--passphrase', '', '--pinentry-mode', 'loopback', ...args],
      {
        encoding: 'buffer',
      },
    )
    // What ends without having read is told by its exit code.
    running.child.stdin?.on('error', () => {})
    if (input !== undefined) running.child.stdin?.end(input)
    return (await running).stdout
  }
  try {
    await gpg(['--version'])
  } catch {
    await rm(folder, { recursive: true })
    return undefined
  }
  const name = 'Chart Tester <tester@example.com>'
  await gpg(['--quick-gen-key', name, 'rsa2048', 'sign', 'never'])
  const secretKeyring = join(folder, 'secret.gpg')
  const publicKeyring = join(folder, 'public.gpg')
  await writeFile(secretKeyring, await gpg(['--export-secret-keys']))
  await writeFile(publicKeyring, await gpg(['--export']))
  return {
    name,
    secretKeyring,
    publicKeyring,
    clearSign: (text) => gpg(['--clearsign'], text),
    close: async () => {
      await execute('gpgconf', ['--homedir', folder, '--kill', 'all']).catch(() => {})
      await rm(folder, { recursive: true, force: true })
    },
  }
}
