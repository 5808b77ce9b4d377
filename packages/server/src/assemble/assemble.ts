// Configuration becomes parts, wired: the only place that names concrete implementations.
import { randomBytes } from 'node:crypto'
import { type BlobStore, type HttpClient, openFilesystemStore, openHttpClient, version } from '@chartferry/core'
import type Koa from 'koa'
import type { Logger } from 'pino'
import { createApp } from '../app.ts'
import { archiveCache } from '../cache/archive-cache.ts'
import { indexCache } from '../cache/index-cache.ts'
import { retainedEntries } from '../cache/retained-entries.ts'
import type { ProxyRepositoryConfig, ServerConfig } from '../config/config.ts'
import { hostedRepositories } from '../hosted/hosted-repository.ts'
import { hostedStore } from '../hosted/hosted-store.ts'
import { changeLedger } from '../proxy/change-ledger.ts'
import { dispatch } from '../proxy/dispatch.ts'
import { entryMemory } from '../proxy/entry-memory.ts'
import { pullThrough } from '../proxy/pull-through.ts'
import type { PulledRepository } from '../proxy/pulled-index.ts'
import type { RepositoryProxy } from '../proxy/repository-proxy.ts'
import { singleFlight } from '../proxy/single-flight.ts'
import { withSingleFlight } from '../proxy/with-single-flight.ts'
import { breaker } from '../upstream/breaker.ts'
import { hostLimit } from '../upstream/host-limit.ts'
import { httpUpstream, type ServerRules } from '../upstream/http-upstream.ts'
import { openFreshness } from './open-freshness.ts'

export interface Assembly {
  readonly app: Koa
  readonly proxy: RepositoryProxy
  /** Stops fills and closes connections. */
  close(): Promise<void>
}

export interface AssembleOptions {
  readonly config: ServerConfig
  readonly log: Logger
  readonly now: () => number
  readonly environment: Readonly<Record<string, string | undefined>>
}

/** Wires a server. Reaches no upstream. Throws STORE_UNAVAILABLE. */
export async function assemble({ config, log, now, environment }: AssembleOptions): Promise<Assembly> {
  const warn = (message: string, details: Readonly<Record<string, unknown>>): void => log.warn(details, message)
  const stopping = new AbortController()
  const flights = singleFlight()
  const clients: HttpClient[] = []
  const store: BlobStore = await openFilesystemStore(config.data)
  const markers = await openFreshness(config.redisUrl, warn)

  const servers: ServerRules = {
    breaker: breaker({ pause: config.retryAfter, now, warn }),
    limit: hostLimit(config.upstreamConnections),
    fillTimeout: config.fillTimeout,
    pseudonym: `chartferry-${randomBytes(6).toString('hex')}`,
  }
  const upstreamOf = (repository: ProxyRepositoryConfig): PulledRepository => {
    const {
      url,
      credential,
      kind: _,
      freshFor,
      indexLoss,
      retain,
      whenChanged,
      private: isPrivate,
      ...tls
    } = repository
    const client = openHttpClient({ environment, timeout: config.upstreamTimeout, guardPrivate: !isPrivate, ...tls })
    clients.push(client)
    const upstream = httpUpstream({ url, client, limits: config.limits, credential, servers })
    return { upstream, freshFor, indexLoss, retain, whenChanged }
  }
  const pulled = new Map<string, PulledRepository>()
  const hostedNames = new Set<string>()
  for (const [name, repository] of config.repositories) {
    if (repository.kind === 'hosted') hostedNames.add(name)
    else pulled.set(name, upstreamOf(repository))
  }

  const charts = hostedStore(store)
  const archives = archiveCache(store)
  const ledger = changeLedger(store)
  const hosted = hostedRepositories(charts, hostedNames)
  const pulling = withSingleFlight(flights)(
    pullThrough({
      repositories: pulled,
      indexes: indexCache(store),
      archives,
      ledger,
      entryMemory: entryMemory({ archives, retained: retainedEntries(store), ledger, now, warn }),
      freshness: markers.freshness,
      limits: config.limits,
      flights,
      retryAfter: config.retryAfter,
      patience: config.patience,
      memory: config.indexMemory,
      now,
      warn,
      signal: stopping.signal,
    }),
  )
  const names = [...config.repositories.keys()]
  const proxy = dispatch(new Map(names.map((name) => [name, hostedNames.has(name) ? hosted : pulling])))

  const app = createApp({
    proxy,
    store,
    chartApi: { store: charts, names: hostedNames, limits: config.limits, now },
    home: { proxy, names, version, publicUrl: config.publicUrl },
    indexForm: config.indexForm,
    log,
    pseudonym: servers.pseudonym,
  })
  return {
    app,
    proxy,
    close: async () => {
      stopping.abort()
      await flights.settle()
      await Promise.all([markers.close(), ...clients.map((client) => client.close())])
    },
  }
}
