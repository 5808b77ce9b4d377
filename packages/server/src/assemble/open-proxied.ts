// Proxied repositories of a configuration: their upstreams and caches, and the behaviours around them.
import { randomBytes } from 'node:crypto'
import { type HttpClient, openHttpClient } from '@chartferry/core/internal'
import type { BlobStore } from '@chartferry/core/transfer'
import { archiveCache } from '../cache/archive-cache.ts'
import { eviction } from '../cache/eviction.ts'
import type { Freshness } from '../cache/freshness.ts'
import { indexCache } from '../cache/index-cache.ts'
import type { FilterConfig, ProxyRepositoryConfig, ServerConfig } from '../config/config.ts'
import type { Metrics } from '../metrics/metrics.ts'
import { changeLedger } from '../pull-through/change-ledger.ts'
import { droppedEntries } from '../pull-through/dropped-entries.ts'
import { entryHistory } from '../pull-through/entry-history.ts'
import { pullThrough } from '../pull-through/pull-through.ts'
import type { PulledRepository } from '../pull-through/pulled-index.ts'
import { seenBytes } from '../pull-through/seen-bytes.ts'
import { openVerdicts } from '../quarantine/verdicts.ts'
import { type Quarantine, withQuarantine } from '../quarantine/with-quarantine.ts'
import type { ChartRepository } from '../repository/chart-repository.ts'
import { textMemory } from '../repository/compact-snapshot.ts'
import type { GroupOptions } from '../repository/group.ts'
import type { Flights } from '../repository/single-flight.ts'
import { withFilter } from '../repository/with-filter.ts'
import { measuredUpstream } from '../repository/with-metrics.ts'
import { withSingleFlight } from '../repository/with-single-flight.ts'
import { breaker } from '../upstream/breaker.ts'
import { hostLimit } from '../upstream/host-limit.ts'
import type { ServerRules } from '../upstream/http-upstream.ts'
import { inspectorsOf } from './inspectors-of.ts'
import { openUpstream } from './open-upstream.ts'

export interface OpenProxiedOptions {
  readonly config: ServerConfig
  readonly store: BlobStore
  readonly freshness: Freshness
  readonly flights: Flights
  readonly metrics: Metrics
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly warn: (message: string, details: Readonly<Record<string, unknown>>) => void
  /** Stops fills. */
  readonly signal: AbortSignal
}

export interface Proxied {
  readonly names: readonly string[]
  readonly charts: ChartRepository
  readonly quarantine: Pick<Quarantine, 'list'>
  /** What upstreams are told that we are. */
  readonly pseudonym: string
  /** Closes connections to upstreams; fills have ended by then. */
  close(): Promise<void>
}

/** What groups may hold of their index, and who is told what it costs. */
export function indexWork({
  config,
  metrics,
}: Pick<OpenProxiedOptions, 'config' | 'metrics'>): Pick<GroupOptions, 'memory' | 'onMerged'> {
  return { memory: config.indexMemory, onMerged: metrics.merged }
}

/** Reaches no upstream. */
export function openProxied(options: OpenProxiedOptions): Proxied {
  const { config, store, freshness, flights, metrics, environment, now, warn, signal } = options
  const opened: Pick<HttpClient, 'close'>[] = []
  const servers: ServerRules = {
    breaker: breaker({ pause: config.retryAfter, now, warn }),
    limit: hostLimit(config.upstreamConnections),
    fillTimeout: config.fillTimeout,
    pseudonym: `chartferry-${randomBytes(6).toString('hex')}`,
  }
  const pulled = new Map<string, PulledRepository>()
  const filters = new Map<string, FilterConfig>()
  const pull = (name: string, repository: ProxyRepositoryConfig): void => {
    const { freshFor, indexLoss, retainDropped, whenChanged, filter, private: isPrivate } = repository
    const far = openUpstream(name, repository, {
      openClient: (given) =>
        openHttpClient({ environment, timeout: config.upstreamTimeout, guardPrivate: !isPrivate, ...given }),
      registrySettings: config.registries,
      servers,
      limits: config.limits,
      store,
      now,
      onRefused: (what, { code, message }) =>
        warn('upstream refuses a part', { repository: name, what, code, message }),
    })
    opened.push(far)
    if (filter !== undefined) filters.set(name, filter)
    const upstream = measuredUpstream(far.upstream, name, metrics)
    pulled.set(name, { upstream, freshFor, indexLoss, retainDropped, whenChanged })
  }
  for (const [name, repository] of config.repositories) if (repository.kind === 'proxy') pull(name, repository)

  const { archiveSpace: maxBytes } = config
  const onStored = maxBytes === undefined ? undefined : eviction({ store, maxBytes, warn, share: flights.share })
  const archives = archiveCache(store, { memory: config.archiveMemory, now, onStored })
  const ledger = changeLedger(store)
  const pulling = withSingleFlight(flights)(
    pullThrough({
      repositories: pulled,
      indexes: indexCache(store),
      archives,
      ledger,
      seen: seenBytes(store),
      entryHistory: entryHistory({ archives, dropped: droppedEntries(store), ledger, now, warn }),
      freshness,
      limits: config.limits,
      flights,
      retryAfter: config.retryAfter,
      patience: config.patience,
      memory: config.indexMemory,
      onRead: metrics.indexRead,
      now,
      warn,
      signal,
    }),
  )
  const texts = textMemory(config.indexMemory)
  const quarantine = withQuarantine(withFilter(filters, now, texts)(pulling), {
    texts,
    inspectors: inspectorsOf(filters, (name) => pulled.get(name)?.upstream),
    verdicts: openVerdicts(store),
    flights,
    retryAfter: config.retryAfter,
    patience: config.patience,
    now,
    warn,
    signal,
  })
  return {
    names: [...pulled.keys()],
    charts: quarantine.charts,
    quarantine,
    pseudonym: servers.pseudonym,
    close: async () => {
      await Promise.all(opened.map((one) => one.close()))
    },
  }
}
