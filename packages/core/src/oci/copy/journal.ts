// What a copy has done so far, on disk: after a crash the next run knows where blobs already are.
import { appendFile, mkdir, readFile, rm, rmdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type Digest, isDigest } from '../../digest.ts'
import { ChartferryError, messageOf } from '../../errors.ts'
import { takeLock } from '../../storage/take-lock.ts'
import { openStaging, type Staging } from './staging.ts'

/** Hints, never truths: whether a blob is where the journal says is asked of the registry. */
export interface Journal {
  readonly staging: Staging
  /** Repositories of a registry that were seen to have a blob. */
  placesOf(registry: string, digest: Digest): readonly string[]
  add(registry: string, repository: string, digest: Digest): Promise<void>
  /** Lets go of the folder; where everything arrived it is removed. */
  close(options: { readonly done: boolean }): Promise<void>
}

/**
 * Opens the journal of a folder, which is made when it is missing. Throws COPY_RUNNING while another process has it,
 * STORE_UNAVAILABLE.
 */
export async function openJournal(folder: string): Promise<Journal> {
  const file = join(folder, 'journal')
  const lock = join(folder, 'lock')
  try {
    await mkdir(folder, { recursive: true })
    await takeLock(lock, `journal ${folder}`)
  } catch (cause) {
    if (cause instanceof ChartferryError) throw cause
    throw new ChartferryError('STORE_UNAVAILABLE', `journal ${folder}: ${messageOf(cause)}`, { cause })
  }
  const places = new Map<string, string[]>()
  const note = (registry: string, repository: string, digest: Digest): void => {
    const key = `${registry} ${digest}`
    places.set(key, [...(places.get(key) ?? []), repository])
  }
  // A line that a crash cut short is none.
  for (const line of (await readFile(file, 'utf8').catch(() => '')).split('\n')) {
    const [registry, repository, digest, end] = line.split(' ')
    if (registry && repository && end === '.' && digest !== undefined && isDigest(digest))
      note(registry, repository, digest)
  }
  return {
    staging: await openStaging(join(folder, 'staging')),
    placesOf: (registry, digest) => places.get(`${registry} ${digest}`) ?? [],
    add: async (registry, repository, digest) => {
      note(registry, repository, digest)
      // One write a line, so that lines of several blobs do not mix. A journal that cannot be written costs time after
      // a crash, no more.
      await appendFile(file, `${registry} ${repository} ${digest} .\n`).catch(() => {})
    },
    close: async ({ done }) => {
      await rm(done ? folder : lock, { recursive: true, force: true })
      // What holds nothing is of no use to the next run.
      for (const empty of done ? [] : [join(folder, 'staging'), folder]) await rmdir(empty).catch(() => {})
    },
  }
}
