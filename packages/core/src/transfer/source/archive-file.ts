// Charts from an archive on disk, with the provenance beside it.
import { open, readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { ChartferryError, messageOf } from '../../errors.ts'
import type { ChartArchive } from '../../helm/chart/chart.ts'
import { readChartArchive } from '../../helm/chart/chart-archive.ts'
import { defaultLimits, type Limits } from '../../limits.ts'
import type { ChartSource } from './chart-source.ts'
import { singleChart } from './single-chart.ts'

export interface ArchiveFileOptions {
  readonly limits?: Limits
}

/** The chart of one `.tgz`. Reading throws FILE_NOT_FOUND and whatever `readChartArchive` throws. */
export function archiveFile(path: string, options: ArchiveFileOptions = {}): ChartSource {
  return singleChart(path, () => readArchiveFile(path, options.limits ?? defaultLimits))
}

async function readArchiveFile(path: string, limits: Limits): Promise<ChartArchive> {
  const bytes = await readBounded(path, limits.archiveBytes)
  if (bytes === undefined) throw new ChartferryError('FILE_NOT_FOUND', `${path}: no such file`)
  const provenance = await readBounded(`${path}.prov`, limits.provenanceBytes)
  return readChartArchive(bytes, { fileName: basename(path), limits, ...(provenance ? { provenance } : {}) })
}

/** The bytes of a file, or undefined where there is none. A file above the limit is not read. */
async function readBounded(path: string, limit: number): Promise<Uint8Array | undefined> {
  let handle: Awaited<ReturnType<typeof open>>
  try {
    handle = await open(path)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw new ChartferryError('FILE_NOT_FOUND', `${path}: ${messageOf(error)}`, { cause: error })
  }
  try {
    const stats = await handle.stat()
    if (!stats.isFile()) throw new ChartferryError('FILE_NOT_FOUND', `${path}: not a file`)
    if (stats.size > limit) {
      throw new ChartferryError('ARCHIVE_TOO_LARGE', `${path}: ${stats.size} bytes, the limit is ${limit}`)
    }
    return await readFile(handle)
  } finally {
    await handle.close()
  }
}
