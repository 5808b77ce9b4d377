// Registries that images are pulled through from: their clients, the cache, and the behaviours around them.

import { isChartferryError } from '@chartferry/core'
import { type HttpClient, type HttpClientOptions, openHttpClient, settingsWith } from '@chartferry/core/internal'
import { type ContentSource, openRegistries, type Registries } from '@chartferry/core/oci'
import type { BlobStore } from '@chartferry/core/transfer'
import { type Caller, matchesRules } from '../auth/access.ts'
import type { Freshness } from '../cache/freshness.ts'
import type { ImageRegistryConfig, ServerConfig } from '../config/config.ts'
import { openFills } from '../image-cache/fill.ts'
import { imageSpace } from '../image-cache/image-space.ts'
import { asImageUpstreamError, type ImageUpstream } from '../image-cache/image-upstream.ts'
import { type Prefetched, prefetch } from '../image-cache/prefetch.ts'
import { pulledCatalog } from '../image-cache/pulled-catalog.ts'
import { type PulledRegistry, pulledRegistry } from '../image-cache/pulled-registry.ts'
import { type PulledStore, pulledStore } from '../image-cache/pulled-store.ts'
import type { ImageCatalog } from '../images/image-catalog.ts'
import type { Metrics } from '../metrics/metrics.ts'
import { canonicalHost, mirrorPath } from '../registry/mirror-path.ts'
import { namePatterns } from '../repository/name-pattern.ts'
import type { Flights } from '../repository/single-flight.ts'
import { breaker } from '../upstream/breaker.ts'

export interface OpenImageCacheOptions {
  readonly config: ServerConfig
  readonly store: BlobStore
  readonly freshness: Freshness
  readonly flights: Flights
  readonly metrics: Metrics
  readonly environment: Readonly<Record<string, string | undefined>>
  /** What upstreams are told that we are. */
  readonly pseudonym: string
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly warn: (message: string, details: Readonly<Record<string, unknown>>) => void
  /** Stops fills. */
  readonly signal: AbortSignal
}

export interface ImageCache {
  readonly registry: PulledRegistry
  readonly store: PulledStore
  /** What was pulled through, for people. */
  readonly catalog: ImageCatalog
  /** Fetches images for nobody. */
  readonly prefetch: (images: readonly string[]) => AsyncIterable<Prefetched>
  close(): Promise<void>
}

/** Milliseconds that a registry may make us wait. */
const longestPause = 10_000

/** Reaches no registry. */
export function openImageCache(options: OpenImageCacheOptions): ImageCache {
  const { config, store, freshness, flights, metrics, now, warn, signal } = options
  const { registries, space } = config.images
  const clients: Pick<HttpClient | Registries, 'close'>[] = []
  const rest = breaker({ pause: config.retryAfter, now, warn })
  const upstreams = new Map<string, ImageUpstream>()
  for (const [name, registry] of registries) {
    const { upstream, open } = openImageUpstream(name, registry, (origin, call) => rest.run(origin, call), options)
    upstreams.set(name, upstream)
    clients.push(...open)
  }
  const pulled = pulledStore(store, now)
  const fills = openFills(store, warn)
  const onStored =
    space === undefined
      ? () => {}
      : imageSpace({
          store: pulled,
          maxBytes: space,
          isBusy: (digest) => fills.has(digest),
          now,
          warn,
          share: (key, run) => flights.share(key, run),
        })
  const rules = new Map(
    [...registries].map(([name, { paths }]) => [
      name,
      paths.map(({ match, pull }) => ({ fits: namePatterns(match), pull })),
    ]),
  )
  const mayPull = (registry: string, path: string, caller: Caller | undefined): boolean => {
    const rule = rules.get(registry)?.find(({ fits }) => fits(path))
    return rule === undefined || (caller !== undefined && matchesRules(rule.pull, caller))
  }
  const registry = pulledRegistry({
    upstreams,
    store: pulled,
    fills,
    freshness,
    flights,
    patience: config.patience,
    now,
    warn,
    onStored,
    signal,
    onAnswer: (...given) => metrics.answer(...given),
    onBytes: (...given) => metrics.imageBytes(...given),
    mayPull,
  })
  const byHost = registriesByHost(config)
  const platformsOf = (name: string): readonly string[] | undefined => registries.get(name)?.platforms
  return {
    store: pulled,
    registry,
    catalog: pulledCatalog({ store: pulled, registries: byHost, mayPull }),
    prefetch: (images) => prefetch(images, { registry, registries: byHost, platformsOf }),
    close: async () => {
      await fills.settle()
      await Promise.all(clients.map((client) => client.close()))
    },
  }
}

function openImageUpstream(
  name: string,
  registry: ImageRegistryConfig,
  careful: <Value>(origin: string, call: () => Promise<Value>) => Promise<Value>,
  { config, environment, pseudonym, metrics }: OpenImageCacheOptions,
): { readonly upstream: ImageUpstream; readonly open: readonly Pick<HttpClient | Registries, 'close'>[] } {
  const { host, credential, ca, cert, key, plainHttp, mirrors } = registry
  const own = {
    insecureSkipTlsVerify: registry.insecureSkipTlsVerify,
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  }
  const openClient = (given: HttpClientOptions): HttpClient =>
    named(
      openHttpClient({
        environment,
        timeout: config.upstreamTimeout,
        guardPrivate: !registry.private,
        ...own,
        ...given,
      }),
      pseudonym,
    )
  const client = openClient({})
  const opened = openRegistries({
    client,
    openClient,
    settings: settingsWith(config.registries, host, {
      plainHttp,
      credential,
      ca,
      cert,
      key,
      mirrors: mirrors.map((location) => ({ location })),
    }),
    limits: config.limits,
    longestPause,
    concurrency: config.upstreamConnections,
    trustedRealms: registry.trustRealms,
    onQuota: ({ remaining }) => metrics.quota(name, remaining),
  })
  const isAllowed = registry.allow === undefined ? () => true : namePatterns(registry.allow)
  const isDenied = namePatterns(registry.deny)
  const upstream: ImageUpstream = {
    name,
    freshFor: registry.freshFor,
    platforms: registry.platforms,
    isAllowed: (path) => isAllowed(path) && !isDenied(path),
    repository: (path): ContentSource => opened.source(`${host}/${path}`),
    ask: async (kind, call) => {
      const start = performance.now()
      const tell = (outcome: string): void => metrics.upstream(name, kind, outcome, (performance.now() - start) / 1000)
      try {
        const value = await careful(name, () =>
          call().catch((thrown: unknown) => {
            throw asImageUpstreamError(thrown)
          }),
        )
        tell('OK')
        return value
      } catch (thrown) {
        tell(isChartferryError(thrown) ? thrown.code : 'INTERNAL')
        throw thrown
      }
    },
  }
  return { upstream, open: [opened, client] }
}

/** Names us to registries, as to all servers, so that who is asked by itself finds out. */
function named(client: HttpClient, pseudonym: string): HttpClient {
  return {
    ...client,
    request: (url, options = {}) =>
      client.request(url, { ...options, headers: { ...options.headers, via: `1.1 ${pseudonym}` } }),
  }
}

/** How the application finds out which registry a client means. */
export function mirrorPathOf(
  config: ServerConfig,
): (segments: readonly string[], namespace: string | undefined) => readonly string[] {
  const options = {
    registries: registriesByHost(config),
    isOwn: (name: string) => config.repositories.has(name),
    dockerHub: config.images.dockerHub,
  }
  return (segments, namespace) => mirrorPath(segments, namespace, options)
}

/** The first part of paths, by host. */
function registriesByHost({ images }: ServerConfig): ReadonlyMap<string, string> {
  return new Map([...images.registries].map(([name, { host }]) => [canonicalHost(host), name]))
}
