// The charts of a bundle as a repository, relocated to where its images are served.

import { type ChartArchive, ChartferryError, type ChartId, digestOf } from '@chartferry/core'
import { parseIndexFile } from '@chartferry/core/helm'
import { count, digestHex } from '@chartferry/core/internal'
import type { Bundle, ServedContent } from '@chartferry/core/transfer'
import { LRUCache } from 'lru-cache'
import type { StoredFile } from '../cache/archive-cache.ts'
import { encodePath } from '../upstream/chart-path.ts'
import type { ChartRepository, FileAnswer } from './chart-repository.ts'
import { type IndexSnapshot, indexSnapshot } from './index-snapshot.ts'

export interface BundledChartsOptions {
  readonly bundle: Bundle
  readonly content: ServedContent
  /** The name of the repository. */
  readonly name: string
  /** `host[:port]` under which clients reach the images. */
  readonly address: string
  /** Bytes of archives that are held in memory; others are made again when they are asked for. Default: 64 MiB. */
  readonly memory?: number
}

interface Shown {
  readonly snapshot: IndexSnapshot
  /** By the path behind `charts/`. */
  readonly places: ReadonlyMap<string, ChartId>
}

/**
 * One repository. A chart with a plan is edited as it says, for the address; nothing is rendered here, and what was
 * proven is what the bundle carries. One without a plan is served as it was. `index` throws REFERENCE_INVALID for an
 * address that is none.
 */
export function bundledCharts({
  bundle,
  content,
  name,
  address,
  memory = 64 << 20,
}: BundledChartsOptions): ChartRepository {
  const made = new LRUCache<string, ChartArchive>({ maxSize: memory })
  let shown: Promise<Shown> | undefined

  async function make(id: ChartId): Promise<ChartArchive> {
    const key = `${id.name} ${id.version}`
    const known = made.get(key)
    if (known !== undefined) return known
    const { archive } = await content.chart(id, address)
    made.set(key, archive, { size: archive.bytes.length + 1 })
    return archive
  }

  async function showAll(): Promise<Shown> {
    const entries: Record<string, unknown[]> = Object.create(null)
    const places = new Map<string, ChartId>()
    for (const { name: chartName, version } of bundle.contents.charts) {
      const id = { name: chartName, version }
      const { chart, digest } = await make(id)
      const path = `${digestHex(digest).slice(0, 12)}/${chartName}-${version}.tgz`
      places.set(path, id)
      entries[chartName] ??= []
      entries[chartName].push({ ...chart.metadata.raw, urls: [`charts/${encodePath(path)}`], digest })
    }
    const index = parseIndexFile(JSON.stringify({ apiVersion: 'v1', entries }))
    return { snapshot: indexSnapshot(index, 0), places }
  }

  function show(repository: string): Promise<Shown> {
    if (repository !== name) throw new ChartferryError('REPOSITORY_NOT_FOUND', `no repository "${repository}"`)
    shown ??= showAll().catch((thrown: unknown) => {
      shown = undefined
      throw thrown
    })
    return shown
  }

  async function archiveAt(repository: string, path: string): Promise<ChartArchive> {
    const id = (await show(repository)).places.get(path)
    if (id === undefined)
      throw new ChartferryError('CHART_NOT_FOUND', `repository "${repository}" has no archive "${path}"`)
    return make(id)
  }

  return {
    index: async (repository) => ({ snapshot: (await show(repository)).snapshot }),
    archive: async (repository, path) => answerWith((await archiveAt(repository, path)).bytes),
    provenance: async (repository, path) => {
      const { provenance } = await archiveAt(repository, path)
      if (provenance === undefined)
        throw new ChartferryError('CHART_NOT_FOUND', `"${path}" has no provenance file: it was made for other bytes`)
      return answerWith(provenance)
    },
    changes: async (repository) => {
      await show(repository)
      return []
    },
    status: async (repository) => {
      const { snapshot } = await show(repository)
      const charts = snapshot.index.entries.size
      return {
        name,
        kind: 'bundle',
        source: bundle.name,
        state: `${count(charts, 'chart')} · ${count(bundle.contents.images.length, 'image')}`,
        charts,
        versions: snapshot.versions,
      }
    },
  }
}

function answerWith(bytes: Uint8Array): FileAnswer {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const file: StoredFile = {
    size: buffer.length,
    digest: digestOf(buffer),
    open: async (range) => (range === undefined ? buffer : buffer.subarray(range.start, range.end + 1)),
  }
  return { file, immutable: true }
}
