// The dependencies that the chart of a folder lacks, from the places that Chart.yaml names, reached as Helm reaches
// them.
import { join } from 'node:path'
import { type ChartArchive, ChartferryError } from '@chartferry/core'
import { type ChartSource, completeDependencies, directory, ociFolder } from '@chartferry/core/transfer'
import { readHelmRepositories } from './helm-repositories.ts'
import { type AccessOptions, type NamedChart, openRepository } from './named-chart.ts'
import { openCommandRegistries } from './registry-options.ts'

/**
 * The chart of a folder, complete. Throws as `completeDependencies` does, REPOSITORY_NOT_FOUND for a name that Helm
 * does not know.
 */
export async function withDependencies(
  archive: ChartArchive,
  folder: string,
  options: AccessOptions,
  signal: AbortSignal,
): Promise<ChartArchive> {
  const opened = new Map<string, Promise<NamedChart>>()
  const open = async (repository: string): Promise<ChartSource> => {
    const known = opened.get(repository) ?? openDependency(repository, folder, options)
    opened.set(repository, known)
    return (await known).source
  }
  try {
    return await completeDependencies(archive, { open, signal })
  } finally {
    for (const result of await Promise.allSettled(opened.values()))
      if (result.status === 'fulfilled') await result.value.close()
  }
}

async function openDependency(repository: string, folder: string, options: AccessOptions): Promise<NamedChart> {
  if (repository.startsWith('file://')) {
    return { source: directory(join(folder, repository.slice('file://'.length))), name: '', close: async () => {} }
  }
  if (repository.startsWith('oci://')) return openRegistryFolder(repository, options)
  const alias = /^(?:@|alias:)(.*)/.exec(repository)?.[1]
  const { file, repositories } = await readHelmRepositories()
  const isSame = (url: string): boolean => url.replace(/\/+$/, '') === repository.replace(/\/+$/, '')
  const entry = repositories.find(({ name, url }) => (alias === undefined ? isSame(url) : name === alias))
  if (entry === undefined && alias !== undefined) {
    throw new ChartferryError('REPOSITORY_NOT_FOUND', `no repository ${alias} in ${file}`, {
      hint: `Add it: helm repo add ${alias} URL`,
    })
  }
  return openRepository(entry ?? { url: repository }, '')
}

async function openRegistryFolder(url: string, options: AccessOptions): Promise<NamedChart> {
  const registries = await openCommandRegistries(options)
  return { source: ociFolder(url, (name) => registries.source(name)), name: '', close: () => registries.close() }
}
