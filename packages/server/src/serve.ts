// Starts the server, gives it a new configuration, and stops it: the main path of the package.

import { ChartferryError } from '@chartferry/core'
import { messageOf, version } from '@chartferry/core/internal'
import { assemble } from './assemble/assemble.ts'
import { generations } from './assemble/generations.ts'
import { type Listener, openListener } from './assemble/listener.ts'
import { watchFiles } from './assemble/watch-files.ts'
import { theServer } from './auth/access.ts'
import { describeAccess } from './auth/describe-access.ts'
import type { ServerConfig } from './config/config.ts'
import { loadConfig } from './config/load-config.ts'
import { knowsLoopback } from './config/loopback.ts'
import type { Address } from './config/scalars.ts'
import { logUncaught } from './metrics/log-uncaught.ts'
import { openMetrics } from './metrics/metrics.ts'
import { isReadByPerson, type LogTarget, openLog } from './metrics/open-log.ts'
import type { RepositoryStatus } from './repository/chart-repository.ts'
import { describeRepositories } from './repository/describe-repositories.ts'

export interface ServeOptions {
  /** Default: what `load` gives. */
  readonly config?: ServerConfig
  /** How the configuration is read, at first and again. Default: `loadConfig()`. */
  readonly load?: () => Promise<ServerConfig>
  /** Milliseconds between two looks at the files of the configuration; 0: none. Default: 5000. */
  readonly lookEvery?: number
  /** Where log lines go, as JSON. Default: standard error, in columns where that is a terminal. */
  readonly logTo?: LogTarget
  /** Where proxy variables are read. Default: the process's. */
  readonly environment?: Readonly<Record<string, string | undefined>>
  /** Milliseconds since 1970. Default: `Date.now`. */
  readonly now?: () => number
}

export interface RunningServer {
  /** Where it listens. */
  readonly url: string
  /** Where metrics and administration are; undefined: at `url`. */
  readonly adminUrl: string | undefined
  readonly config: ServerConfig
  /** All repositories, in the order of the configuration. Asks no upstream. */
  repositories(): Promise<readonly RepositoryStatus[]>
  /** What to print when the server has started: address, repositories, the lines to type next, who may do what. */
  banner(): Promise<string>
  /**
   * Reads the configuration again; requests that run end as they began. Throws CONFIG_INVALID, and nothing has changed
   * then.
   */
  reload(): Promise<void>
  /** Takes no new requests, lets those that run end within the configured time, then closes everything. */
  close(): Promise<void>
}

/** Milliseconds for which a client may take nothing of an answer that is on its way. */
const answerSilence = 30_000

const variables = { listen: 'CHARTFERRY_LISTEN', adminListen: 'CHARTFERRY_ADMIN_LISTEN' } as const

/**
 * Starts a server; no upstream has to be there. Throws CONFIG_INVALID (also for an address that cannot be had),
 * STORE_UNAVAILABLE.
 */
export async function serve(options: ServeOptions = {}): Promise<RunningServer> {
  const { load = loadConfig, lookEvery = 5000, now = Date.now, environment = process.env, logTo } = options
  let config = options.config ?? (await load())
  const log = openLog(config.logLevel, logTo)
  const stopLogging = logUncaught(log)
  const metrics = openMetrics()
  const stopping = new AbortController()
  const parts = { log, now, environment, metrics, isStopping: () => stopping.signal.aborted, reload: () => reload() }
  const running = generations(await assemble({ ...parts, config }))

  const open = (setting: 'listen' | 'adminListen', of: ServerConfig, address: Address): Promise<Listener> =>
    openListener({
      hint: `Choose another address: \`${setting}\` in the configuration, or ${variables[setting]}.`,
      address,
      // The administration is for machines beside us, which seldom have our certificate's name.
      tls: setting === 'listen' ? of.tls : undefined,
      requestTimeout: of.requestTimeout,
      silence: answerSilence,
      handle: setting === 'listen' ? running.handle : running.handleAdmin,
    })
  let main: Listener
  let admin: Listener | undefined
  try {
    main = await open('listen', config, config)
    admin =
      config.adminListen &&
      (await open('adminListen', config, config.adminListen).catch(async (thrown: unknown) => {
        await main.stop(0)
        throw thrown
      }))
  } catch (thrown) {
    await running.close()
    stopLogging()
    throw thrown
  }

  async function change(): Promise<void> {
    if (stopping.signal.aborted) throw new ChartferryError('CANCELLED', 'the server is about to stop')
    const next = await load()
    const isSameMain = isSame(main.address, next)
    if (isSameMain && main.isEncrypted !== (next.tls !== undefined))
      throw new ChartferryError('CONFIG_INVALID', 'tls: cannot be switched on or off while the server runs', {
        hint: 'Start the server again.',
      })
    const isSameAdmin = isSame(admin?.address, next.adminListen)
    // What may fail comes first: a configuration that cannot be had changes nothing.
    const assembly = await assemble({ ...parts, config: next })
    const opened: Listener[] = []
    try {
      const newMain = isSameMain ? main : await open('listen', next, next)
      if (!isSameMain) opened.push(newMain)
      const newAdmin = isSameAdmin ? admin : next.adminListen && (await open('adminListen', next, next.adminListen))
      const left = [...(isSameMain ? [] : [main]), ...(isSameAdmin || admin === undefined ? [] : [admin])]
      running.replace(assembly)
      for (const listener of left) void listener.stop(next.stopWithin)
      ;[main, admin, config] = [newMain, newAdmin, next]
    } catch (thrown) {
      await Promise.all([assembly.close(), ...opened.map((listener) => listener.stop(0))])
      throw thrown
    }
    main.update(next)
    admin?.update({ tls: undefined, requestTimeout: next.requestTimeout })
    log.level = next.logLevel
    watch.look(next.files)
    log.info({ repositories: next.repositories.size }, 'the configuration was read again')
  }

  // A person reads it in the banner.
  if (logTo !== undefined || !isReadByPerson()) log.info({ access: accessLines(config) }, 'who may do what')
  let last: Promise<void> = Promise.resolve()
  function reload(): Promise<void> {
    const turn = last.then(change)
    last = turn.catch((thrown: unknown) => {
      log.error({ error: messageOf(thrown) }, 'the configuration was read again, and is not used')
    })
    return turn
  }
  const watch = watchFiles(lookEvery, () => void reload().catch(() => {}))
  watch.look(config.files)

  const repositories = (): Promise<readonly RepositoryStatus[]> =>
    Promise.all(
      [...config.repositories.keys()].map((name) => running.current.charts.status(name, { caller: theServer })),
    )
  const close = async (): Promise<void> => {
    watch.close()
    stopping.abort()
    await last
    const listeners = [main, ...(admin === undefined ? [] : [admin])]
    for (const listener of listeners) listener.drain()
    if (config.drainFor > 0) await new Promise((done) => setTimeout(done, config.drainFor))
    await Promise.all(listeners.map((listener) => listener.stop(config.stopWithin)))
    await running.close()
    stopLogging()
  }
  let closing: Promise<void> | undefined
  return {
    get url() {
      return main.url
    },
    get adminUrl() {
      return admin?.url
    },
    get config() {
      return config
    },
    repositories,
    banner: async () => {
      const shown = config.publicUrl ?? main.url
      const table = describeRepositories(await repositories(), shown)
      const access = accessLines(config).map((line) => `  ${line}\n`)
      return `chartferry ${version} · ${shown} · data in ${config.data}\n\n${table}\n${access.join('')}`
    },
    reload,
    close: () => {
      closing ??= close()
      return closing
    },
  }
}

function accessLines(config: ServerConfig): readonly string[] {
  return describeAccess({ ...config, knowsLoopback: knowsLoopback(config) })
}

function isSame(one: Address | undefined, other: Address | undefined): boolean {
  return one?.host === other?.host && one?.port === other?.port
}
