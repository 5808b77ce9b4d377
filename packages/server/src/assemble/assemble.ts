// Configuration becomes parts, wired: the only place that names concrete implementations.
import type { RequestListener } from 'node:http'
import { openHttpClient, version } from '@chartferry/core/internal'
import type { Context } from 'koa'
import type { Logger } from 'pino'
import { registryTokens } from '../auth/registry-tokens.ts'
import { openSessions } from '../auth/sessions.ts'
import { knowsSomebody } from '../config/access-config.ts'
import type { GroupRepositoryConfig, HostedRepositoryConfig, PushLimits, ServerConfig } from '../config/config.ts'
import { knowsLoopback } from '../config/loopback.ts'
import { networkList } from '../config/network-schema.ts'
import { hostedRepositories } from '../hosted/hosted-repository.ts'
import { keepHouse } from '../hosted/housekeeping.ts'
import { openHostedStore } from '../hosted/open-hosted-store.ts'
import { joinCatalogs } from '../images/image-catalog.ts'
import { imagePulls } from '../images/image-pulls.ts'
import { openImageStore } from '../images/open-image-store.ts'
import { pushedCatalog } from '../images/pushed-catalog.ts'
import type { Metrics } from '../metrics/metrics.ts'
import { audit } from '../middleware/audit.ts'
import { guard } from '../middleware/guard.ts'
import { rateLimit } from '../middleware/rate-limit.ts'
import { openWebhooks } from '../notify/webhooks.ts'
import { sendErrorPage } from '../pages/error-page.ts'
import type { PageOptions } from '../pages/page-options.ts'
import { pageRoutes } from '../pages/page-routes.ts'
import { chartRegistry } from '../registry/chart-registry.ts'
import { hostedRegistry } from '../registry/hosted-registry.ts'
import { openPushRegistry } from '../registry/open-push-registry.ts'
import { firstOfRegistries, servedRegistry } from '../registry/served.ts'
import { chartContents } from '../repository/chart-contents.ts'
import { chartImages } from '../repository/chart-images.ts'
import type { ChartRepository } from '../repository/chart-repository.ts'
import { dispatch } from '../repository/dispatch.ts'
import { openDownloads } from '../repository/downloads.ts'
import { groupRepositories } from '../repository/group.ts'
import { singleFlight } from '../repository/single-flight.ts'
import { withMetrics } from '../repository/with-metrics.ts'
import { adminRoutes, healthRoutes } from '../routes/admin-routes.ts'
import { storeCheck } from '../routes/health.ts'
import { prefetchRoute } from '../routes/prefetch.ts'
import { registryChallenge } from '../routes/registry-challenge.ts'
import { routesOf } from '../routes/routes.ts'
import { uploadSpool } from '../routes/spool-upload.ts'
import { tokenRoutes } from '../routes/token.ts'
import { childPool } from '../workers/child-pool.ts'
import { accessRules, authenticatorOf } from './open-access.ts'
import { openApp } from './open-app.ts'
import { openFreshness } from './open-freshness.ts'
import { mirrorPathOf, openImageCache } from './open-image-cache.ts'
import { indexWork, openProxied } from './open-proxied.ts'
import { openRelocated } from './open-relocated.ts'
import { openRetention } from './open-retention.ts'
import { folderPoll, openStore } from './open-store.ts'

export interface Assembly {
  /** Answers what comes in at `listen`. */
  readonly handle: RequestListener
  /** Answers what comes in at `adminListen`. */
  readonly handleAdmin: RequestListener
  readonly charts: ChartRepository
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
  const children = childPool()
  const uploads = uploadSpool()
  const flights = singleFlight()
  const ownClient = openHttpClient({ environment, timeout: 5000, attempts: 2 })
  const storage = await openStore(config, warn)
  const { store } = storage
  const markers = await openFreshness(config.redisUrl, warn)

  const proxied = openProxied({
    ...options,
    store,
    freshness: markers.freshness,
    flights,
    warn,
    signal: stopping.signal,
  })
  const hostedConfigs = new Map<string, HostedRepositoryConfig>()
  const groups = new Map<string, GroupRepositoryConfig>()
  for (const [name, repository] of config.repositories) {
    if (repository.kind === 'hosted') hostedConfigs.set(name, repository)
    else if (repository.kind === 'group') groups.set(name, repository)
  }

  const rulesOf = (name: string): PushLimits => hostedConfigs.get(name)?.rules ?? { overwrite: 'never' }
  const hostedStore = openHostedStore(store, {
    now,
    warn,
    pollEvery: (config.s3 ?? config.gcs)?.pollEvery ?? folderPoll,
  })
  const images = openImageStore(store, { now })
  const downloads = openDownloads({ store, now, warn })
  const pulls = imagePulls({ store, now, warn })
  const collectGarbage = async (): Promise<number> =>
    (await hostedStore.collectGarbage()) + (await images.collectGarbage())
  const webhooks = openWebhooks(config.webhooks, { client: ownClient, now, warn })
  const retention = openRetention({ config, store, hosted: hostedStore, log, now, onChange: webhooks.tell })
  const leaveHouse = keepHouse({ store: { collectGarbage }, warn, before: retention.apply })
  const pushed = hostedRepositories({ store: hostedStore, has: (name) => hostedConfigs.has(name) })
  const hosted = retention.wrap(pushed)
  const names = [...config.repositories.keys()]
  const originals = new Map([
    ...[...hostedConfigs.keys()].map((name) => [name, hosted] as const),
    ...proxied.names.map((name) => [name, proxied.charts] as const),
  ])
  const access = accessRules(config)
  // Members of groups may be relocated, and groups may be: each is told of the other before either is asked.
  const single = new Map<string, ChartRepository>()
  const grouped = groupRepositories({ groups, access, members: dispatch(single), ...indexWork(options), warn })
  for (const name of groups.keys()) originals.set(name, grouped)
  const relocated = await openRelocated({
    config,
    store,
    flights,
    environment,
    source: dispatch(originals),
    pseudonym: proxied.pseudonym,
    now,
    warn,
    info: (message, details) => log.info(details, message),
    signal: stopping.signal,
  })
  for (const [name, original] of originals) single.set(name, original)
  for (const name of relocated.names) single.set(name, relocated.charts)
  const charts = withMetrics(metrics, new Set(names))(dispatch(single))

  const servedCharts = servedRegistry(
    chartRegistry({ charts, store, limits: config.limits, onDownload: downloads.note }),
  )
  const imageCache = openImageCache({
    ...options,
    store,
    freshness: markers.freshness,
    flights,
    pseudonym: proxied.pseudonym,
    warn,
    signal: stopping.signal,
  })
  const tokens = registryTokens(store, now)
  const authenticator = authenticatorOf(config.auth, { client: ownClient, now, own: tokens.authenticator })
  const origins = config.origins
  const sessions = knowsSomebody(config.auth) ? openSessions(store, now) : undefined
  const contents = chartContents({ limits: config.limits, children, flights, signal: stopping.signal })
  const chartApi = {
    store: hostedStore,
    repositories: pushed,
    uploads,
    contents,
    limits: config.limits,
    now,
    uploadBytes: config.limits.archiveBytes,
    chartFields: ['chart'],
    provenanceFields: ['prov'],
    rulesOf,
    isHosted: (name: string) => hostedConfigs.has(name),
  }
  const pages: PageOptions = {
    charts,
    access,
    names,
    version,
    publicUrl: config.publicUrl,
    images: chartImages({ limits: config.limits, store, children, flights, now, signal: stopping.signal }),
    contents,
    quarantine: proxied.quarantine,
    chartApi,
    catalog: joinCatalogs([
      pushedCatalog({
        images,
        hosted: [...hostedConfigs.keys()],
        pulls,
        host: config.publicUrl && new URL(config.publicUrl).host,
      }),
      imageCache.catalog,
    ]),
    downloads,
    relocations: relocated.relocations,
    now,
    signIn: sessions && { sessions, authenticator },
  }
  const shared = {
    guard: guard({
      authenticator,
      access,
      knowsSomebody: knowsSomebody(config.auth),
      sessions,
      origins,
      publicUrl: config.publicUrl,
    }),
    audit: audit(log),
    challenge: (ctx: Context) => registryChallenge(ctx, config.publicUrl),
    mirrorPath: mirrorPathOf(config),
    isTrustedProxy: networkList(config.trustedProxies),
    metrics,
    log,
    pseudonym: proxied.pseudonym,
  }
  const health = healthRoutes({ checkStore: storeCheck(store), isStopping })
  const administration = [
    prefetchRoute(imageCache.prefetch),
    ...adminRoutes({
      metrics: { metrics, charts, names, now },
      reload,
      tidy: async () => {
        await retention.apply()
        await collectGarbage()
      },
    }),
  ]
  const handle = openApp({
    ...shared,
    routes: [
      ...health,
      ...(config.adminListen === undefined ? administration : []),
      ...tokenRoutes({ tokens, authenticator, access }),
      ...routesOf({
        quarantine: proxied.quarantine,
        registry: firstOfRegistries([
          imageCache.registry,
          hostedRegistry({
            images,
            charts: servedCharts,
            hasImages: (name) => hostedConfigs.has(name),
            onPull: pulls.note,
          }),
        ]),
        pushes: openPushRegistry({
          hosted: hostedConfigs,
          access,
          images,
          charts: hostedStore,
          store,
          limits: config.limits,
          blobBytes: config.images.blobBytes,
          now,
          rulesOf,
        }),
        chartApi,
        charts,
        relocations: relocated.relocations,
        indexForm: config.indexForm,
      }),
      ...pageRoutes(pages, origins),
    ],
    errorPage: (ctx, error, status) => sendErrorPage(ctx, pages, error, status),
    origins,
    knowsLoopback: knowsLoopback(config),
    onDownload: downloads.note,
    limit: config.rateLimit && rateLimit(config.rateLimit),
    onChange: (change, who) => webhooks.tell({ ...change, who }),
  })
  const handleAdmin = openApp({
    ...shared,
    routes: [...health, ...administration],
    origins: [],
    // It is reached by its own address alone.
    knowsLoopback: config.adminListen !== undefined && knowsLoopback(config.adminListen),
  })
  return {
    handle,
    handleAdmin,
    charts,
    close: async () => {
      stopping.abort()
      children.close()
      leaveHouse()
      await webhooks.close()
      await downloads.close()
      await imageCache.close()
      await flights.settle()
      await relocated.close()
      await retention.settle()
      await hostedStore.settle()
      await Promise.all([markers.close(), ownClient.close(), proxied.close()])
      await uploads.close()
      storage.close()
    },
  }
}
