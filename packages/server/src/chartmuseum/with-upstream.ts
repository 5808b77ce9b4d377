// Charts that are not here come from an upstream: what was pushed counts first.

import { isChartferryError } from '@chartferry/core'
import type { ChartVersion } from '@chartferry/core/helm'
import { messageOf } from '@chartferry/core/internal'
import { theServer } from '../auth/access.ts'
import type { AskOptions, ChartRepository, FileAnswer } from '../repository/chart-repository.ts'
import { addEntries } from '../repository/entries.ts'
import { type IndexSnapshot, indexSnapshot, isSameIndex } from '../repository/index-snapshot.ts'
import { servedPath } from '../upstream/chart-path.ts'

export interface UpstreamOptions {
  /** What was pushed. */
  readonly local: ChartRepository
  /** Has one repository of this name. */
  readonly upstream: ChartRepository
  readonly name: string
  readonly warn: (message: string, details: Readonly<Record<string, unknown>>) => void
}

/** The local repositories, with what the upstream has besides. While it gives nothing the local charts are served. */
export function withUpstream({ local, upstream, name, warn }: UpstreamOptions): ChartRepository {
  let merged: { readonly parts: readonly IndexSnapshot[]; readonly snapshot: IndexSnapshot } | undefined

  async function far(options: AskOptions | undefined): Promise<IndexSnapshot | undefined> {
    try {
      return (await upstream.index(name, { ...options, caller: theServer })).snapshot
    } catch (thrown) {
      warn('the upstream gives nothing', { error: messageOf(thrown) })
      return undefined
    }
  }

  async function index(repository: string, options: AskOptions | undefined): Promise<IndexSnapshot> {
    const [near, other] = await Promise.all([local.index(repository, options), far(options)])
    if (other === undefined) return near.snapshot
    const parts = [near.snapshot, other]
    if (merged?.parts.every((part, at) => part === parts[at] || (parts[at] && isSameIndex(part, parts[at]))) === true)
      return merged.snapshot
    const others = [...other.index.entries].flatMap(([chart, versions]) => versions.map((entry) => ({ chart, entry })))
    const all = addEntries(near.snapshot.index.entries, others)
    const entries = new Map([...all].sort(([a], [b]) => (a < b ? -1 : 1)))
    const modified = Math.max(near.snapshot.modified, other.modified)
    merged = { parts, snapshot: indexSnapshot({ ...near.snapshot.index, entries }, modified) }
    return merged.snapshot
  }

  /** ChartMuseum's clients ask for `charts/<name>-<version>.tgz`, whatever the index says. */
  async function farPath(file: string, options: AskOptions | undefined): Promise<string> {
    if (file.includes('/')) return file
    const isIt = ({ name: chart, version }: ChartVersion): boolean => `${chart}-${version}.tgz` === file
    const entries = (await far(options))?.index.entries
    for (const name of entries?.keys() ?? []) {
      if (!file.startsWith(`${name}-`)) continue
      const path = servedPath(entries?.get(name)?.find(isIt)?.urls[0])
      if (path !== undefined) return path
    }
    return file
  }

  async function file(
    near: () => Promise<FileAnswer>,
    path: string,
    options: AskOptions | undefined,
    read: (path: string, options: AskOptions) => Promise<FileAnswer>,
  ): Promise<FileAnswer> {
    try {
      return await near()
    } catch (thrown) {
      if (!isChartferryError(thrown, 'CHART_NOT_FOUND')) throw thrown
      return read(await farPath(path, options), { ...options, caller: theServer })
    }
  }

  return {
    ...local,
    index: async (repository, options) => ({ snapshot: await index(repository, options) }),
    archive: (repository, path, options) =>
      file(
        () => local.archive(repository, path, options),
        path,
        options,
        (there, asked) => upstream.archive(name, there, asked),
      ),
    provenance: (repository, path, options) =>
      file(
        () => local.provenance(repository, path, options),
        path,
        options,
        (there, asked) => upstream.provenance(name, there, asked),
      ),
  }
}
