// The charts of all repositories as a registry has them: `<repository>/<chart>`, a tag a version, manifests as `helm
// push` makes them.
import { Readable } from 'node:stream'
import {
  ChartferryError,
  type Digest,
  isChartferryError,
  isDigest,
  type Limits,
  readChartArchive,
} from '@chartferry/core'
import type { ChartVersion } from '@chartferry/core/helm'
import { type ContentStream, type Descriptor, mediaTypes } from '@chartferry/core/oci'
import { type BlobStore, chartArtifact, tagOf } from '@chartferry/core/transfer'
import { type StoredFile, storedBytes } from '../cache/archive-cache.ts'
import type { AskOptions, ChartRepository } from '../repository/chart-repository.ts'
import { servedPath } from '../upstream/chart-path.ts'
import { type ArtifactRecord, artifactRecords } from './artifact-records.ts'
import type { Registry, RegistryOptions, RegistryRepository } from './registry.ts'

export interface ChartRegistryOptions {
  readonly charts: ChartRepository
  readonly store: BlobStore
  readonly limits: Limits
  /** Told of each archive that is sent from its beginning. Default: nobody. */
  readonly onDownload?: (repository: string, path: string) => void
}

const validTag = /^\w[\w.-]{0,127}$/

/** Shows what the repositories show, and nothing else: each content is asked of them before it is given. */
export function chartRegistry(options: ChartRegistryOptions): Registry {
  return {
    repository(name, asked = {}) {
      const at = name.lastIndexOf('/')
      // Who takes us for a mirror of another registry means images, and we have none.
      if (at < 0 || asked.namespace !== undefined) return undefined
      return chartRepository(name.slice(0, at), name.slice(at + 1), options, asked)
    },
  }
}

function chartRepository(
  repository: string,
  chart: string,
  { charts, store, limits, onDownload }: ChartRegistryOptions,
  { caller, via, signal }: RegistryOptions,
): RegistryRepository {
  const name = `${repository}/${chart}`
  const records = artifactRecords(store, repository, chart)
  const options: AskOptions = { caller, via, signal }
  const absent = (what: string): ChartferryError =>
    new ChartferryError('MANIFEST_NOT_FOUND', `${name}: there is no ${what}`)

  async function versions(): Promise<readonly ChartVersion[]> {
    const found = (await charts.index(repository, options)).snapshot.index.entries.get(chart)
    if (found === undefined)
      throw new ChartferryError('CHART_NOT_FOUND', `repository "${repository}" has no chart "${chart}"`)
    return found.filter(({ version }) => validTag.test(tagOf(version)))
  }

  /** Undefined where there is none, and where nobody can be asked: a chart is worth more than its provenance. */
  async function provenanceOf(path: string): Promise<StoredFile | undefined> {
    return charts.provenance(repository, path, options).then(
      ({ file }) => file,
      (thrown: unknown) => {
        if (isChartferryError(thrown) && (thrown.code === 'CHART_NOT_FOUND' || thrown.kind === 'unavailable'))
          return undefined
        throw thrown
      },
    )
  }

  /** The manifest of a version, made when it is first asked for and the same ever after. */
  async function manifestOf({ urls }: ChartVersion): Promise<Descriptor | undefined> {
    const path = servedPath(urls[0])
    if (path === undefined) return undefined
    const { file: archive } = await charts.archive(repository, path, options)
    const provenance = await provenanceOf(path)
    const made = await records.manifestOf(archive.digest, provenance?.digest)
    const known = made === undefined ? undefined : await describe(made)
    return known ?? make(path, archive, provenance)
  }

  async function make(path: string, archive: StoredFile, provenance: StoredFile | undefined): Promise<Descriptor> {
    const bytes = await storedBytes(archive)
    const signed = provenance === undefined ? {} : { provenance: await storedBytes(provenance) }
    const { manifest, blobs } = chartArtifact(await readChartArchive(bytes, { limits, ...signed }))
    const of = { archive: archive.digest, path }
    const parts = ['config', 'archive', 'provenance'] as const
    for (const [index, { descriptor, bytes: content }] of blobs.entries()) {
      const { mediaType, size, digest } = descriptor
      const part = parts[index] ?? 'provenance'
      const text = part === 'config' ? { text: Buffer.from(content).toString() } : {}
      await records.put(digest, { ...of, part, mediaType, size, ...text })
    }
    const { mediaType, size, digest } = manifest.descriptor
    const text = Buffer.from(manifest.bytes).toString()
    await records.put(digest, { ...of, part: 'manifest', mediaType, size, text })
    await records.putManifestOf(archive.digest, provenance?.digest, digest)
    return manifest.descriptor
  }

  /** What a digest was made from, as long as the repository still shows just that archive. */
  async function find(
    digest: Digest,
  ): Promise<{ readonly record: ArtifactRecord; readonly archive: StoredFile } | undefined> {
    const record = await records.find(digest)
    if (record === undefined) return undefined
    try {
      const { file: archive } = await charts.archive(repository, record.path, options)
      return archive.digest === record.archive ? { record, archive } : undefined
    } catch (thrown) {
      if (isChartferryError(thrown, 'CHART_NOT_FOUND')) return undefined
      throw thrown
    }
  }

  async function describe(digest: Digest): Promise<Descriptor | undefined> {
    const record = (await find(digest))?.record
    return record?.part === 'manifest' ? { mediaType: record.mediaType, digest, size: record.size } : undefined
  }

  async function open(digest: Digest, offset: number): Promise<ContentStream | undefined> {
    const found = await find(digest)
    if (found === undefined) return undefined
    const { record, archive } = found
    if (record.text !== undefined) return pieceOf(Buffer.from(record.text).subarray(offset))
    const file = record.part === 'archive' ? archive : await provenanceOf(record.path)
    if (file?.digest !== digest) return undefined
    if (record.part === 'archive' && offset === 0) onDownload?.(repository, record.path)
    if (offset >= file.size) return pieceOf(Buffer.alloc(0))
    const body = await file.open(offset === 0 ? undefined : { start: offset, end: file.size - 1 })
    return Buffer.isBuffer(body) ? pieceOf(body) : body
  }

  return {
    name,
    repository: name,
    async resolve(reference) {
      const version = isDigest(reference)
        ? undefined
        : (await versions()).find((entry) => tagOf(entry.version) === reference)
      const found = isDigest(reference) ? await describe(reference) : version && (await manifestOf(version))
      if (found === undefined) throw absent(reference)
      return found
    },
    async blob(digest) {
      const record = (await find(digest))?.record
      if (record === undefined || record.part === 'manifest') return undefined
      return { mediaType: record.mediaType, digest, size: record.size }
    },
    has: async ({ digest }) => (await find(digest)) !== undefined,
    async fetch({ digest, mediaType }, { offset = 0 } = {}) {
      const body = await open(digest, offset)
      if (body !== undefined) return body
      if (mediaType === mediaTypes.manifest) throw absent(digest)
      throw new ChartferryError('BLOB_NOT_FOUND', `${name}: there is no ${digest}`)
    },
    async *tags() {
      yield* new Set((await versions()).map(({ version }) => tagOf(version)))
    },
    // What belongs to a chart is in its manifest.
    async *referrers() {},
  }
}

function pieceOf(bytes: Buffer): Readable {
  return Readable.from(bytes.length === 0 ? [] : [bytes])
}
