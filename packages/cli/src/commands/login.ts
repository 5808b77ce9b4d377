// `chartferry login` and `chartferry logout`: credentials into the file that helm reads, or the one that is named.

import { ChartferryError } from '@chartferry/core'
import { eraseCredential, storeCredential } from '@chartferry/core/internal'
import { isHost } from '@chartferry/core/oci'
import { rememberPlainHttp } from '@chartferry/core/transfer'
import type { Command } from 'commander'
import {
  addRegistryOptions,
  addTlsOptions,
  helmRegistryConfig,
  openCommandRegistries,
  type RegistryOptions,
} from '../flags/registry-options.ts'
import { untilStopped } from '../flags/stop-signal.ts'
import { say } from '../print/say.ts'

interface LoginOptions extends RegistryOptions {
  readonly passwordStdin?: boolean
  readonly insecure?: boolean
}

/** Adds the command `login`. */
export function addLoginCommand(program: Command): void {
  const login = program
    .command('login <host>')
    .description('Try credentials at a registry, and keep them where helm keeps its own.')
    .requiredOption('-u, --username <name>', 'user')
    .option('-p, --password <text>', 'password; others can see it in the list of processes')
    .option('--password-stdin', 'read the password from standard input')
    .option('--insecure', 'believe any certificate')
  addTlsOptions(addRegistryOptions(login))
    .addHelpText('after', '\nExample:\n  $ chartferry login registry.corp:5000 -u ci --password-stdin < password.txt')
    .action((host: string, options: LoginOptions) => untilStopped((signal) => logIn(host, options, signal)))
}

/** Adds the command `logout`. */
export function addLogoutCommand(program: Command): void {
  program
    .command('logout <host>')
    .description('Take the credentials of a registry out of the file that login writes.')
    .option('--registry-config <file>', 'file with the credentials (default: helm’s)')
    .addHelpText('after', '\nExample:\n  $ chartferry logout registry.corp:5000')
    .action((host: string, options: Pick<RegistryOptions, 'registryConfig'>) => logOut(host, options))
}

async function logIn(host: string, options: LoginOptions, signal: AbortSignal): Promise<void> {
  checkHost(host)
  const { username = '', insecure = false, insecureSkipTlsVerify = insecure } = options
  const password = options.passwordStdin === true ? await readPassword() : options.password
  if (password === undefined || password === '') {
    const isRead = options.passwordStdin === true
    throw new ChartferryError('USAGE', isRead ? 'standard input holds no password' : 'there is no password', {
      hint: isRead ? 'Write it into a file, and end the command with: < FILE' : 'Give it with --password-stdin.',
    })
  }
  const registries = await openCommandRegistries({ ...options, username, password, insecureSkipTlsVerify })
  try {
    await registries.checkLogin(host, { signal })
  } finally {
    await registries.close()
  }
  const file = options.registryConfig ?? helmRegistryConfig()
  await storeCredential(file, host, username, password)
  await rememberPlainHttp(host, options.plainHttp === true)
  say(`logged in to ${host}; kept in ${file}`)
}

async function logOut(host: string, { registryConfig }: Pick<RegistryOptions, 'registryConfig'>): Promise<void> {
  checkHost(host)
  const file = registryConfig ?? helmRegistryConfig()
  const erased = await eraseCredential(file, host)
  say(erased ? `logged out of ${host}` : `there were no credentials of ${host} in ${file}`)
}

function checkHost(host: string): void {
  if (!isHost(host))
    throw new ChartferryError('USAGE', `${host}: not a host, with a port where it has one`, {
      hint: 'Without scheme and path: registry.corp:5000',
    })
}

async function readPassword(): Promise<string> {
  const pieces: Buffer[] = []
  for await (const piece of process.stdin as AsyncIterable<Buffer>) pieces.push(piece)
  return Buffer.concat(pieces)
    .toString()
    .replace(/\r?\n$/, '')
}
