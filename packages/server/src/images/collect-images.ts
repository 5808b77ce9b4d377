// Takes away what no manifest names and nobody can be about to name: content, notes of manifests that are gone, uploads
// that nobody goes on with, tags that were taken away long ago.
import type { BlobStore } from '@chartferry/core/transfer'
import { readRecord, recordBytes } from '../cache/json-record.ts'
import { deadAfter } from './content-store.ts'
import { contentFolder, repositoriesFolder } from './image-keys.ts'
import type { TagPointer } from './tag-chain.ts'
import { recordName } from './upload-sessions.ts'

export interface CollectOptions {
  readonly store: BlobStore
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** Milliseconds for which what nobody needs is kept. */
  readonly grace: number
}

/** A collector that was held up for longer than this may have been given up: it deletes nothing more. */
const heldUp = deadAfter / 2

/** Gives how many contents, uploads and tags went. */
export async function collectImages(options: CollectOptions): Promise<number> {
  // Repositories by the parts of keys that stand for them.
  const folders = new Map<string, string>()
  let collected = await collectRepositories(options, folders)
  let folder = ''
  let keys: string[] = []
  const look = async (): Promise<void> => {
    if (keys.length > 0 && (await collectContent(options, folder, keys, folders))) collected += 1
  }
  for await (const key of options.store.list(contentFolder)) {
    const own = `${key.split('/').slice(0, 4).join('/')}/`
    if (own !== folder) {
      await look()
      folder = own
      keys = []
    }
    keys.push(key)
  }
  await look()
  return collected
}

/**
 * One content: notes that say nothing go, then repositories that have it for nothing, then the bytes. True when these
 * went.
 */
async function collectContent(
  { store, now, grace }: CollectOptions,
  folder: string,
  listed: readonly string[],
  repositories: ReadonlyMap<string, string>,
): Promise<boolean> {
  const isOld = async (key: string): Promise<boolean> => {
    const stat = await store.stat(key)
    return stat !== undefined && now() - stat.modified >= grace
  }
  /** Notes by repository, and whether the manifest of each is still there. */
  const namedBy = async (keys: readonly string[]): Promise<ReadonlySet<string>> => {
    const named = new Set<string>()
    for (const key of keys) {
      const [, place = '', manifest = ''] = /\/for\/([^/]+)\/([^/]+)$/.exec(key) ?? []
      if (place === '') continue
      const home = repositories.get(place)
      const isThere = home !== undefined && (await store.stat(`${home}manifests/${manifest}`)) !== undefined
      if (isThere || !(await isOld(key))) named.add(place)
    }
    return named
  }
  const isSpare = async (keys: readonly string[]): Promise<readonly string[]> => {
    const named = await namedBy(keys)
    const spare: string[] = []
    for (const key of keys) {
      const place = /\/in\/([^/]+)$/.exec(key)?.[1]
      if (place !== undefined && !named.has(place) && (await isOld(key))) spare.push(key)
    }
    return spare
  }
  /** Whether somebody sends the content at this moment. */
  const isComing = async (keys: readonly string[]): Promise<boolean> => {
    for (const key of keys) if (key.includes('/coming/') && !(await isOld(key))) return true
    return false
  }
  const members = (keys: readonly string[]): number => keys.filter((key) => key.includes('/in/')).length
  // Nothing is marked that is plainly needed.
  const first = await isSpare(listed)
  const hasBytes = listed.some((key) => key.endsWith('/bytes'))
  if (await isComing(listed)) return false
  if (first.length === 0 && (members(listed) > 0 || !hasBytes || !(await isOld(`${folder}bytes`)))) return false

  const mark = `${folder}leaving`
  if (!(await store.create(mark, recordBytes({ at: now() })))) {
    const stat = await store.stat(mark)
    if (stat !== undefined && now() - stat.modified > deadAfter) await store.delete(mark)
    return false
  }
  const since = performance.now()
  const mayDelete = (): boolean => performance.now() - since < heldUp
  try {
    const keys = await Array.fromAsync(store.list(folder))
    if (await isComing(keys)) return false
    const spare = await isSpare(keys)
    for (const key of spare) if (mayDelete()) await store.delete(key)
    if (members(keys) > spare.length || !(await isOld(`${folder}bytes`)) || !mayDelete()) return false
    await store.delete(`${folder}bytes`)
    // Notes of manifests that are gone, and of uploads that broke off.
    for (const key of keys) if (/\/(for|coming)\//.test(key) && mayDelete()) await store.delete(key)
    return true
  } finally {
    await store.delete(mark)
  }
}

/** Uploads and tags that are over; notes where each repository is. */
async function collectRepositories(
  { store, now, grace }: CollectOptions,
  folders: Map<string, string>,
): Promise<number> {
  const uploads = new Map<string, string[]>()
  const pointers = new Map<string, string>()
  for await (const key of store.list(repositoriesFolder)) {
    const [, , hosted, place = '', kind, name] = key.split('/')
    folders.set(place, `${repositoriesFolder}${hosted}/${place}/`)
    const group = `${repositoriesFolder}${hosted}/${place}/${kind}/${name}/`
    if (kind === 'uploads') uploads.set(group, [...(uploads.get(group) ?? []), key])
    // The last one listed is the newest.
    if (kind === 'tags') pointers.set(group, key)
  }
  let collected = 0
  for (const [group, keys] of uploads) {
    const stats = await Promise.all([`${group}${recordName}`, keys.at(-1) ?? group].map((key) => store.stat(key)))
    const last = Math.max(...stats.map((stat) => stat?.modified ?? 0))
    if (now() - last < grace) continue
    for (const key of keys) await store.delete(key)
    collected += 1
  }
  for (const key of pointers.values()) {
    const pointer = await readRecord<TagPointer>(store, key)
    if (pointer === undefined || pointer.digest !== undefined || now() - pointer.at < grace) continue
    await store.delete(key)
    collected += 1
  }
  return collected
}
