// Relocated archives in the store: the first that is made of an archive by some options is the one that all replicas
// serve, for good. See docs/decisions/0080-the-first-relocation-counts.md.
import { type Digest, digestOf, type ErrorCode, type Plan, type Proof } from '@chartferry/core'
import { digestHex } from '@chartferry/core/internal'
import type { BlobStore } from '@chartferry/core/transfer'
import { LRUCache } from 'lru-cache'
import { blobKey, type StoredFile, storedFile } from '../cache/archive-cache.ts'
import { readRecord, recordBytes } from '../cache/json-record.ts'

/** Bytes of the store. */
export interface StoredPart {
  readonly digest: Digest
  readonly size: number
}

/** What made an archive, and what proved it. */
export interface MadeBy {
  /** The version of chartferry. */
  readonly chartferry: string
  /** As the proof names it: `helm v3.22.0`, `engine v3.22.0`; undefined where nothing could render the chart. */
  readonly renderer?: string | undefined
}

/** A relocated archive. */
export interface MadeRelocation {
  /** The digest of the original, and its path in its own repository. */
  readonly source: Digest
  readonly sourcePath: string
  readonly archive: StoredPart
  readonly provenance?: StoredPart | undefined
  /** The plan and the proof, as JSON. */
  readonly details: StoredPart
  readonly proof: Proof['status']
  /** Why it counts as not proven; empty: it does not. */
  readonly unproven: readonly string[]
  /** What was added to those of the chart. */
  readonly annotations: Readonly<Record<string, string>>
  readonly by: MadeBy
  /** RFC 3339. */
  readonly madeAt: string
}

/** The parts of a relocation that are too large for its record. */
export interface RelocationDetails {
  readonly plan: Plan
  readonly proof: Proof
}

/** A chart that is not relocated, and why. */
export interface Refusal {
  readonly code: ErrorCode
  readonly reasons: readonly string[]
  readonly by: MadeBy
  /** Milliseconds since 1970 until when it holds; undefined: as long as the same version asks. */
  readonly until?: number | undefined
}

/** Which relocation is meant: of which archive under which name, by which options. */
export interface RelocationSubject {
  /** Of the options. */
  readonly id: string
  readonly source: Digest
  /** The same bytes under another name are signed for that name. */
  readonly fileName: string
}

/** What the index says of an archive that was made. */
export interface ShownArchive {
  readonly digest: Digest
  readonly isProven: boolean
}

export interface RelocationStore {
  find(subject: RelocationSubject): Promise<MadeRelocation | undefined>
  /** Stores bytes that a record will name. */
  put(bytes: Uint8Array): Promise<StoredPart>
  /** Makes a relocation the one of its subject, unless there is one: what counts is given. */
  publish(subject: RelocationSubject, made: MadeRelocation): Promise<MadeRelocation>
  refusal(subject: RelocationSubject): Promise<Refusal | undefined>
  refuse(subject: RelocationSubject, refusal: Refusal): Promise<void>
  /** What stands behind a path that was served: it stays, also when the options have changed. */
  served(repository: string, path: string): Promise<MadeRelocation | undefined>
  noteServed(repository: string, path: string, made: MadeRelocation): Promise<void>
  /** What was made by some options, by `shownKey`. Lists the store. */
  shown(id: string): Promise<ReadonlyMap<string, ShownArchive>>
  open(part: StoredPart): StoredFile
}

/** Records that are held in memory. */
const mostKnown = 5000

const keyIn = (part: StoredPart): string => `relocated/${blobKey(part.digest)}`

/** By what the index knows an archive of the same options. */
export function shownKey({ source, fileName }: Omit<RelocationSubject, 'id'>): string {
  return `${digestHex(source)}-${digestHex(digestOf(fileName)).slice(0, 12)}`
}

/** Opens the relocated archives of a store. */
export function openRelocationStore(store: BlobStore): RelocationStore {
  const made = new LRUCache<string, MadeRelocation>({ max: mostKnown })
  const paths = new LRUCache<string, MadeRelocation>({ max: mostKnown })
  const keyOf = (kind: 'made' | 'refused', subject: RelocationSubject): string =>
    `relocated/${subject.id}/${kind}/${shownKey(subject)}.json`
  const pathKey = (repository: string, path: string): string =>
    `relocated/paths/${digestHex(digestOf(`${repository}/${path}`))}.json`
  const shownFolder = (id: string): string => `relocated/${id}/shown/`

  /** Says it in a name that a listing gives; one that is lost is written again when the archive is next asked for. */
  async function show(subject: RelocationSubject, { archive, unproven }: MadeRelocation): Promise<void> {
    const state = unproven.length === 0 ? 'proven' : 'unproven'
    const name = `${shownKey(subject)}-${digestHex(archive.digest)}-${state}`
    await store.create(`${shownFolder(subject.id)}${name}`, Buffer.from('{}'))
  }

  async function find(subject: RelocationSubject): Promise<MadeRelocation | undefined> {
    const key = keyOf('made', subject)
    const known = made.get(key)
    if (known !== undefined) return known
    const found = await readRecord<MadeRelocation>(store, key)
    if (found === undefined) return undefined
    await show(subject, found)
    made.set(key, found)
    return found
  }

  return {
    find,
    put: async (bytes) => {
      const part = { digest: digestOf(bytes), size: bytes.length }
      await store.put(keyIn(part), bytes, { digest: part.digest })
      return part
    },
    publish: async (subject, own) => {
      await store.create(keyOf('made', subject), recordBytes(own))
      // Whoever was first: what is there is what counts.
      return (await find(subject)) ?? own
    },
    refusal: (subject) => readRecord<Refusal>(store, keyOf('refused', subject)),
    refuse: async (subject, refusal) => void (await store.put(keyOf('refused', subject), recordBytes(refusal))),
    served: async (repository, path) => {
      const key = pathKey(repository, path)
      const known = paths.get(key) ?? (await readRecord<MadeRelocation>(store, key))
      if (known !== undefined) paths.set(key, known)
      return known
    },
    noteServed: async (repository, path, served) => {
      const key = pathKey(repository, path)
      if (paths.get(key)?.archive.digest === served.archive.digest) return
      await store.put(key, recordBytes(served))
      paths.set(key, served)
    },
    shown: async (id) => {
      const folder = shownFolder(id)
      const found = new Map<string, ShownArchive>()
      for await (const key of store.list(folder)) {
        const match = /^([0-9a-f]{64}-[0-9a-f]{12})-([0-9a-f]{64})-(\w+)$/.exec(key.slice(folder.length))
        if (match === null) continue
        const [, subject = '', hex = '', state] = match
        found.set(subject, { digest: `sha256:${hex}`, isProven: state === 'proven' })
      }
      return found
    },
    open: (part) => storedFile(store, keyIn(part), part.size, part.digest),
  }
}
