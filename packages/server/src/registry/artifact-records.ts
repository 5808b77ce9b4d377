// What was made of charts for clients of registries, by digest: so that what a manifest names is found after a restart
// too.

import { type Digest, digestOf } from '@chartferry/core'
import { digestHex } from '@chartferry/core/internal'
import type { BlobStore } from '@chartferry/core/transfer'
import { readRecord, recordBytes } from '../cache/json-record.ts'

/** One content that a chart's manifest, or the chart itself, consists of. */
export interface ArtifactRecord {
  readonly mediaType: string
  readonly size: number
  /** The archive that it was made from, and where that is served: behind `charts/`. */
  readonly archive: Digest
  readonly path: string
  /** What it is: the bytes are those of a file of the repository, or stand in `text`. */
  readonly part: 'archive' | 'provenance' | 'manifest' | 'config'
  readonly text?: string
}

/** The records of one chart of one repository. */
export interface ArtifactRecords {
  /** Undefined where nothing of that digest was made. */
  find(digest: Digest): Promise<ArtifactRecord | undefined>
  put(digest: Digest, record: ArtifactRecord): Promise<void>
  /** The manifest that was made of an archive and its provenance; undefined where none was made. */
  manifestOf(archive: Digest, provenance: Digest | undefined): Promise<Digest | undefined>
  putManifestOf(archive: Digest, provenance: Digest | undefined, manifest: Digest): Promise<void>
}

/** Opens the records of a chart on a store. Each is small, and what is lost is made again. */
export function artifactRecords(store: BlobStore, repository: string, chart: string): ArtifactRecords {
  const folder = `registry/${digestHex(digestOf(JSON.stringify([repository, chart])))}`
  const contentKey = (digest: Digest): string => `${folder}/content/${digestHex(digest)}.json`
  const madeKey = (archive: Digest, provenance: Digest | undefined): string =>
    `${folder}/made/${digestHex(digestOf(`${archive} ${provenance ?? ''}`))}.json`
  return {
    find: (digest) => readRecord<ArtifactRecord>(store, contentKey(digest)),
    put: async (digest, record) => void (await store.put(contentKey(digest), recordBytes(record))),
    manifestOf: async (archive, provenance) =>
      (await readRecord<{ readonly manifest: Digest }>(store, madeKey(archive, provenance)))?.manifest,
    putManifestOf: async (archive, provenance, manifest) =>
      void (await store.put(madeKey(archive, provenance), recordBytes({ manifest }))),
  }
}
