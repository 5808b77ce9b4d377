// What CHART means on the command line: a folder, an archive, a URL, or a name in one of Helm's repositories.
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { type ChartArchive, ChartferryError } from '@chartferry/core'
import { didYouMean } from '@chartferry/core/internal'
import { archiveFile, directory, ociChart, parseChartReference } from '@chartferry/core/transfer'
import { withDependencies } from './chart-dependencies.ts'
import { readHelmRepositories } from './helm-repositories.ts'
import { type AccessOptions, fromFlags, type NamedChart, openArchive, openRepository } from './named-chart.ts'
import { openCommandRegistries } from './registry-options.ts'

/** Reads the chart of a folder or an archive. Throws FILE_NOT_FOUND. */
export async function readLocalChart(argument: string, signal: AbortSignal): Promise<ChartArchive> {
  const found = await stat(argument).catch(() => undefined)
  if (found === undefined) throw new ChartferryError('FILE_NOT_FOUND', `${argument}: no such file or folder`)
  const source = found.isDirectory() ? directory(argument) : archiveFile(argument)
  return source.fetch(await source.resolve({ name: argument }), { signal })
}

/**
 * The arguments, with each folder of charts in place of it: its archives, and its folders that are charts, in the order
 * of their names.
 */
export async function chartsOf(charts: readonly string[]): Promise<readonly string[]> {
  const lists = await Promise.all(
    charts.map(async (argument) => {
      const entries = await readdir(argument, { withFileTypes: true }).catch(() => [])
      if (entries.length === 0 || entries.some(({ name }) => name === 'Chart.yaml')) return [argument]
      const found = await Promise.all(
        entries.map(async (entry) => {
          const path = join(argument, entry.name)
          const isChart = entry.isDirectory()
            ? (await stat(join(path, 'Chart.yaml')).catch(() => undefined)) !== undefined
            : entry.name.endsWith('.tgz')
          return isChart ? [path] : []
        }),
      )
      const paths = found.flat().sort()
      return paths.length === 0 ? [argument] : paths
    }),
  )
  return lists.flat()
}

/**
 * Reads the chart of an argument, with its provenance where there is one. Throws USAGE, FILE_NOT_FOUND,
 * REPOSITORY_NOT_FOUND, what the source throws.
 */
export async function readChart(argument: string, options: AccessOptions, signal: AbortSignal): Promise<ChartArchive> {
  const { source, name, close, folder } = await findChart(argument, options)
  try {
    const archive = await source.fetch(await source.resolve({ name, version: wantedVersion(options) }), { signal })
    return folder === undefined ? archive : await withDependencies(archive, folder, options, signal)
  } finally {
    await close()
  }
}

/** The version to ask for. `--devel` counts only without one, as helm has it. */
function wantedVersion({ version, devel }: AccessOptions): string | undefined {
  return version ?? (devel === true ? '>0.0.0-0' : undefined)
}

async function findChart(argument: string, options: AccessOptions): Promise<NamedChart> {
  if (options.repo !== undefined) return openRepository({ ...fromFlags(options), url: options.repo }, argument)
  if (/^https?:\/\//.test(argument)) return openArchive(argument, options)
  if (argument.startsWith('oci://')) return fromRegistry(argument, options)
  const found = await stat(argument).catch(() => undefined)
  if (found?.isDirectory() === true)
    return { source: directory(argument), name: argument, folder: argument, close: nothing }
  if (found !== undefined) return { source: archiveFile(argument), name: argument, close: nothing }
  return fromHelmRepository(argument, options)
}

async function fromRegistry(argument: string, options: AccessOptions): Promise<NamedChart> {
  const registries = await openCommandRegistries(options)
  const { name } = parseChartReference(argument)
  return {
    source: ociChart(argument, (repository) => registries.source(repository)),
    name,
    close: () => registries.close(),
  }
}

async function fromHelmRepository(argument: string, options: AccessOptions): Promise<NamedChart> {
  const slash = argument.indexOf('/')
  const isName = slash > 0 && !argument.endsWith('.tgz') && !/^[./]/.test(argument)
  if (!isName) throw new ChartferryError('FILE_NOT_FOUND', `${argument}: no such file or folder`)
  const [repository, name] = [argument.slice(0, slash), argument.slice(slash + 1)]
  const { file, repositories } = await readHelmRepositories()
  const entry = repositories.find((candidate) => candidate.name === repository)
  if (entry === undefined) {
    const known = repositories.map((candidate) => candidate.name).join(', ')
    throw new ChartferryError(
      'REPOSITORY_NOT_FOUND',
      `${argument}: no such file, and no repository ${repository} in ${file}`,
      {
        hint:
          known === ''
            ? `Add it: helm repo add ${repository} URL`
            : [
                didYouMean(
                  repository,
                  repositories.map((candidate) => candidate.name),
                ),
                `Known repositories: ${known}. Add this one: helm repo add ${repository} URL`,
              ]
                .filter((line) => line !== '')
                .join('\n'),
      },
    )
  }
  return openRepository({ ...entry, ...fromFlags(options) }, name)
}

const nothing = async (): Promise<void> => {}
