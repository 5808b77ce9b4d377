// Charts from a folder: packed as `helm package` does, but the same bytes for the same files.
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { ChartferryError } from '../../errors.ts'
import type { ArchiveEntry } from '../../helm/archive/entry.ts'
import { writeArchive } from '../../helm/archive/write.ts'
import type { ChartArchive } from '../../helm/chart/chart.ts'
import { readChartArchive } from '../../helm/chart/chart-archive.ts'
import { parseChartMetadata } from '../../helm/chart/metadata.ts'
import { defaultLimits, type Limits } from '../../limits.ts'
import type { ChartSource } from './chart-source.ts'
import { type IgnoreRule, parseHelmignore } from './helmignore.ts'
import { singleChart } from './single-chart.ts'

export interface DirectoryOptions {
  readonly limits?: Limits
}

/** The chart of a folder with a Chart.yaml in it. Reading throws CHART_INVALID, ARCHIVE_TOO_LARGE, TOO_MANY_ENTRIES. */
export function directory(path: string, options: DirectoryOptions = {}): ChartSource {
  return singleChart(path, () => packDirectory(path, options.limits ?? defaultLimits))
}

async function packDirectory(folder: string, limits: Limits): Promise<ChartArchive> {
  const chartYaml = await readOptional(join(folder, 'Chart.yaml'))
  if (chartYaml === undefined) throw new ChartferryError('CHART_INVALID', `${folder}: no Chart.yaml in this folder`)
  const { name, version } = parseChartMetadata(chartYaml.toString(), join(folder, 'Chart.yaml'))
  const isIgnored = parseHelmignore((await readOptional(join(folder, '.helmignore')))?.toString() ?? '')
  const entries: ArchiveEntry[] = []
  await collect(folder, '', isIgnored, limits, entries)
  // Helm's own order begins with Chart.yaml, which lets a reader know early whose archive it is.
  entries.sort((a, b) => Number(b.path === 'Chart.yaml') - Number(a.path === 'Chart.yaml'))
  const bytes = await writeArchive(entries.map((entry) => ({ ...entry, path: `${name}/${entry.path}` })))
  return readChartArchive(bytes, { fileName: `${name}-${version}.tgz`, limits })
}

async function collect(
  folder: string,
  below: string,
  isIgnored: IgnoreRule,
  limits: Limits,
  into: ArchiveEntry[],
): Promise<void> {
  const names = (await readdir(join(folder, below))).sort()
  for (const name of names) {
    const path = below === '' ? name : `${below}/${name}`
    // Follows links, as Helm does: what is packed is what they lead to.
    const { size, mtimeMs, mode, ...info } = await stat(join(folder, path)).then((stats) => ({
      size: stats.size,
      mtimeMs: stats.mtimeMs,
      mode: stats.mode,
      isDirectory: stats.isDirectory(),
      isFile: stats.isFile(),
    }))
    if (isIgnored(path, info.isDirectory)) continue
    if (info.isDirectory) {
      await collect(folder, path, isIgnored, limits, into)
      continue
    }
    if (!info.isFile) throw new ChartferryError('PATH_UNSAFE', `${join(folder, path)}: neither a file nor a folder`)
    if (size > limits.fileBytes)
      throw new ChartferryError(
        'ARCHIVE_TOO_LARGE',
        `${join(folder, path)}: ${size} bytes, the limit is ${limits.fileBytes}`,
      )
    if (into.length >= limits.archiveEntries)
      throw new ChartferryError('TOO_MANY_ENTRIES', `${folder}: more than ${limits.archiveEntries} files`)
    into.push({
      path,
      type: 'file',
      mode: mode & 0o777,
      mtime: Math.floor(mtimeMs / 1000),
      data: await readFile(join(folder, path)),
    })
  }
}

async function readOptional(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path)
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR'))
      return undefined
    throw error
  }
}
