// What a working folder is made of: a chart with its rendering, or a folder of manifests.
import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { ChartferryError } from '../../errors.ts'
import type { ChartArchive } from '../../helm/chart/chart.ts'
import type { RenderResult } from '../../helm/render/chart-renderer.ts'
import { type BaseFile, baseOfRendering } from './manifest-files.ts'
import type { WorkingFile } from './working-folder.ts'

/** What is pulled: its files as they came, and its manifests. */
export interface Application {
  readonly name: string
  readonly version: string
  /** Of all its files. */
  readonly digest: string
  readonly upstream: readonly WorkingFile[]
  readonly base: readonly BaseFile[]
}

/** A chart: its archive's files, and what it renders, hooks included. */
export function applicationOfChart(archive: ChartArchive, { documents, hooks }: RenderResult): Application {
  const { name, version } = archive.chart.metadata
  const files = new Map(
    archive.entries
      .filter(({ type }) => type === 'file')
      .map(({ path, data }): [string, WorkingFile] => [path, { path, content: data }]),
  )
  const base = baseOfRendering([...documents, ...hooks])
  return { name, version, digest: archive.digest, upstream: [...files.values()], base }
}

/**
 * A folder of manifests: all its YAML files, at any depth, but for kustomizations, which are not built here. Throws
 * FILE_NOT_FOUND where there are none.
 */
export async function applicationOfFolder(folder: string, name: string): Promise<Application> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const paths = entries
    .filter((entry) => entry.isFile() && /\.ya?ml$/i.test(entry.name))
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .sort()
  const kustomization = paths.find((path) => /(^|\/)kustomization\.ya?ml$/.test(path))
  if (kustomization !== undefined)
    throw new ChartferryError('USAGE', `${folder}/${kustomization}: a kustomization is no plain manifest`, {
      hint: `Build it first: kubectl kustomize ${folder} > manifests/all.yaml`,
    })
  if (paths.length === 0) throw new ChartferryError('FILE_NOT_FOUND', `${folder}: no Chart.yaml and no manifests in it`)
  const files = await Promise.all(paths.map(async (path) => ({ path, content: await readFile(join(folder, path)) })))
  const hash = createHash('sha256')
  for (const { path, content } of files) hash.update(`${path}\0${content.length}\0`).update(content)
  return {
    name:
      name
        .toLowerCase()
        .replace(/[^a-z0-9-]+/g, '-')
        .replace(/^-+|-+$/g, '') || 'manifests',
    version: 'manifests',
    digest: `sha256:${hash.digest('hex')}`,
    upstream: files,
    base: files.map(({ path, content }) => ({ path, text: content.toString() })),
  }
}
