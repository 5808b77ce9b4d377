// Which archives are made, for the index: what this server has made or served, and what a listing of the store tells of
// the others.
import type { RelocatedIndexOptions } from './relocated-index.ts'
import { fileNameIn } from './relocated-index.ts'
import type { RelocationOptions } from './relocation-options.ts'
import { type MadeRelocation, type RelocationStore, type ShownArchive, shownKey } from './relocation-store.ts'

export interface MadeArchives {
  /** Takes over what other servers have made, where it was not looked for a moment ago; waits the first time alone. */
  refresh(sets: readonly RelocationOptions[]): Promise<void>
  /** Takes over one that was made or served under a path. */
  note(repository: string, options: RelocationOptions, path: string, made: MadeRelocation): void
  /** Changes with whatever `of` gives. */
  state(): number
  of(repository: string): Pick<RelocatedIndexOptions, 'shown' | 'undated' | 'modified'>
  count(sets: readonly RelocationOptions[]): number
}

/** Milliseconds for which the index may lack the digests of what other servers have made. */
const listEvery = 30_000

const nothing: ReadonlyMap<string, ShownArchive> = new Map()

/** Knows nothing yet. `now` gives milliseconds since 1970. */
export function madeArchives(store: Pick<RelocationStore, 'shown'>, now: () => number): MadeArchives {
  const shown = new Map<string, Map<string, ShownArchive>>()
  const undated = new Map<string, Map<string, ShownArchive>>()
  const listedAt = new Map<string, number>()
  const listing = new Map<string, Promise<void>>()
  let state = 0
  let modified = 0

  function add(id: string, key: string, archive: ShownArchive): void {
    const all = shown.get(id) ?? new Map<string, ShownArchive>()
    shown.set(id, all)
    if (all.get(key)?.digest === archive.digest) return
    all.set(key, archive)
    changed()
  }

  function changed(): void {
    state += 1
    modified = now()
  }

  async function list(id: string): Promise<void> {
    listedAt.set(id, now())
    for (const [key, archive] of await store.shown(id)) add(id, key, archive)
  }

  function listOnce(id: string): Promise<void> {
    const running = listing.get(id) ?? list(id).finally(() => listing.delete(id))
    listing.set(id, running)
    return running
  }

  return {
    refresh: async (sets) => {
      for (const { id } of sets) {
        const last = listedAt.get(id)
        if (last === undefined || listing.has(id)) await listOnce(id)
        else if (now() - last >= listEvery) void listOnce(id).catch(() => {})
      }
    },
    note: (repository, { id }, path, { archive, source, sourcePath, unproven }) => {
      const told = { digest: archive.digest, isProven: unproven.length === 0 }
      add(id, shownKey({ source, fileName: fileNameIn(sourcePath) }), told)
      if (!sourcePath.split('/').some((part) => part.startsWith('url-'))) return
      const own = undated.get(repository) ?? new Map<string, ShownArchive>()
      undated.set(repository, own)
      if (own.get(path)?.digest === told.digest) return
      own.set(path, told)
      changed()
    },
    state: () => state,
    of: (repository) => ({
      shown: ({ id }) => shown.get(id) ?? nothing,
      undated: undated.get(repository) ?? nothing,
      modified,
    }),
    count: (sets) => sets.reduce((sum, { id }) => sum + (shown.get(id)?.size ?? 0), 0),
  }
}
