// Dependencies that a chart asks for and does not hold, put into `charts/` as `helm dependency build` does.

import { ChartferryError } from '../../errors.ts'
import type { ChartArchive } from '../../helm/chart/chart.ts'
import { writeChartArchive } from '../../helm/chart/chart-archive.ts'
import { chartLock } from '../../helm/chart/chart-lock.ts'
import type { ChartDependency } from '../../helm/chart/dependency.ts'
import { isLockInSync } from '../../helm/chart/lock-digest.ts'
import { parseVersion } from '../../helm/semver/version.ts'
import { parseVersionRange } from '../../helm/semver/version-range.ts'
import type { ChartSource } from './chart-source.ts'

export interface CompleteOptions {
  /** Opens the place that a dependency's `repository` names. Throws REPOSITORY_NOT_FOUND. */
  readonly open: (repository: string) => Promise<ChartSource>
  /** Default: none. */
  readonly signal?: AbortSignal | undefined
}

/**
 * The chart with each missing dependency beside the others, in the version that the lock file names, else the newest
 * that is asked for; the same archive where none is missing. Throws DEPENDENCY_MISSING for one that names no
 * repository, LOCK_STALE where the lock file is for other dependencies, and what the sources throw.
 */
export async function completeDependencies(archive: ChartArchive, options: CompleteOptions): Promise<ChartArchive> {
  const { chart, fileName } = archive
  const missing = chart.metadata.dependencies.filter((dependency) => isMissing(archive, dependency))
  if (missing.length === 0) return archive
  const lock = chartLock(chart)
  if (lock !== undefined && !isLockInSync(chart, lock)) {
    throw new ChartferryError('LOCK_STALE', `${fileName}: the lock file is not for the dependencies of Chart.yaml`, {
      hint: 'Run `helm dependency update` in the chart.',
    })
  }
  const [first] = archive.entries
  const folder = first?.path.split('/')[0] ?? chart.metadata.name
  const added = []
  for (const dependency of missing) {
    const locked = lock?.dependencies.find((entry) => isLockOf(entry, dependency)) ?? dependency
    const { bytes, fileName: name } = await fetchDependency(fileName, locked, options)
    added.push({
      path: `${folder}/charts/${name}`,
      type: 'file',
      mode: 0o644,
      mtime: first?.mtime ?? 0,
      data: bytes,
    } as const)
  }
  return writeChartArchive([...archive.entries, ...added], { fileName })
}

/** Whether no subchart is what a dependency asks for; where only one has its name, Helm takes it in any version. */
function isMissing({ chart }: ChartArchive, { name, version }: ChartDependency): boolean {
  const named = chart.subcharts.filter(({ metadata }) => metadata.name === name)
  const isOnly = chart.metadata.dependencies.filter((other) => other.name === name).length === 1
  return isOnly ? named.length === 0 : !named.some(({ metadata }) => satisfies(metadata.version, version))
}

function isLockOf(locked: ChartDependency, { name, version }: ChartDependency): boolean {
  return locked.name === name && satisfies(locked.version, version)
}

function satisfies(version: string, range: string): boolean {
  const parsed = parseVersion(version)
  return version === range || (parsed !== undefined && parseVersionRange(range)(parsed))
}

async function fetchDependency(
  chart: string,
  { name, version, repository }: ChartDependency,
  { open, signal }: CompleteOptions,
): Promise<ChartArchive> {
  if (repository === '') {
    throw new ChartferryError(
      'DEPENDENCY_MISSING',
      `${chart}: dependency ${name} is not in charts/, and names no repository`,
    )
  }
  const source = await open(repository)
  return source.fetch(await source.resolve({ name, version }), { signal })
}
