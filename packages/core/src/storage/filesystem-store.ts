// A blob store in a folder: a blob is written aside, hashed, made durable, and then appears under its name in one step.
import { mkdir, open, readdir, rm, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { ChartferryError, isChartferryError, messageOf } from '../errors.ts'
import { type BlobStore, checkKey, checkRange } from './blob-store.ts'
import { fileDraft } from './draft.ts'
import { cleanTemporaries, publishNew, publishOver, temporaryPath, writeTemporary } from './publish-file.ts'

/**
 * Opens a store in a folder, which is made when it is missing; what a killed process left half-written is removed.
 * Several processes may use one folder. Throws STORE_UNAVAILABLE.
 */
export async function openFilesystemStore(folder: string): Promise<BlobStore> {
  const root = resolve(folder)
  const temporaries = join(root, '.tmp')
  const pathOf = (key: string): string => {
    checkKey(key)
    return join(root, key)
  }
  await guarded(async () => {
    await mkdir(temporaries, { recursive: true })
    await cleanTemporaries(temporaries)
  })
  return {
    stat: (key) =>
      absentAsUndefined(async () => {
        const found = await stat(pathOf(key))
        return found.isFile() ? { size: found.size, modified: found.mtimeMs } : undefined
      }),
    get: (key, { range } = {}) =>
      absentAsUndefined(async () => {
        const file = await open(pathOf(key), 'r')
        try {
          const found = await file.stat()
          if (!found.isFile()) {
            await file.close()
            return undefined
          }
          if (range !== undefined) checkRange(range, found.size)
          // Room for what is there: a small file would be given as much as a large one's piece.
          const highWaterMark = Math.max(1, Math.min(pieceBytes, found.size))
          return { size: found.size, body: file.createReadStream({ ...range, highWaterMark }) }
        } catch (thrown) {
          await file.close()
          throw thrown
        }
      }),
    put: (key, body, { digest } = {}) =>
      guarded(async () => {
        const target = pathOf(key)
        const temporary = await writeTemporary(temporaries, body, digest, key)
        await publishOver(temporary.path, target, root)
        return { size: temporary.size, digest: temporary.digest }
      }),
    create: (key, body) =>
      guarded(async () => {
        const target = pathOf(key)
        const temporary = await writeTemporary(temporaries, body, undefined, key)
        return publishNew(temporary.path, target, root)
      }),
    draft: () =>
      guarded(async () => {
        const path = temporaryPath(temporaries)
        const draft = await fileDraft(path, async (file, key) => {
          await file.sync()
          await publishOver(path, pathOf(key), root)
        })
        return {
          append: (piece) => guarded(() => draft.append(piece)),
          read: (start, length) => guarded(() => draft.read(start, length)),
          publish: (key) => guarded(() => draft.publish(key)),
          close: () => guarded(() => draft.close()),
        }
      }),
    delete: (key) => guarded(() => rm(pathOf(key), { force: true })),
    list: (prefix, { after = '' } = {}) => listKeys(root, prefix, after),
  }
}

/** Bytes that are read at once. */
const pieceBytes = 64 * 1024

/** Depth first with a folder's name ending in `/`, which is the order of the keys' characters. */
async function* listKeys(root: string, prefix: string, after: string): AsyncGenerator<string> {
  const folder = prefix.slice(0, prefix.lastIndexOf('/') + 1)
  if (folder !== '') checkKey(folder.slice(0, -1))
  yield* walk(root, folder, prefix, after)
}

async function* walk(root: string, folder: string, prefix: string, after: string): AsyncGenerator<string> {
  const entries = (await absentAsUndefined(() => readdir(join(root, folder), { withFileTypes: true }))) ?? []
  const keys = entries
    .filter(({ name }) => !name.startsWith('.'))
    .map((entry) => folder + entry.name + (entry.isDirectory() ? '/' : ''))
  for (const key of keys.sort()) {
    const wanted = key.startsWith(prefix) || prefix.startsWith(key)
    if (key.endsWith('/')) {
      // Everything in a folder comes before `after` unless `after` lies in it or before it.
      if (wanted && (key > after || after.startsWith(key))) yield* walk(root, key, prefix, after)
    } else if (key.startsWith(prefix) && key > after) yield key
  }
}

async function absentAsUndefined<Value>(run: () => Promise<Value>): Promise<Value | undefined> {
  return guarded(async () => {
    try {
      return await run()
    } catch (thrown) {
      const { code } = thrown as NodeJS.ErrnoException
      if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
      throw thrown
    }
  })
}

/** Makes the file system's errors ours; the absolute path stays in the cause. */
async function guarded<Value>(run: () => Promise<Value>): Promise<Value> {
  try {
    return await run()
  } catch (thrown) {
    if (isChartferryError(thrown) || !isSystemError(thrown)) throw thrown
    const what = `${thrown.syscall ?? 'operation'} failed with ${thrown.code ?? messageOf(thrown)}`
    throw new ChartferryError('STORE_UNAVAILABLE', `data folder: ${what}`, { cause: thrown })
  }
}

function isSystemError(thrown: unknown): thrown is NodeJS.ErrnoException {
  return thrown instanceof Error && 'syscall' in thrown
}
