// ChartMuseum's own storage, read as it is: archives and provenance files that lie in a folder or a bucket are versions
// of the hosted repositories, and stay where they are.
import { messageOf } from '@chartferry/core/internal'
import type { StoredFile } from '../cache/archive-cache.ts'
import type { HostedStore } from '../hosted/hosted-store.ts'
import type { HostedFile, HostedProvenance } from '../hosted/repository-state.ts'
import { fileOf } from '../hosted/repository-state.ts'
import { type ImportFolderOptions, importFolder, inFolder, isKeyPath, pathOf } from './import-folder.ts'

export interface FolderStoreOptions extends ImportFolderOptions {
  /** Milliseconds after which it is looked at again. */
  readonly lookEvery: number
}

/** Hosted repositories with what lies in the folder. */
export function folderStore(options: FolderStoreOptions): HostedStore {
  const { store, folder, now, lookEvery, warn } = options
  const running = new Set<Promise<void>>()
  const looked = new Map<string, { readonly at: number; readonly first: Promise<void> }>()

  /** Looks at the folder when that is due. Only who finds nothing yet waits for it. */
  async function look(repository: string): Promise<void> {
    const known = looked.get(repository)
    if (known !== undefined && now() - known.at < Math.max(1, lookEvery)) return known.first
    const taking = importFolder(options, repository)
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
