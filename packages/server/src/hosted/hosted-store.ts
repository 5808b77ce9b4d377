// The charts of hosted repositories in the blob store. A chart version is one created key: of several pushers one
// wins, and nothing is ever lost.
import { type BlobStore, ChartferryError, type Digest, digestOf, parseVersion } from '@chartferry/core'
import { blobKey, type StoredFile, storedFile } from '../cache/archive-cache.ts'
import { readRecord, recordBytes } from '../cache/json-record.ts'

/** One pushed chart version. Never changes. */
export interface HostedVersion {
  readonly name: string
  readonly version: string
  readonly digest: Digest
  readonly size: number
  /** RFC 3339. */
  readonly created: string
  /** Chart.yaml as the index file shows it. */
  readonly metadata: Readonly<Record<string, unknown>>
}

export interface HostedStore {
  /** Names of all versions, `name/version`, in the order of their characters. */
  list(repository: string): Promise<string[]>
  /** One version by its name of `list`; undefined when there is none. */
  read(repository: string, id: string): Promise<HostedVersion | undefined>
  /** Keeps an archive and publishes its version. Throws VERSION_EXISTS, CHART_INVALID for names that cannot be kept. */
  publish(repository: string, version: HostedVersion, archive: Uint8Array): Promise<void>
  /** Keeps the provenance of a version, which may come before its archive. Throws VERSION_EXISTS. */
  publishProvenance(repository: string, name: string, version: string, bytes: Uint8Array): Promise<void>
  archive(version: HostedVersion): StoredFile
  provenance(repository: string, name: string, version: string): Promise<StoredFile | undefined>
}

const chartName = /^[A-Za-z0-9][A-Za-z0-9._-]*$/
const longest = 200

/** `name/version`. Throws CHART_INVALID for what is no name or version, or is longer than 200 characters. */
export function hostedId(name: string, version: string): string {
  if (!chartName.test(name) || name.length > longest) {
    throw new ChartferryError('CHART_INVALID', `a chart named ${JSON.stringify(name)} cannot be pushed`, {
      hint: 'Use letters, digits, dots, dashes and underscores, at most 200.',
    })
  }
  if (parseVersion(version) === undefined || version.length > longest) {
    throw new ChartferryError(
      'CHART_INVALID',
      `chart ${name}: ${JSON.stringify(version)} is no semantic version of at most 200 characters`,
    )
  }
  return `${name}/${version}`
}

/** Opens the hosted repositories of a store. */
export function hostedStore(store: BlobStore): HostedStore {
  const folderOf = (repository: string): string => `hosted/${repository}/charts/`
  const provenanceKey = (repository: string, id: string): string => `hosted/${repository}/provenance/${id}.prov`
  const exists = (what: string): ChartferryError => new ChartferryError('VERSION_EXISTS', `${what} is there already`)
  return {
    list: async (repository) => {
      const folder = folderOf(repository)
      const ids: string[] = []
      for await (const key of store.list(folder)) ids.push(key.slice(folder.length, -'.json'.length))
      return ids
    },
    read: (repository, id) => readRecord<HostedVersion>(store, `${folderOf(repository)}${id}.json`),
    publish: async (repository, version, archive) => {
      const key = `${folderOf(repository)}${hostedId(version.name, version.version)}.json`
      if ((await store.stat(key)) !== undefined) throw exists(`${version.name} ${version.version}`)
      // The bytes first: a version that is listed can be fetched.
      await store.put(blobKey(version.digest), archive, { digest: version.digest })
      if (!(await store.create(key, recordBytes(version)))) throw exists(`${version.name} ${version.version}`)
    },
    publishProvenance: async (repository, name, version, bytes) => {
      const created = await store.create(provenanceKey(repository, hostedId(name, version)), bytes)
      if (!created) throw exists(`the provenance of ${name} ${version}`)
    },
    archive: (version) => storedFile(store, blobKey(version.digest), version.size, version.digest),
    provenance: async (repository, name, version) => {
      const key = provenanceKey(repository, hostedId(name, version))
      const blob = await store.get(key)
      if (blob === undefined) return undefined
      const bytes = Buffer.concat(await blob.body.toArray())
      return storedFile(store, key, bytes.length, digestOf(bytes))
    },
  }
}
