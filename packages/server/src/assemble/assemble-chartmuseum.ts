// ChartMuseum's settings become parts, wired.
import type { RequestListener } from 'node:http'
import { type BlobStore, openFilesystemStore } from '@chartferry/core/transfer'
import type { Logger } from 'pino'
import { type StoreBreakerOptions, storeBreaker } from '../cache/store-breaker.ts'
import { chartmuseumAccess } from '../chartmuseum/chartmuseum-access.ts'
import type { ChartMuseumConfig, ChartMuseumStorage } from '../chartmuseum/chartmuseum-config.ts'
import { chartmuseumMetrics } from '../chartmuseum/chartmuseum-metrics.ts'
import { folderStore } from '../chartmuseum/folder-store.ts'
import { withUpstream } from '../chartmuseum/with-upstream.ts'
import { parseConfig } from '../config/load-config.ts'
import { hostedRepositories } from '../hosted/hosted-repository.ts'
import { keepHouse } from '../hosted/housekeeping.ts'
import { openHostedStore } from '../hosted/open-hosted-store.ts'
import { openMetrics } from '../metrics/metrics.ts'
import { chartContents } from '../repository/chart-contents.ts'
import type { ChartRepository } from '../repository/chart-repository.ts'
import { singleFlight } from '../repository/single-flight.ts'
import { uploadSpool } from '../routes/spool-upload.ts'
import { childPool } from '../workers/child-pool.ts'
import { type Assembly, assemble } from './assemble.ts'
import { chartmuseumApp } from './chartmuseum-app.ts'
import { folderPoll, probedBucket, probedFolder, storeBounds } from './open-store.ts'

export interface ChartMuseumAssembly {
  readonly handle: RequestListener
  readonly charts: ChartRepository
  close(): Promise<void>
}

export interface AssembleChartMuseumOptions {
  readonly config: ChartMuseumConfig
  readonly log: Logger
  readonly now: () => number
  readonly environment: Readonly<Record<string, string | undefined>>
}

/** Milliseconds for which one server may lack what another one put into a bucket. */
const bucketPoll = 1000

/** Our own keys; a name that no repository of ChartMuseum can have. */
const ownFolder = '.chartferry'
const upstreamName = 'upstream'

/** Wires a server. Throws STORE_UNAVAILABLE, CONFIG_INVALID. */
export async function assembleChartMuseum({
  config,
  log,
  now,
  environment,
}: AssembleChartMuseumOptions): Promise<ChartMuseumAssembly> {
  const warn = (message: string, details: Readonly<Record<string, unknown>>): void => log.warn(details, message)
  const info = (message: string, details: Readonly<Record<string, unknown>>): void => log.info(details, message)
  const access = await chartmuseumAccess(config, now)
  const { own, folder, close } = await openStores(config.storage, warn)
  const pollEvery = config.storage.kind === 'amazon' ? bucketPoll : folderPoll
  const hosted = openHostedStore(own, { now, warn, pollEvery })
  const store = folderStore({ ...config, store: hosted, folder, now, warn, info })
  const leaveHouse = keepHouse({ store: hosted, warn })
  const { chartUrl, contextPath } = config
  const repositories = hostedRepositories({
    store,
    has: () => true,
    indexOptions: (repository) => ({
      base: chartUrl && `${chartUrl}${contextPath}${repository === '' ? '' : `/${repository}`}`,
      serverInfo: contextPath === '' ? {} : { contextPath },
    }),
  })
  const metrics = chartmuseumMetrics()
  const far = await openUpstream(config, { log, now, environment })
  const charts =
    far === undefined
      ? repositories
      : withUpstream({ local: repositories, upstream: far.charts, name: upstreamName, warn })
  const stopping = new AbortController()
  const children = childPool()
  const { limits } = config
  const contents = chartContents({ limits, children, flights: singleFlight(), signal: stopping.signal })
  const uploads = uploadSpool()
  const handle = chartmuseumApp({ config, uploads, contents, store, repositories, charts, access, metrics, log, now })
  return {
    handle,
    charts,
    close: async () => {
      stopping.abort()
      children.close()
      leaveHouse()
      await Promise.all([store.settle(), far?.close()])
      await uploads.close()
      close()
    },
  }
}

/** The upstream is a proxied repository of a server that listens to nothing. */
async function openUpstream(
  { upstream, storage }: ChartMuseumConfig,
  options: Omit<AssembleChartMuseumOptions, 'config'>,
): Promise<Assembly | undefined> {
  if (upstream === undefined) return undefined
  const { kind: _, folder: __, ...bucket } = { folder: '', ...storage }
  const place =
    storage.kind === 'local'
      ? { data: `${storage.folder}/${ownFolder}` }
      : { s3: { ...bucket, prefix: `${storage.prefix}/${ownFolder}`.replace(/^\//, '') } }
  const config = await parseConfig('', {
    file: '--proxy-url',
    environment: options.environment,
    overrides: { ...place, repositories: { [upstreamName]: { url: upstream } } },
  })
  return assemble({ ...options, config, metrics: openMetrics(), isStopping: () => false, reload: async () => {} })
}

async function openStores(
  storage: ChartMuseumStorage,
  warn: StoreBreakerOptions['warn'],
): Promise<{ readonly own: BlobStore; readonly folder: BlobStore; readonly close: () => void }> {
  const bounded = (store: BlobStore): BlobStore => storeBreaker(store, { ...storeBounds, warn })
  if (storage.kind === 'local') {
    return {
      folder: bounded(await openFilesystemStore(storage.folder)),
      own: await probedFolder(
        bounded(await openFilesystemStore(`${storage.folder}/${ownFolder}`)),
        storage.folder,
        warn,
      ),
      close: () => {},
    }
  }
  const { openS3Store } = await import('@chartferry/core/s3')
  const { kind: _, prefix, ...options } = storage
  const before = prefix === '' ? '' : `${prefix}/`
  const folder = await openS3Store({ ...options, prefix: before })
  const own = await openS3Store({ ...options, prefix: `${before}${ownFolder}/` })
  const close = (): void => {
    folder.close()
    own.close()
  }
  try {
    return { folder: bounded(folder), own: await probedBucket(bounded(own), storage, warn), close }
  } catch (thrown) {
    close()
    throw thrown
  }
}
