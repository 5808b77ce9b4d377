// Charts that were pushed to an earlier chartferry, one record a version, become the first entry of the chain.

import { type Digest, digestOf } from '@chartferry/core'
import { type ChartVersion, parseIndexFile } from '@chartferry/core/helm'
import { readBlob } from '@chartferry/core/internal'
import type { BlobStore } from '@chartferry/core/transfer'
import { blobKey } from '../cache/archive-cache.ts'
import { readRecord } from '../cache/json-record.ts'
import type { Chain } from './chain.ts'
import { entryText } from './entry-text.ts'
import { type Change, fileOf } from './repository-state.ts'

/** A version as version 0.1 kept it, in `charts/<name>/<version>.json`. */
interface VersionRecord {
  readonly name: string
  readonly version: string
  readonly digest: Digest
  readonly size: number
  readonly created: string
  readonly metadata: Readonly<Record<string, unknown>>
}

/** The chain of a repository; where it has no entry yet, what earlier versions kept is put into it first. */
export function adoptRecords(store: BlobStore, folder: string, chain: Chain): Chain {
  let adopted: Promise<void> | undefined

  async function adopt(): Promise<void> {
    if ((await chain.sync()).number > 0) return
    const changes = await recordedChanges(store, folder)
    // Of several processes that read the same records one writes them down.
    if (changes.length > 0) await chain.append((state) => (state.number > 0 ? [] : changes))
  }

  const first = async (): Promise<void> => {
    adopted ??= adopt().catch((thrown: unknown) => {
      adopted = undefined
      throw thrown
    })
    await adopted
  }
  return {
    known: () => chain.known(),
    sync: async (options) => {
      await first()
      return chain.sync(options)
    },
    append: async (decide, options) => {
      await first()
      await chain.append(decide, options)
    },
  }
}

async function recordedChanges(store: BlobStore, folder: string): Promise<Change[]> {
  const changes: Change[] = []
  for await (const key of store.list(`${folder}charts/`)) {
    const record = await readRecord<VersionRecord>(store, key)
    const entry = record === undefined ? undefined : entryOf(record)
    if (record === undefined || entry === undefined) continue
    const { name, version, digest, size, created } = record
    changes.push({ put: { name, version, digest, size, created, entry: entryText(entry), blob: blobKey(digest) } })
  }
  for await (const key of store.list(`${folder}provenance/`)) {
    const bytes = await readBlob(store, key)
    const [name = '', version = ''] = key.slice(`${folder}provenance/`.length, -'.prov'.length).split('/')
    if (bytes === undefined) continue
    changes.push({
      prove: fileOf({ name, version }),
      provenance: { digest: digestOf(bytes), size: bytes.length, blob: key },
    })
  }
  return changes
}

function entryOf({ name, digest, created, metadata }: VersionRecord): ChartVersion | undefined {
  const text = JSON.stringify({ apiVersion: 'v1', entries: { [name]: [{ ...metadata, digest, created, urls: [] }] } })
  return parseIndexFile(text).entries.get(name)?.[0]
}
