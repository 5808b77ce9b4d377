// Starts the server and stops it: the main path of the package.
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { ChartferryError, messageOf, version } from '@chartferry/core'
import { pino } from 'pino'
import { assemble } from './assemble/assemble.ts'
import { theServer } from './auth/access.ts'
import type { ServerConfig } from './config/config.ts'
import { loadConfig } from './config/load-config.ts'
import { describeRepositories } from './proxy/describe-repositories.ts'
import type { RepositoryStatus } from './proxy/repository-proxy.ts'

export interface ServeOptions {
  /** Default: `loadConfig()`. */
  readonly config?: ServerConfig
  /** Where log lines go. Default: standard error. */
  readonly logTo?: { write(line: string): void }
  /** Where proxy variables are read. Default: the process's. */
  readonly environment?: Readonly<Record<string, string | undefined>>
  /** Milliseconds since 1970. Default: `Date.now`. */
  readonly now?: () => number
}

export interface RunningServer {
  /** Where it listens. */
  readonly url: string
  readonly config: ServerConfig
  /** All repositories, in the order of the configuration. Asks no upstream. */
  repositories(): Promise<readonly RepositoryStatus[]>
  /** What to print when the server has started: address, repositories, the lines to type next. */
  banner(): Promise<string>
  /** Takes no new requests, lets those that run end within the configured time, then closes everything. */
  close(): Promise<void>
}

/**
 * Starts a server; no upstream has to be there. Throws CONFIG_INVALID (also for an address that cannot be had),
 * STORE_UNAVAILABLE.
 */
export async function serve(options: ServeOptions = {}): Promise<RunningServer> {
  const config = options.config ?? (await loadConfig())
  const { now = Date.now, environment = process.env, logTo = process.stderr } = options
  const log = pino({ level: config.logLevel, base: null, timestamp: pino.stdTimeFunctions.isoTime }, logTo)
  const assembly = await assemble({ config, log, now, environment })
  const handle = assembly.app.callback()
  const server = createServer((request, response) => void handle(request, response))
  try {
    await listen(server, config)
  } catch (thrown) {
    await assembly.close()
    throw thrown
  }
  const url = urlOf(server)
  const repositories = (): Promise<readonly RepositoryStatus[]> =>
    Promise.all([...config.repositories.keys()].map((name) => assembly.proxy.status(name, { caller: theServer })))
  let closing: Promise<void> | undefined
  return {
    url,
    config,
    repositories,
    banner: async () => {
      const shown = config.publicUrl ?? url
      return `chartferry ${version} · ${shown} · data in ${config.data}\n\n${describeRepositories(await repositories(), shown)}`
    },
    close: () => {
      closing ??= stop(server, config.stopWithin).then(() => assembly.close())
      return closing
    },
  }
}

async function listen(server: Server, { host, port }: ServerConfig): Promise<void> {
  await new Promise<void>((done, fail) => {
    server.once('error', fail)
    server.listen(port, host, () => {
      server.off('error', fail)
      done()
    })
  }).catch((thrown: unknown) => {
    throw new ChartferryError('CONFIG_INVALID', `cannot listen on ${host}:${port}: ${messageOf(thrown)}`, {
      cause: thrown,
      hint: 'Choose another address: `listen` in the configuration, or CHARTFERRY_LISTEN.',
    })
  })
}

function urlOf(server: Server): string {
  const { address, family, port } = server.address() as AddressInfo
  const host = address === '0.0.0.0' || address === '::' ? '127.0.0.1' : family === 'IPv6' ? `[${address}]` : address
  return `http://${host}:${port}`
}

/** Closes idle connections at once, busy ones when their answer is out, and all of them at the deadline. */
async function stop(server: Server, milliseconds: number): Promise<void> {
  const closed = new Promise<void>((done) => server.close(() => done()))
  server.closeIdleConnections()
  const deadline = setTimeout(() => server.closeAllConnections(), milliseconds)
  await closed
  clearTimeout(deadline)
}
