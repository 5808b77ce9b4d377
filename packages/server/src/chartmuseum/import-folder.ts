// Files of ChartMuseum's storage become versions of a hosted repository: read once, and again where they have changed.

import { digestOf, type Limits } from '@chartferry/core'
import { type ChartVersion, parseIndexFile } from '@chartferry/core/helm'
import { messageOf, readBlob } from '@chartferry/core/internal'
import type { BlobStore } from '@chartferry/core/transfer'
import { entryText } from '../hosted/entry-text.ts'
import type { HostedStore, Push, TakenFile } from '../hosted/hosted-store.ts'
import { readPushedArchive, readPushedProvenance } from '../hosted/publish.ts'
import { collectAsRead, collectNow } from '../workers/gc-tuning.ts'

export interface ImportFolderOptions {
  readonly store: HostedStore
  /** ChartMuseum's folder or bucket: `<repository>/<name>-<version>.tgz`. */
  readonly folder: BlobStore
  readonly limits: Limits
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** Whether `index-cache.yaml` is read, so that what it knows need not be unpacked. */
  readonly useStatefiles: boolean
  readonly warn: (message: string, details: Readonly<Record<string, unknown>>) => void
  /** Told how far a long look is. */
  readonly info: (message: string, details: Readonly<Record<string, unknown>>) => void
}

/**
 * So many files become one entry of the chain, so many are looked at side by side, and so many bytes are in memory
 * meanwhile.
 */
const together = { files: 256, looks: 16, bytes: 32 * 1024 * 1024 }
/** Files that are taken over for a moment leave much behind, from so many on. */
const manyFiles = 1000
/** Milliseconds between two lines that say how far it is. */
const sayEvery = 5000

/** How the key of bytes begins that lie in the folder. */
export const inFolder = 'folder:'

/** The key of a file of a repository. */
export function pathOf(repository: string, name: string): string {
  return repository === '' ? name : `${repository}/${name}`
}

/** What is no key is no folder of ChartMuseum's that we could read. */
export function isKeyPath(repository: string): boolean {
  return repository === '' || /^([A-Za-z0-9_+-][A-Za-z0-9._+-]*)(\/[A-Za-z0-9_+-][A-Za-z0-9._+-]*)*$/.test(repository)
}

/** Looks at the folder once, and takes over what is new or has changed. Throws STORE_UNAVAILABLE. */
export async function importFolder(options: ImportFolderOptions, repository: string): Promise<void> {
  const { store, folder } = options
  if (!isKeyPath(repository)) return
  const { taken } = await store.view(repository, { fresh: true })
  const gone = new Set(taken.keys())
  let indexed: Promise<ReadonlyMap<string, ChartVersion>> | undefined
  let files: TakenFile[] = []
  let count = 0
  let said = options.now()
  const haveRead = collectAsRead()
  const flush = async (): Promise<void> => {
    if (files.length > 0) await store.takeOver(repository, files)
    count += files.length
    files = []
    if (options.now() - said < sayEvery) return
    said = options.now()
    options.info('files are being taken over', { repository, files: count })
  }
  const start = pathOf(repository, '')

  /** What is new or has changed among these, with its size. */
  async function changedAmong(keys: readonly string[]): Promise<ChangedFile[]> {
    const stats = await Promise.all(keys.map((key) => folder.stat(key)))
    return keys.flatMap((key, at) => {
      const stat = stats[at]
      const name = key.slice(start.length)
      const stamp = stat === undefined ? '' : `${stat.size} ${Math.floor(stat.modified)}`
      return stat === undefined || taken.get(name) === stamp ? [] : [{ key, name, stamp, ...stat }]
    })
  }

  async function take(changed: readonly ChangedFile[]): Promise<void> {
    indexed ??= readStatefile(options, repository)
    const entries = await indexed
    const pushes = await Promise.all(changed.map(({ key, modified }) => readFile(options, key, modified, entries)))
    for (const [at, { key, name, stamp, size }] of changed.entries()) {
      const push = pushes[at]
      haveRead(size)
      if (push !== undefined) files.push({ name, stamp, push, place: `${inFolder}${key}` })
    }
    if (files.length >= together.files) await flush()
  }

  async function look(keys: readonly string[]): Promise<void> {
    const changed = await changedAmong(keys)
    while (changed.length > 0) {
      let end = 0
      for (let bytes = 0; end < changed.length && bytes < together.bytes; end++) bytes += changed[end]?.size ?? 0
      await take(changed.splice(0, end))
    }
  }

  let keys: string[] = []
  // Our own keys lie in a folder that begins with a dot, which comes before all others.
  for await (const key of folder.list(start, repository === '' ? { after: '.~' } : {})) {
    const name = key.slice(start.length)
    if (name.includes('/') || !/\.tgz(\.prov)?$/.test(name)) continue
    gone.delete(name)
    keys.push(key)
    if (keys.length < together.looks) continue
    await look(keys)
    keys = []
  }
  await look(keys)
  for (const name of gone) files.push({ name, stamp: undefined, place: `${inFolder}${start}${name}` })
  await flush()
  if (count < manyFiles) return
  options.info('all files have been taken over', { repository, files: count })
  collectNow()
}

interface ChangedFile {
  readonly key: string
  readonly name: string
  readonly stamp: string
  /** Bytes. */
  readonly size: number
  /** Milliseconds since 1970. */
  readonly modified: number
}

/** What the file holds; undefined for one that is half-written or no chart: it is looked at again the next time. */
async function readFile(
  { folder, limits, warn }: ImportFolderOptions,
  key: string,
  modified: number,
  indexed: ReadonlyMap<string, ChartVersion>,
): Promise<Push | undefined> {
  try {
    const bytes = await readBlob(folder, key)
    if (bytes === undefined) return undefined
    if (key.endsWith('.prov')) return { provenance: readPushedProvenance(bytes) }
    const known = indexed.get(digestOf(bytes))
    if (known === undefined) return { archive: await readPushedArchive(bytes, { limits, now: () => modified }) }
    const { name, version, digest = digestOf(bytes), created = new Date(modified).toISOString() } = known
    return {
      archive: { version: { name, version, digest, created, size: bytes.length, entry: entryText(known) }, bytes },
    }
  } catch (thrown) {
    warn('a file cannot be taken over', { file: key, error: messageOf(thrown) })
    return undefined
  }
}

/** What ChartMuseum knew of each archive, by its digest: that need not be unpacked again. */
async function readStatefile(
  { folder, useStatefiles, limits }: ImportFolderOptions,
  repository: string,
): Promise<ReadonlyMap<string, ChartVersion>> {
  const known = new Map<string, ChartVersion>()
  const bytes = useStatefiles ? await readBlob(folder, pathOf(repository, 'index-cache.yaml')) : undefined
  if (bytes === undefined) return known
  try {
    for (const versions of parseIndexFile(bytes, { where: 'index-cache.yaml', limits }).entries.values()) {
      for (const entry of versions) if (entry.digest !== undefined) known.set(entry.digest, entry)
    }
  } catch {
    // Half-written, as ChartMuseum leaves it when it is killed: then the archives tell.
  }
  return known
}
