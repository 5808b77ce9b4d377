// ChartMuseum's own storage, read as it is: archives and provenance files that lie in a folder or a bucket are versions of
// the hosted repositories, and stay where they are.
import {
  type BlobStore,
  type ChartVersion,
  digestOf,
  type Limits,
  messageOf,
  parseIndexFile,
  readBlob,
} from '@chartferry/core'
import type { StoredFile } from '../cache/archive-cache.ts'
import { entryText } from '../hosted/entry-text.ts'
import type { HostedStore, Push, TakenFile } from '../hosted/hosted-store.ts'
import { readPushedArchive, readPushedProvenance } from '../hosted/publish.ts'
import type { HostedFile, HostedProvenance } from '../hosted/repository-state.ts'
import { fileOf } from '../hosted/repository-state.ts'

export interface FolderStoreOptions {
  readonly store: HostedStore
  /** ChartMuseum's folder or bucket: `<repository>/<name>-<version>.tgz`. */
  readonly folder: BlobStore
  readonly limits: Limits
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** Milliseconds after which it is looked at again. */
  readonly lookEvery: number
  /** Whether `index-cache.yaml` is read, so that what it knows need not be unpacked. */
  readonly useStatefiles: boolean
  readonly warn: (message: string, details: Readonly<Record<string, unknown>>) => void
}

/** So many files become one entry of the chain, and so many bytes are in memory meanwhile. */
const together = { files: 64, bytes: 32 * 1024 * 1024 }

/** Hosted repositories with what lies in the folder. */
export function folderStore(options: FolderStoreOptions): HostedStore {
  const { store, folder, now, lookEvery, warn } = options
  const running = new Set<Promise<void>>()
  const looked = new Map<string, { readonly at: number; readonly first: Promise<void> }>()

  /** Looks at the folder when that is due. Only who finds nothing yet waits for it. */
  async function look(repository: string): Promise<void> {
    const known = looked.get(repository)
    if (known !== undefined && now() - known.at < Math.max(1, lookEvery)) return known.first
    const taking = takeFolder(options, repository)
    const failed = (thrown: unknown): void => {
      looked.delete(repository)
      warn('the folder cannot be looked at', { repository, error: messageOf(thrown) })
    }
    const isKnown = known !== undefined || (await store.view(repository)).number > 0
    const first = isKnown ? Promise.resolve() : taking
    looked.set(repository, { at: now(), first })
    // Repositories in which nothing lies are named by anybody: they are not remembered.
    const run = taking
      .then(async () => {
        if ((await store.view(repository)).number === 0) looked.delete(repository)
      })
      .catch(failed)
      .finally(() => running.delete(run))
    running.add(run)
    return first
  }

  /** What was replaced or deleted here would otherwise come back from there. */
  async function forget(repository: string, file: string): Promise<void> {
    for (const name of [file, `${file}.prov`]) {
      if (isKeyPath(repository)) await folder.delete(pathOf(repository, name))
    }
  }

  /** Bytes that lie in the folder are served from there. */
  function stored(file: HostedFile | HostedProvenance): StoredFile | undefined {
    if (file.blob?.startsWith(inFolder) !== true) return undefined
    const key = file.blob.slice(inFolder.length)
    const { size, digest } = file
    return {
      size,
      digest,
      open: async (range) => {
        const blob = await folder.get(key, range === undefined ? {} : { range })
        // Somebody has replaced it by hand, and it will be looked at again.
        if (blob !== undefined && blob.size !== size) blob.body.destroy()
        return blob?.size === size ? blob.body : undefined
      },
    }
  }

  return {
    ...store,
    settle: async () => {
      await Promise.all(running)
      await store.settle()
    },
    archive: (version) => stored(version) ?? store.archive(version),
    provenance: (provenance) => stored(provenance) ?? store.provenance(provenance),
    view: async (repository, view) => {
      await look(repository)
      return store.view(repository, view)
    },
    push: async (repository, push, rules) => {
      await look(repository)
      await store.push(repository, push, rules)
    },
    remove: async (repository, version) => {
      await look(repository)
      await store.remove(repository, version)
      await forget(repository, fileOf(version))
    },
  }
}

/** How a version names bytes that lie in the folder. */
function placeOf(key: string): string {
  return `${inFolder}${key}`
}

const inFolder = 'folder:'

function pathOf(repository: string, name: string): string {
  return repository === '' ? name : `${repository}/${name}`
}

/** What is no key is no folder of ChartMuseum's that we could read. */
function isKeyPath(repository: string): boolean {
  return repository === '' || /^([A-Za-z0-9_+-][A-Za-z0-9._+-]*)(\/[A-Za-z0-9_+-][A-Za-z0-9._+-]*)*$/.test(repository)
}

async function takeFolder(options: FolderStoreOptions, repository: string): Promise<void> {
  const { store, folder } = options
  if (!isKeyPath(repository)) return
  const { taken } = await store.view(repository, { fresh: true })
  const known = new Map(taken)
  const gone = new Set(known.keys())
  let indexed: ReadonlyMap<string, ChartVersion> | undefined
  let files: TakenFile[] = []
  let bytes = 0
  const flush = async (): Promise<void> => {
    if (files.length > 0) await store.takeOver(repository, files)
    files = []
    bytes = 0
  }
  const start = pathOf(repository, '')
  // Our own keys lie in a folder that begins with a dot, which comes before all others.
  for await (const key of folder.list(start, repository === '' ? { after: '.~' } : {})) {
    const name = key.slice(start.length)
    if (name.includes('/') || !/\.tgz(\.prov)?$/.test(name)) continue
    gone.delete(name)
    const stat = await folder.stat(key)
    const stamp = stat === undefined ? '' : `${stat.size} ${Math.floor(stat.modified)}`
    if (stat === undefined || known.get(name) === stamp) continue
    indexed ??= await readStatefile(options, repository)
    const push = await readFile(options, key, stat.modified, indexed)
    if (push === undefined) continue
    files.push({ name, stamp, push, place: placeOf(key) })
    bytes += stat.size
    if (files.length >= together.files || bytes >= together.bytes) await flush()
  }
  for (const name of gone) files.push({ name, stamp: undefined, place: placeOf(start + name) })
  await flush()
}

/** What the file holds; undefined for one that is half-written or no chart: it is looked at again the next time. */
async function readFile(
  { folder, limits, warn }: FolderStoreOptions,
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
  { folder, useStatefiles, limits }: FolderStoreOptions,
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
