// Starts a server that takes ChartMuseum's place: its flags, its routes, its storage.

import { readFile } from 'node:fs/promises'
import { createServer as createHttpServer, type Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { ChartferryError, messageOf } from '@chartferry/core'
import { pino } from 'pino'
import { assembleMuseum } from './assemble/assemble-museum.ts'
import { flags } from './chartmuseum/flags.ts'
import { type MuseumConfig, museumConfig } from './chartmuseum/museum-config.ts'
import { readSettings } from './chartmuseum/read-settings.ts'
import { gatherLines } from './metrics/log-lines.ts'

export interface ServeChartMuseumOptions {
  /** As ChartMuseum takes them. */
  readonly args: readonly string[]
  /** Default: the process's. */
  readonly environment?: Readonly<Record<string, string | undefined>>
  /** Where log lines go. Default: standard error. */
  readonly logTo?: { write(line: string): void }
  /** Milliseconds since 1970. Default: `Date.now`. */
  readonly now?: () => number
}

export interface RunningMuseum {
  /** Where it listens; undefined where only the index was asked for. */
  readonly url: string | undefined
  /** The index, where it was asked for with `--gen-index`. */
  readonly index: string | undefined
  close(): Promise<void>
}

/** Milliseconds for requests that run when the server is asked to stop. */
const stopWithin = 10_000

/** Throws CONFIG_INVALID for flags that are wrong, do not go together, or cannot be honoured; STORE_UNAVAILABLE. */
export async function serveChartMuseum(options: ServeChartMuseumOptions): Promise<RunningMuseum> {
  const { args, environment = process.env, now = Date.now, logTo = gatherLines(process.stderr) } = options
  const settings = await readSettings(args, { environment })
  const config = museumConfig(settings)
  const level = config.debug ? 'debug' : 'info'
  const log = pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, logTo)
  for (const { name, note } of flags.filter((flag) => flag.effect === 'no effect' && settings.has(flag.name)))
    log.warn(`--${name} has no effect: ${note}`)
  const assembly = await assembleMuseum({ config, log, now, environment })
  if (config.printIndex) {
    const { snapshot } = await assembly.proxy.index('')
    const { bytes } = await snapshot.text(config.jsonIndex ? 'json' : 'yaml', false)
    await assembly.close()
    return { url: undefined, index: bytes.toString(), close: async () => {} }
  }
  const handle = assembly.app.callback()
  const server = await createServer(config, (request, response) => void handle(request, response))
  try {
    await listen(server, config)
  } catch (thrown) {
    await assembly.close()
    throw thrown
  }
  // What takes long at a start is done while the port is open already.
  if (config.depth === 0) assembly.proxy.index('').catch((thrown: unknown) => log.warn(messageOf(thrown)))
  return {
    url: urlOf(server, config),
    index: undefined,
    close: async () => {
      const closed = new Promise((done) => server.close(done))
      server.closeIdleConnections()
      const deadline = setTimeout(() => server.closeAllConnections(), stopWithin)
      await closed
      clearTimeout(deadline)
      await assembly.close()
    },
  }
}

async function createServer(
  { tls, readTimeout, writeTimeout }: MuseumConfig,
  handle: Parameters<typeof createHttpServer>[1] & object,
): Promise<Server> {
  const timeouts = { requestTimeout: readTimeout, headersTimeout: Math.min(readTimeout || 60_000, 60_000) }
  if (tls === undefined) {
    const server = createHttpServer(timeouts, handle)
    server.setTimeout(writeTimeout)
    return server
  }
  const read = async (flag: string, file: string): Promise<Buffer> =>
    readFile(file).catch((thrown: unknown) => {
      throw new ChartferryError('CONFIG_INVALID', `--${flag}: ${messageOf(thrown)}`, { cause: thrown })
    })
  const [cert, key] = [await read('tls-cert', tls.cert), await read('tls-key', tls.key)]
  const ca = tls.ca === undefined ? undefined : await read('tls-ca-cert', tls.ca)
  const mutual = ca === undefined ? {} : { ca, requestCert: true, rejectUnauthorized: true }
  const server = createTlsServer({ ...timeouts, cert, key, minVersion: 'TLSv1.2', ...mutual }, handle)
  server.setTimeout(writeTimeout)
  return server
}

async function listen(server: Server, { host, port }: MuseumConfig): Promise<void> {
  await new Promise<void>((done, fail) => {
    server.once('error', fail)
    server.listen(port, host, () => {
      server.off('error', fail)
      done()
    })
  }).catch((thrown: unknown) => {
    throw new ChartferryError('CONFIG_INVALID', `cannot listen on ${host}:${port}: ${messageOf(thrown)}`, {
      cause: thrown,
      hint: 'Choose another address: `--listen-host` and `--port`.',
    })
  })
}

function urlOf(server: Server, { tls }: MuseumConfig): string {
  const { address, family, port } = server.address() as AddressInfo
  const host = address === '0.0.0.0' || address === '::' ? '127.0.0.1' : family === 'IPv6' ? `[${address}]` : address
  return `${tls === undefined ? 'http' : 'https'}://${host}:${port}`
}
