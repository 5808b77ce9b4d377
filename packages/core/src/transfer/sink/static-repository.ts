// Writes charts into a folder that any web server can serve as a chart repository: archives, provenance, and the index
// file.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ChartArchive } from '../../helm/chart/chart.ts'
import { formatIndexFile } from '../../helm/repository/format-index-file.ts'
import type { ChartVersion, IndexFile } from '../../helm/repository/index-file.ts'
import { parseIndexFile } from '../../helm/repository/parse-index-file.ts'
import { compareVersions, parseVersion } from '../../helm/semver/version.ts'
import { replaceFile } from '../../storage/replace-file.ts'
import type { ChartSink } from './chart-sink.ts'
import { directorySink } from './directory.ts'

export interface StaticRepositoryOptions {
  /** The time of new entries. */
  readonly now: () => Date
}

/**
 * A folder with an index.yaml: what stood there stays, and charts that are put replace their own version. The index
 * file is written when the sink is closed. Closing throws INDEX_INVALID where what stood there is no index file.
 */
export function staticRepositorySink(folder: string, { now }: StaticRepositoryOptions): ChartSink {
  const sink = directorySink(folder)
  const path = join(folder, 'index.yaml')
  const added: ChartVersion[] = []
  return {
    ...sink,
    async put(archive) {
      const place = await sink.put(archive)
      added.push(entryOf(archive, now()))
      return place
    },
    async close() {
      await sink.close()
      const old = await readOptional(path)
      const index = old === undefined ? undefined : parseIndexFile(old, { where: path })
      const text = formatIndexFile({ ...withVersions(index, added), generated: now().toISOString() }, 'yaml')
      await replaceFile(path, new TextEncoder().encode(text))
    },
  }
}

async function readOptional(path: string): Promise<Uint8Array | undefined> {
  try {
    return await readFile(path)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

function entryOf({ chart, fileName, digest }: ChartArchive, created: Date): ChartVersion {
  const { name, version, raw } = chart.metadata
  const fields = { ...raw, name, version }
  return { name, version, urls: [encodeURIComponent(fileName)], digest, created: created.toISOString(), fields }
}

/** The index with versions added, the newest first; one of the same bytes keeps its time. */
function withVersions(index: IndexFile | undefined, added: readonly ChartVersion[]): IndexFile {
  const entries = new Map(index?.entries ?? [])
  for (const version of added) {
    const known = entries.get(version.name) ?? []
    const same = known.find((other) => other.version === version.version)
    const entry =
      same?.digest === version.digest && same?.created !== undefined ? { ...version, created: same.created } : version
    entries.set(version.name, [...known.filter((other) => other !== same), entry].sort(newestFirst))
  }
  const sorted = new Map([...entries].sort(([a], [b]) => (a < b ? -1 : 1)))
  return { apiVersion: 'v1', skipped: [], ...index, entries: sorted }
}

function newestFirst(a: ChartVersion, b: ChartVersion): number {
  const [left, right] = [parseVersion(a.version), parseVersion(b.version)]
  return left === undefined || right === undefined ? 0 : compareVersions(right, left)
}
