// The registries that people run: Debian's docker-registry, distribution 3, and crane's; each on a free port with a
// folder of its own.
import { execFileSync, spawn } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { freePort } from './free-port.ts'

export interface RealRegistryOptions {
  /** The binary, and which one it is. */
  readonly command: string
  readonly kind: 'distribution' | 'crane'
  /** Whether it speaks TLS, with a certificate of `ca`, and wants a password. Default: neither. */
  readonly secured?: {
    readonly htpasswd: string
    readonly user: string
    readonly password: string
    readonly authority: Authority
  }
}

export interface RealRegistry {
  /** `127.0.0.1:PORT`. */
  readonly host: string
  close(): Promise<void>
}

/** An authority of our own, and a certificate for 127.0.0.1 that it signed. */
export interface Authority {
  readonly caFile: string
  readonly certFile: string
  readonly keyFile: string
}

/** Makes an authority in a folder. */
export async function makeAuthority(folder: string): Promise<Authority> {
  const at = (name: string): string => join(folder, name)
  const openssl = (...args: readonly string[]): void =>
    void execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' })
  const request = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  openssl(
    'req',
    '-x509',
    ...request,
    '-keyout',
    at('ca.key'),
    '-out',
    at('ca.pem'),
    '-days',
    '2',
    '-subj',
    '/CN=test authority',
  )
  openssl('req', ...request, '-keyout', at('key.pem'), '-out', at('cert.csr'), '-subj', '/CN=127.0.0.1')
  await writeFile(at('names'), 'subjectAltName=IP:127.0.0.1\n')
  openssl(
    'x509',
    '-req',
    '-in',
    at('cert.csr'),
    '-CA',
    at('ca.pem'),
    '-CAkey',
    at('ca.key'),
    '-CAcreateserial',
    '-out',
    at('cert.pem'),
    '-days',
    '2',
    '-extfile',
    at('names'),
  )
  return { caFile: at('ca.pem'), certFile: at('cert.pem'), keyFile: at('key.pem') }
}

/** Starts a registry and waits until it answers. */
export async function startRealRegistry({ command, kind, secured }: RealRegistryOptions): Promise<RealRegistry> {
  const folder = await mkdtemp(join(tmpdir(), 'chartferry-registry-'))
  const port = await freePort()
  await mkdir(join(folder, 'data'))
  const config = [
    'version: 0.1',
    'log: {level: error, accesslog: {disabled: true}}',
    `storage: {filesystem: {rootdirectory: ${folder}/data}}`,
  ]
  if (secured === undefined) config.push(`http: {addr: "127.0.0.1:${port}"}`)
  else {
    const { authority, htpasswd, user, password } = secured
    await writeFile(
      join(folder, 'htpasswd'),
      execFileSync(htpasswd, ['-nbB', user, password], { encoding: 'utf8' }).trim(),
    )
    config.push(
      `http: {addr: "127.0.0.1:${port}", tls: {certificate: ${authority.certFile}, key: ${authority.keyFile}}}`,
      `auth: {htpasswd: {realm: test, path: ${folder}/htpasswd}}`,
    )
  }
  await writeFile(join(folder, 'config.yml'), `${config.join('\n')}\n`)
  const args =
    kind === 'crane'
      ? ['registry', 'serve', '--address', `127.0.0.1:${port}`, '--disk', join(folder, 'data')]
      : ['serve', join(folder, 'config.yml')]
  const child = spawn(command, args, { stdio: 'ignore', env: { ...process.env, OTEL_TRACES_EXPORTER: 'none' } })
  const exited = new Promise((done) => child.once('exit', done))
  const close = async (): Promise<void> => {
    child.kill('SIGKILL')
    await exited
    await rm(folder, { recursive: true, force: true })
  }
  for (let attempt = 0; attempt < 100; attempt++) {
    if (await answers(port)) return { host: `127.0.0.1:${port}`, close }
    await wait(100)
  }
  await close()
  throw new Error(`${command} does not answer: ${await readFile(join(folder, 'config.yml'), 'utf8').catch(() => '')}`)
}

function answers(port: number): Promise<boolean> {
  return fetch(`http://127.0.0.1:${port}/v2/`).then(
    () => true,
    () => false,
  )
}
