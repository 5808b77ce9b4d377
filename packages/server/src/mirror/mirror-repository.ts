// Takes all that is shown of an upstream: into a folder that any web server can serve, or just through a cache on the
// way.

import { type ChartferryError, defaultLimits, digestOf, isChartferryError, type Limits } from '@chartferry/core'
import { type ChartVersion, formatIndexFile, type IndexFile, parseIndexFile } from '@chartferry/core/helm'
import { type Credential, digestHex, openHttpClient, throwIfCancelled } from '@chartferry/core/internal'
import type { RegistrySetting } from '@chartferry/core/oci'
import { type BlobStore, openFilesystemStore, openMemoryStore } from '@chartferry/core/transfer'
import { openUpstream } from '../assemble/open-upstream.ts'
import { gzipOnly } from '../cache/archive-cache.ts'
import type { FilterConfig } from '../config/config.ts'
import { filterEntries } from '../repository/filter-entries.ts'
import { archiveUrlOf } from '../upstream/archive-url.ts'
import { breaker } from '../upstream/breaker.ts'
import { encodePath, entryPath } from '../upstream/chart-path.ts'
import { hostLimit } from '../upstream/host-limit.ts'
import type { Upstream } from '../upstream/upstream.ts'
import { digestingStream } from './digesting-stream.ts'
import { openInspection } from './inspect-mirrored.ts'

/** Where the charts come from; as the settings of a proxied repository. */
export interface MirrorSource {
  readonly url: string
  readonly charts?: readonly string[] | undefined
  readonly plainHttp?: boolean | undefined
  readonly credential?: Credential | undefined
  /** Text of PEM files. */
  readonly ca?: string | undefined
  readonly cert?: string | undefined
  readonly key?: string | undefined
  readonly insecureSkipTlsVerify?: boolean | undefined
  /** How registries are reached whose names do not say so. Default: each by its name. */
  readonly registries?: readonly RegistrySetting[] | undefined
}

export interface MirrorOptions {
  /** The folder of the repository that is made; undefined: nothing is kept. */
  readonly folder?: string | undefined
  /** Which versions. A keyring or a gate needs a folder. Default: all. */
  readonly filter?: Partial<FilterConfig>
  /** Whether provenance files come along. Default: true. */
  readonly provenance?: boolean
  /** Whether it is only counted what would be fetched. Default: false. */
  readonly dryRun?: boolean
  /** Archives at a time. Default: 8. */
  readonly concurrency?: number
  readonly limits?: Limits
  /** Where proxy variables are read. Default: the process's. */
  readonly environment?: Readonly<Record<string, string | undefined>>
  readonly signal?: AbortSignal | undefined
  /** Told after each version. */
  readonly onProgress?: ((progress: MirrorProgress) => void) | undefined
}

export interface MirrorProgress {
  readonly done: number
  readonly total: number
  /** That were fetched. */
  readonly bytes: number
}

export interface MirroredRepository {
  /** Versions that the index has now. */
  readonly versions: number
  /** What was fetched, or would be. */
  readonly fetched: number
  /** What was in the folder already. */
  readonly present: number
  /** Bytes that were fetched. */
  readonly bytes: number
  /** What signatures or a gate have refused. */
  readonly refused: readonly { readonly chart: string; readonly version: string; readonly reason: string }[]
  readonly failed: readonly { readonly chart: string; readonly version: string; readonly error: ChartferryError }[]
}

interface Wanted {
  readonly chart: string
  readonly entry: ChartVersion
  /** Behind `charts/`. */
  readonly path: string
}

const everything: FilterConfig = { prereleases: true, deprecated: true, minAge: 0, gateTimeout: 300_000 }

/**
 * Fetches what is not in the folder yet, each archive with the digest of the index, and writes the index last, so that
 * it never names what is not there. Versions that cannot be had are left out and told, and so are those that a keyring
 * or a gate refuses. Throws as `Upstream.index` does, STORE_UNAVAILABLE, CANCELLED.
 */
export async function mirrorRepository(source: MirrorSource, options: MirrorOptions = {}): Promise<MirroredRepository> {
  const { folder, concurrency = 8, dryRun = false, signal } = options
  const store = folder === undefined ? undefined : await openFilesystemStore(folder)
  const opened = open(source, options)
  try {
    const inspection = await openInspection({
      filter: { ...everything, ...options.filter },
      folder,
      upstream: opened.upstream,
      signal,
    })
    const { index, wanted } = await select(opened.upstream, options)
    const outcomes = { fetched: 0, present: 0, bytes: 0, done: 0 }
    const failed: { chart: string; version: string; error: ChartferryError }[] = []
    const refused: { chart: string; version: string; reason: string }[] = []
    const missing = new Set<ChartVersion>()
    const refusedEntries = new Set<ChartVersion>()
    const refuse = ({ chart, entry }: Wanted, reason: string): void => {
      refused.push({ chart, version: entry.version, reason })
      refusedEntries.add(entry)
      missing.add(entry)
    }
    const queue = wanted.values()
    const worker = async (): Promise<void> => {
      for (const one of queue) {
        throwIfCancelled(signal)
        try {
          const known = await inspection?.known(one)
          if (known !== undefined) {
            refuse(one, known)
            continue
          }
          const bytes = dryRun ? await missingBytes(store, one) : await take(opened.upstream, store, one, options)
          if (bytes === undefined) outcomes.present++
          else outcomes.fetched++
          outcomes.bytes += bytes ?? 0
          if (inspection === undefined || store === undefined || dryRun) continue
          const reason = await inspection.inspect(one, store)
          if (reason !== undefined) refuse(one, reason)
        } catch (thrown) {
          const isFatal = !isChartferryError(thrown) || ['CANCELLED', 'STORE_UNAVAILABLE'].includes(thrown.code)
          if (isFatal) throw thrown
          failed.push({ chart: one.chart, version: one.entry.version, error: thrown })
          missing.add(one.entry)
        } finally {
          outcomes.done++
          options.onProgress?.({ done: outcomes.done, total: wanted.length, bytes: outcomes.bytes })
        }
      }
    }
    await Promise.all(Array.from({ length: concurrency }, worker))
    const there = wanted.filter(({ entry }) => !missing.has(entry))
    if (!dryRun) await store?.put('index.yaml', Buffer.from(formatIndexFile(indexOf(index, there), 'yaml')))
    // Only when no index names them any more.
    for (const { path } of dryRun ? [] : wanted.filter(({ entry }) => refusedEntries.has(entry)))
      for (const key of [`charts/${path}`, `charts/${path}.prov`]) await store?.delete(key)
    const { done: _, ...counts } = outcomes
    return { versions: there.length, ...counts, refused, failed }
  } finally {
    await opened.close()
  }
}

function open(
  source: MirrorSource,
  { concurrency = 8, limits = defaultLimits, environment = process.env }: MirrorOptions,
): { readonly upstream: Upstream; close(): Promise<void> } {
  const { ca, cert, key, insecureSkipTlsVerify = false } = source
  const servers = {
    breaker: breaker({ pause: 30_000, now: Date.now }),
    limit: hostLimit(concurrency),
    fillTimeout: 600_000,
    pseudonym: 'chartferry-mirror',
  }
  const repository = {
    url: source.url,
    charts: source.charts,
    plainHttp: source.plainHttp,
    insecureSkipTlsVerify,
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(source.credential === undefined ? {} : { credential: source.credential }),
  }
  // What is learned of a registry's tags lives as long as this run.
  return openUpstream('mirror', repository, {
    openClient: (given) => openHttpClient({ environment, ...given }),
    registrySettings: source.registries ?? [],
    servers,
    limits,
    store: openMemoryStore(),
    now: Date.now,
  })
}

async function select(
  upstream: Upstream,
  { filter = {}, limits = defaultLimits, signal }: MirrorOptions,
): Promise<{ readonly index: IndexFile; readonly wanted: readonly Wanted[] }> {
  const { bytes = new Uint8Array() } = await upstream.index({}, { signal })
  const index = parseIndexFile(bytes, { where: `index of ${upstream.source}`, limits })
  const entries = filterEntries(index.entries, { ...everything, ...filter }, Date.now())
  const wanted = [...entries].flatMap(([chart, versions]) =>
    versions.flatMap((entry) => {
      const from = archiveUrlOf(upstream.urls, entry)
      return from === undefined ? [] : [{ chart, entry, path: storedPath(entry, entryPath(entry, from)) }]
    }),
  )
  return { index, wanted }
}

/** A file name that is no key of a store gets the one that Helm would give. */
function storedPath({ name, version }: ChartVersion, path: string): string {
  const [folder = '', fileName = ''] = path.split('/')
  return /^[A-Za-z0-9_+-][A-Za-z0-9._+-]*$/.test(fileName) ? path : `${folder}/${name}-${version}.tgz`
}

/** Nobody knows how many there will be; undefined where all is there. */
async function missingBytes(store: BlobStore | undefined, { entry, path }: Wanted): Promise<number | undefined> {
  return (await isThere(store, `charts/${path}`, entry)) ? undefined : 0
}

/** The bytes that were fetched; undefined where all was there. */
async function take(
  upstream: Upstream,
  store: BlobStore | undefined,
  { entry, path }: Wanted,
  { provenance = true, signal }: MirrorOptions,
): Promise<number | undefined> {
  const key = `charts/${path}`
  const where = `${entry.name} ${entry.version}`
  const expected = entry.digest
  let fetched: number | undefined
  if (!(await isThere(store, key, entry))) {
    fetched = await upstream.archive(
      entry,
      async (body) => {
        const pieces = gzipOnly(where, body)
        if (store !== undefined)
          return (await store.put(key, pieces, expected === undefined ? {} : { digest: expected })).size
        return digestingStream(pieces, where, expected)
      },
      { signal },
    )
  }
  if (!provenance || (store !== undefined && (await store.stat(`${key}.prov`)) !== undefined)) return fetched
  const signed = await upstream.provenance(entry, { signal }).catch((thrown: unknown) => {
    if (isChartferryError(thrown, 'CHART_NOT_FOUND')) return undefined
    throw thrown
  })
  if (signed !== undefined) await store?.put(`${key}.prov`, signed)
  return fetched
}

/** Bytes of another digest than the index has are fetched again. */
async function isThere(store: BlobStore | undefined, key: string, { digest }: ChartVersion): Promise<boolean> {
  if (store === undefined) return false
  if (digest === undefined) return (await store.stat(key)) !== undefined
  const blob = await store.get(key)
  if (blob === undefined) return false
  return digestHex(digestOf(Buffer.concat(await blob.body.toArray()))) === digestHex(digest)
}

function indexOf(index: IndexFile, wanted: readonly Wanted[]): IndexFile {
  const entries = new Map<string, ChartVersion[]>()
  for (const { chart, entry, path } of wanted) {
    const versions = entries.get(chart) ?? []
    versions.push({ ...entry, urls: [`charts/${encodePath(path)}`] })
    entries.set(chart, versions)
  }
  const { serverInfo: _, ...head } = index
  return { ...head, entries }
}
