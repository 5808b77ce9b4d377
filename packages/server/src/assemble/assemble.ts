// Configuration becomes parts, wired: the only place that names concrete implementations.
import { randomBytes } from 'node:crypto'
import type { RequestListener } from 'node:http'
import { type HttpClient, openHttpClient, version } from '@chartferry/core'
import type { Logger } from 'pino'
import { createApp } from '../app.ts'
import { archiveCache } from '../cache/archive-cache.ts'
import { eviction } from '../cache/eviction.ts'
import { indexCache } from '../cache/index-cache.ts'
import { retainedEntries } from '../cache/retained-entries.ts'
import { knowsSomebody } from '../config/access-config.ts'
import type {
  FilterConfig,
  GroupRepositoryConfig,
  ProxyRepositoryConfig,
  PushLimits,
  ServerConfig,
} from '../config/config.ts'
import { networkList } from '../config/network-schema.ts'
import { hostedRepositories } from '../hosted/hosted-repository.ts'
import { keepHouse } from '../hosted/housekeeping.ts'
import { openHostedStore } from '../hosted/open-hosted-store.ts'
import type { Metrics } from '../metrics/metrics.ts'
import { audit } from '../middleware/audit.ts'
import { guard } from '../middleware/guard.ts'
import { rateLimit } from '../middleware/rate-limit.ts'
import { openWebhooks } from '../notify/webhooks.ts'
import { changeLedger } from '../proxy/change-ledger.ts'
import { chartImages } from '../proxy/chart-images.ts'
import { dispatch } from '../proxy/dispatch.ts'
import { entryMemory } from '../proxy/entry-memory.ts'
import { groupRepositories } from '../proxy/group.ts'
import { pullThrough } from '../proxy/pull-through.ts'
import type { PulledRepository } from '../proxy/pulled-index.ts'
import type { RepositoryProxy } from '../proxy/repository-proxy.ts'
import { singleFlight } from '../proxy/single-flight.ts'
import { openVerdicts } from '../proxy/verdicts.ts'
import { withFilter } from '../proxy/with-filter.ts'
import { measuredUpstream, withMetrics } from '../proxy/with-metrics.ts'
import { withQuarantine } from '../proxy/with-quarantine.ts'
import { withSingleFlight } from '../proxy/with-single-flight.ts'
import { chartRegistry } from '../registry/chart-registry.ts'
import { adminRoutes, healthRoutes } from '../routes/admin-routes.ts'
import { routesOf } from '../routes/routes.ts'
import { breaker } from '../upstream/breaker.ts'
import { hostLimit } from '../upstream/host-limit.ts'
import type { ServerRules } from '../upstream/http-upstream.ts'
import { inspectorsOf } from './inspectors-of.ts'
import { accessRules, authenticatorOf } from './open-access.ts'
import { openFreshness } from './open-freshness.ts'
import { openRetention } from './open-retention.ts'
import { folderPoll, openStore } from './open-store.ts'
import { openUpstream } from './open-upstream.ts'

export interface Assembly {
  /** Answers what comes in at `listen`. */
  readonly handle: RequestListener
  /** Answers what comes in at `adminListen`. */
  readonly handleAdmin: RequestListener
  readonly proxy: RepositoryProxy
  /** Stops fills and closes connections. */
  close(): Promise<void>
}

export interface AssembleOptions {
  readonly config: ServerConfig
  readonly log: Logger
  readonly now: () => number
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Outlive one configuration. */
  readonly metrics: Metrics
  readonly isStopping: () => boolean
  /** Reads the configuration again. Throws CONFIG_INVALID. */
  readonly reload: () => Promise<void>
}

/** Wires a server. Reaches no upstream. Throws STORE_UNAVAILABLE. */
export async function assemble(options: AssembleOptions): Promise<Assembly> {
  const { config, log, now, environment, metrics, isStopping, reload } = options
  const warn = (message: string, details: Readonly<Record<string, unknown>>): void => log.warn(details, message)
  const stopping = new AbortController()
  const flights = singleFlight()
  const ownClient = openHttpClient({ environment, timeout: 5000, attempts: 2 })
  const clients: Pick<HttpClient, 'close'>[] = [ownClient]
  const storage = await openStore(config)
  const { store } = storage
  const markers = await openFreshness(config.redisUrl, warn)

  const servers: ServerRules = {
    breaker: breaker({ pause: config.retryAfter, now, warn }),
    limit: hostLimit(config.upstreamConnections),
    fillTimeout: config.fillTimeout,
    pseudonym: `chartferry-${randomBytes(6).toString('hex')}`,
  }
  const pulled = new Map<string, PulledRepository>()
  const filters = new Map<string, FilterConfig>()
  const pull = (name: string, repository: ProxyRepositoryConfig): void => {
    const { freshFor, indexLoss, retain, whenChanged, filter, private: isPrivate } = repository
    const { ca, cert, key, insecureSkipTlsVerify } = repository
    const client = openHttpClient({
      environment,
      timeout: config.upstreamTimeout,
      guardPrivate: !isPrivate,
      insecureSkipTlsVerify,
      ...(ca === undefined ? {} : { ca }),
      ...(cert === undefined ? {} : { cert }),
      ...(key === undefined ? {} : { key }),
    })
    const { upstream: asked, registries } = openUpstream(name, repository, {
      client,
      servers,
      limits: config.limits,
      store,
      now,
    })
    clients.push(registries, client)
    if (filter !== undefined) filters.set(name, filter)
    const upstream = measuredUpstream(asked, name, metrics)
    pulled.set(name, { upstream, freshFor, indexLoss, retain, whenChanged })
  }
  const hostedRules = new Map<string, PushLimits>()
  const groups = new Map<string, GroupRepositoryConfig>()
  for (const [name, repository] of config.repositories) {
    if (repository.kind === 'hosted') hostedRules.set(name, repository.rules)
    else if (repository.kind === 'group') groups.set(name, repository)
    else pull(name, repository)
  }

  const { archiveSpace: maxBytes } = config
  const onKept = maxBytes === undefined ? undefined : eviction({ store, maxBytes, warn, share: flights.share })
  const charts = openHostedStore(store, { now, warn, pollEvery: config.s3?.pollEvery ?? folderPoll })
  const archives = archiveCache(store, { memory: config.archiveMemory, now, onKept })
  const ledger = changeLedger(store)
  const webhooks = openWebhooks(config.webhooks, { client: ownClient, now, warn })
  const retention = openRetention({ config, store, charts, log, now, onChange: webhooks.tell })
  const leaveHouse = keepHouse({ store: charts, warn, before: retention.apply })
  const pushed = hostedRepositories({ store: charts, has: (name) => hostedRules.has(name) })
  const hosted = retention.wrap(pushed)
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
  const quarantine = withQuarantine(withFilter(filters, now)(pulling), {
    inspectors: inspectorsOf(filters),
    verdicts: openVerdicts(store),
    flights,
    retryAfter: config.retryAfter,
    patience: config.patience,
    now,
    warn,
    signal: stopping.signal,
  })
  const proxied = quarantine.proxy
  const names = [...config.repositories.keys()]
  const single = new Map([
    ...[...hostedRules.keys()].map((name) => [name, hosted] as const),
    ...[...pulled.keys()].map((name) => [name, proxied] as const),
  ])
  const access = accessRules(config)
  const grouped = groupRepositories({ groups, access, members: dispatch(single), warn })
  const proxy = withMetrics(
    metrics,
    new Set(names),
  )(dispatch(new Map([...single, ...[...groups.keys()].map((name) => [name, grouped] as const)])))

  const origins = config.origins
  const shared = {
    guard: guard({
      authenticator: authenticatorOf(config.auth, { client: ownClient, now }),
      access,
      knowsSomebody: knowsSomebody(config.auth),
      origins,
    }),
    audit: audit(log),
    isTrustedProxy: networkList(config.trustedProxies),
    metrics,
    log,
    pseudonym: servers.pseudonym,
  }
  const health = healthRoutes({ store, isStopping })
  const administration = adminRoutes({
    metrics: { metrics, proxy, names, now },
    reload,
    tidy: async () => {
      await retention.apply()
      await charts.collectGarbage()
    },
  })
  const handle = createApp({
    ...shared,
    routes: [
      ...health,
      ...(config.adminListen === undefined ? administration : []),
      ...routesOf({
        quarantine,
        registry: chartRegistry({ proxy, store, limits: config.limits }),
        chartApi: {
          store: charts,
          repositories: pushed,
          limits: config.limits,
          now,
          uploadBytes: config.limits.archiveBytes,
          chartFields: ['chart'],
          provenanceFields: ['prov'],
          rulesOf: (name) => hostedRules.get(name) ?? { overwrite: 'never' },
        },
        home: {
          proxy,
          access,
          names,
          version,
          publicUrl: config.publicUrl,
          images: chartImages({ limits: config.limits, flights, now, signal: stopping.signal }),
        },
        indexForm: config.indexForm,
      }),
    ],
    origins,
    limit: config.rateLimit && rateLimit(config.rateLimit),
    onChange: (change, who) => webhooks.tell({ ...change, who }),
  })
  const handleAdmin = createApp({ ...shared, routes: [...health, ...administration], origins: [] })
  return {
    handle,
    handleAdmin,
    proxy,
    close: async () => {
      stopping.abort()
      leaveHouse()
      await webhooks.close()
      await flights.settle()
      await retention.settle()
      await charts.settle()
      await Promise.all([markers.close(), ...clients.map((client) => client.close())])
      storage.close()
    },
  }
}
