// A bundle becomes a registry and a chart repository: one application for each address that it is reached by.
import type { IncomingMessage, RequestListener } from 'node:http'
import { defaultLimits, parseTarget } from '@chartferry/core'
import { version } from '@chartferry/core/internal'
import { type Bundle, openMemoryStore, serveContent } from '@chartferry/core/transfer'
import { LRUCache } from 'lru-cache'
import type { Logger } from 'pino'
import { accessOf } from '../auth/access.ts'
import { openMetrics } from '../metrics/metrics.ts'
import { guard } from '../middleware/guard.ts'
import { sendErrorPage } from '../pages/error-page.ts'
import type { PageOptions } from '../pages/page-options.ts'
import { pageRoutes } from '../pages/page-routes.ts'
import { chartRegistry } from '../registry/chart-registry.ts'
import { contentRegistry } from '../registry/content-registry.ts'
import { servedRegistry } from '../registry/served.ts'
import { bundledCharts } from '../repository/bundled-charts.ts'
import { chartContents } from '../repository/chart-contents.ts'
import { chartImages } from '../repository/chart-images.ts'
import { singleFlight } from '../repository/single-flight.ts'
import { healthRoutes } from '../routes/admin-routes.ts'
import { registryRoutes } from '../routes/registry.ts'
import { routesOf } from '../routes/routes.ts'
import { childPool } from '../workers/child-pool.ts'
import { openApp } from './open-app.ts'

/** The chart repository's name, in its URL and in the registry. */
export const bundleRepository = 'charts'

/** Addresses whose relocated charts are held. */
const mostAddresses = 8

/**
 * What answers requests; it reads from the bundle alone and writes nowhere. The signal ends what runs in the
 * background.
 */
export async function assembleBundle(bundle: Bundle, log: Logger, signal: AbortSignal): Promise<RequestListener> {
  const content = await serveContent(bundle)
  const copies = contentRegistry((host, path) => content.repository(host, path))
  const metrics = openMetrics()
  const access = accessOf({
    everywhere: { pull: ['anyone'], push: [], delete: [] },
    server: { metrics: ['anyone'], admin: [] },
    repositories: new Map(),
    members: new Map(),
  })
  const isAllowed = guard({
    authenticator: { authenticate: async () => undefined },
    access,
    knowsSomebody: false,
    origins: [],
    publicUrl: undefined,
  })

  const children = childPool()
  signal.addEventListener('abort', () => children.close(), { once: true })
  const flights = singleFlight()
  const images = chartImages({
    limits: defaultLimits,
    store: openMemoryStore(),
    children,
    flights,
    now: Date.now,
    signal,
  })
  const contents = chartContents({ limits: defaultLimits, children, flights, signal })

  function handlerFor(address: string): RequestListener {
    const charts = bundledCharts({ bundle, content, name: bundleRepository, address })
    const store = openMemoryStore()
    const artifacts = chartRegistry({ charts, store, limits: defaultLimits })
    const registry = servedRegistry({
      repository: (name, options) => copies.repository(name, options) ?? artifacts.repository(name, options),
    })
    const quarantine = { list: async () => [] }
    const pages: PageOptions = {
      charts,
      names: [bundleRepository],
      version,
      publicUrl: undefined,
      access,
      images,
      contents,
      quarantine,
    }
    return openApp({
      routes: [
        ...healthRoutes({ checkStore: async () => {}, isStopping: () => false }),
        ...registryRoutes(registry, '*repository'),
        ...routesOf({
          registry,
          quarantine,
          chartApi: undefined,
          charts,
          indexForm: 'json',
        }),
        ...pageRoutes(pages, []),
      ],
      errorPage: (ctx, error, status) => sendErrorPage(ctx, pages, error, status),
      guard: isAllowed,
      audit: () => {},
      origins: [],
      isTrustedProxy: () => false,
      metrics,
      log,
      pseudonym: 'chartferry-bundle',
    })
  }

  const handlers = new LRUCache<string, RequestListener>({ max: mostAddresses })
  return (request, response) => {
    const address = addressOf(request)
    const handle = handlers.get(address) ?? handlerFor(address)
    handlers.set(address, handle)
    handle(request, response)
  }
}

/** The address that the client has for us; one that can stand in no image reference gives charts that say so. */
function addressOf({ headers, socket }: IncomingMessage): string {
  const { host } = headers
  if (host !== undefined && host.length <= 255 && isTarget(host)) return host.toLowerCase()
  const { localAddress = '127.0.0.1', localPort = 80, localFamily } = socket
  const own = localAddress.replace(/^::ffff:/, '')
  return localFamily === 'IPv6' && own.includes(':') ? `[${own}]:${localPort}` : `${own}:${localPort}`
}

function isTarget(host: string): boolean {
  try {
    return parseTarget(host).prefix === ''
  } catch {
    return false
  }
}
