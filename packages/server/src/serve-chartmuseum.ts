// Starts a server that takes ChartMuseum's place: its flags, its routes, its storage.

import { readFile } from 'node:fs/promises'
import { ChartferryError } from '@chartferry/core'
import { messageOf } from '@chartferry/core/internal'
import { assembleChartMuseum } from './assemble/assemble-chartmuseum.ts'
import { type Listener, openListener } from './assemble/listener.ts'
import { type ChartMuseumConfig, chartmuseumConfig } from './chartmuseum/chartmuseum-config.ts'
import { flags } from './chartmuseum/flags.ts'
import { readSettings } from './chartmuseum/read-settings.ts'
import type { TlsConfig } from './config/config.ts'
import { tlsFault } from './config/tls-fault.ts'
import { logUncaught } from './metrics/log-uncaught.ts'
import { type LogTarget, openLog } from './metrics/open-log.ts'
import { bytesOf } from './repository/index-snapshot.ts'

export interface ServeChartMuseumOptions {
  /** As ChartMuseum takes them. */
  readonly args: readonly string[]
  /** Default: the process's. */
  readonly environment?: Readonly<Record<string, string | undefined>>
  /** Where log lines go, as JSON. Default: standard error, in columns where that is a terminal. */
  readonly logTo?: LogTarget
  /** Milliseconds since 1970. Default: `Date.now`. */
  readonly now?: () => number
}

export interface RunningChartMuseum {
  /** Where it listens; undefined where only the index was asked for. */
  readonly url: string | undefined
  /** The index, where it was asked for with `--gen-index`. */
  readonly index: string | undefined
  close(): Promise<void>
}

/** Milliseconds for requests that run when the server is asked to stop. */
const stopWithin = 10_000

/** Throws CONFIG_INVALID for flags that are wrong, do not go together, or cannot be honoured; STORE_UNAVAILABLE. */
export async function serveChartMuseum(options: ServeChartMuseumOptions): Promise<RunningChartMuseum> {
  const { args, environment = process.env, now = Date.now, logTo } = options
  const settings = await readSettings(args, { environment })
  const config = chartmuseumConfig(settings)
  const level = config.debug ? 'debug' : 'info'
  const log = openLog(level, logTo)
  for (const { name, note } of flags.filter((flag) => flag.effect === 'no effect' && settings.has(flag.name)))
    log.warn(`--${name} has no effect: ${note}`)
  const stopLogging = logUncaught(log)
  const assembly = await assembleChartMuseum({ config, log, now, environment })
  if (config.printIndex) {
    const { snapshot } = await assembly.charts.index('')
    const { pieces } = await snapshot.text(config.jsonIndex ? 'json' : 'yaml', false)
    await assembly.close()
    stopLogging()
    return { url: undefined, index: Buffer.concat(pieces.map(bytesOf)).toString(), close: async () => {} }
  }
  let listener: Listener
  try {
    listener = await openListener({
      address: { host: config.host, port: config.port },
      hint: 'Choose another address: `--listen-host` and `--port`.',
      tls: await readTls(config),
      requestTimeout: config.readTimeout,
      silence: config.writeTimeout,
      handle: assembly.handle,
    })
  } catch (thrown) {
    await assembly.close()
    stopLogging()
    throw thrown
  }
  // What takes long at a start is done while the port is open already.
  if (config.depth === 0) assembly.charts.index('').catch((thrown: unknown) => log.warn(messageOf(thrown)))
  return {
    url: listener.url,
    index: undefined,
    close: async () => {
      await listener.stop(stopWithin)
      await assembly.close()
      stopLogging()
    },
  }
}

async function readTls({ tls }: ChartMuseumConfig): Promise<TlsConfig | undefined> {
  if (tls === undefined) return undefined
  const read = async (flag: string, file: string): Promise<string> =>
    readFile(file, 'utf8').catch((thrown: unknown) => {
      throw new ChartferryError('CONFIG_INVALID', `--${flag}: ${messageOf(thrown)}`, { cause: thrown })
    })
  const pair = {
    cert: await read('tls-cert', tls.cert),
    key: await read('tls-key', tls.key),
    clientCa: tls.ca === undefined ? undefined : await read('tls-ca-cert', tls.ca),
  }
  const fault = tlsFault(pair)
  if (fault !== undefined) throw new ChartferryError('CONFIG_INVALID', `--tls-cert, --tls-key: ${fault}`)
  return pair
}
