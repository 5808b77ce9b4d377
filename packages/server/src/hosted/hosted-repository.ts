// A repository whose charts were pushed here, as a `RepositoryProxy`.
import { ChartferryError, type ChartVersion, digestHex, digestOf, parseIndexFile } from '@chartferry/core'
import { encodePath } from '../proxy/chart-path.ts'
import { type IndexSnapshot, indexSnapshot } from '../proxy/index-snapshot.ts'
import type { FileAnswer, RepositoryProxy } from '../proxy/repository-proxy.ts'
import { countOf } from '../proxy/upstream-state.ts'
import type { HostedStore, HostedVersion } from './hosted-store.ts'

interface Listing {
  /** Of the names of all versions: versions never change, so it names the whole content. */
  readonly revision: string
  readonly snapshot: IndexSnapshot
  /** By file name. */
  readonly files: ReadonlyMap<string, HostedVersion>
}

/** Each read holds a file open, and a process may not hold many. */
const readsAtOnce = 64

/** Serves the repositories named. */
export function hostedRepositories(store: HostedStore, names: ReadonlySet<string>): RepositoryProxy {
  const listings = new Map<string, Listing>()
  const records = new Map<string, HostedVersion>()

  async function read(repository: string, id: string): Promise<HostedVersion | undefined> {
    const known = records.get(`${repository}/${id}`) ?? (await store.read(repository, id))
    if (known !== undefined) records.set(`${repository}/${id}`, known)
    return known
  }

  async function readAll(repository: string, ids: readonly string[]): Promise<HostedVersion[]> {
    const versions: HostedVersion[] = []
    for (let from = 0; from < ids.length; from += readsAtOnce) {
      const some = await Promise.all(ids.slice(from, from + readsAtOnce).map((id) => read(repository, id)))
      versions.push(...some.filter((version) => version !== undefined))
    }
    return versions
  }

  async function listing(repository: string): Promise<Listing> {
    if (!names.has(repository))
      throw new ChartferryError('REPOSITORY_NOT_FOUND', `no hosted repository "${repository}"`)
    const ids = await store.list(repository)
    const revision = digestHex(digestOf(ids.join('\n')))
    const known = listings.get(repository)
    if (known?.revision === revision) return known
    const versions = await readAll(repository, ids)
    const made = { revision, ...makeIndex(versions) }
    listings.set(repository, made)
    return made
  }

  async function file(repository: string, path: string): Promise<HostedVersion> {
    const found = (await listing(repository)).files.get(path)
    if (found === undefined)
      throw new ChartferryError('CHART_NOT_FOUND', `repository "${repository}" has no archive "${path}"`)
    return found
  }

  return {
    index: async (repository) => ({ snapshot: (await listing(repository)).snapshot }),
    archive: async (repository, path): Promise<FileAnswer> => ({
      file: store.archive(await file(repository, path)),
      immutable: false,
    }),
    provenance: async (repository, path): Promise<FileAnswer> => {
      const { name, version } = await file(repository, path)
      const found = await store.provenance(repository, name, version)
      if (found === undefined) throw new ChartferryError('CHART_NOT_FOUND', `"${path}" has no provenance file`)
      return { file: found, immutable: false }
    },
    status: async (repository) => {
      const { snapshot } = await listing(repository)
      return {
        name: repository,
        kind: 'hosted',
        source: 'push charts here',
        state: countOf(snapshot.entries.size, 'chart'),
      }
    },
  }
}

function fileNameOf({ name, version }: HostedVersion): string {
  return `${name}-${version}.tgz`
}

/** The index goes through the same reading as an upstream's, so that what is pushed is served by the same rules. */
function makeIndex(versions: readonly HostedVersion[]): Omit<Listing, 'revision'> {
  const entries: Record<string, unknown[]> = Object.create(null)
  for (const version of versions) {
    entries[version.name] ??= []
    entries[version.name]?.push({
      ...version.metadata,
      urls: [`charts/${encodePath(fileNameOf(version))}`],
      created: version.created,
      digest: version.digest,
    })
  }
  const modified = versions.reduce((latest, { created }) => Math.max(latest, Date.parse(created)), 0)
  const generated = new Date(modified).toISOString()
  const index = parseIndexFile(JSON.stringify({ apiVersion: 'v1', generated, entries }))
  const sorted = new Map<string, readonly ChartVersion[]>([...index.entries].sort(([a], [b]) => (a < b ? -1 : 1)))
  return {
    snapshot: indexSnapshot({ ...index, entries: sorted }, modified),
    files: new Map(versions.map((version) => [fileNameOf(version), version])),
  }
}
