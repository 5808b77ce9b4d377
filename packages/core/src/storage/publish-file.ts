// How a file appears whole or not at all: written aside, made durable, then moved or linked to its name.
import { createHash, randomUUID } from 'node:crypto'
import { link, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { hostname } from 'node:os'
import { dirname, join } from 'node:path'
import type { Digest } from '../digest.ts'
import { ChartferryError } from '../errors.ts'
import type { BlobBody } from './blob-store.ts'

/** Milliseconds after which a temporary file of another host is given up. */
const abandonedAfter = 24 * 60 * 60 * 1000

export interface Temporary {
  readonly path: string
  readonly size: number
  readonly digest: Digest
}

/**
 * Tells this life of the process from one before that had its number: several stores of one process may share a folder.
 */
const life = randomUUID().slice(0, 8)

/** Where a temporary file of this process may be. */
export function temporaryPath(folder: string): string {
  return join(folder, `${hostname()}~${process.pid}~${life}~${randomUUID()}`)
}

/**
 * Writes the body to a file of its own and makes it durable. When that fails, or the digest is another one, no file is
 * left.
 */
export async function writeTemporary(
  folder: string,
  body: BlobBody,
  expected: Digest | undefined,
  what: string,
): Promise<Temporary> {
  const path = temporaryPath(folder)
  const hash = createHash('sha256')
  let size = 0
  const file = await open(path, 'wx')
  try {
    for await (const piece of body instanceof Uint8Array ? [body] : body) {
      hash.update(piece)
      size += piece.length
      await file.writeFile(piece)
    }
    const digest: Digest = `sha256:${hash.digest('hex')}`
    if (expected !== undefined && digest !== expected) {
      throw new ChartferryError('DIGEST_MISMATCH', `${what}: expected ${expected}, got ${digest}`, {
        details: { expected, actual: digest },
      })
    }
    await file.sync()
    await file.close()
    return { path, size, digest }
  } catch (thrown) {
    await file.close().catch(() => {})
    await rm(path, { force: true })
    throw thrown
  }
}

/** Moves a temporary file to its name, over whatever was there. */
export async function publishOver(temporary: string, target: string, root: string): Promise<void> {
  try {
    await makeFolder(dirname(target), root)
    await rename(temporary, target)
  } catch (thrown) {
    await rm(temporary, { force: true })
    throw thrown
  }
  await syncFolder(dirname(target))
}

/** Gives a temporary file its name unless there is one: false. The temporary name goes in any case. */
export async function publishNew(temporary: string, target: string, root: string): Promise<boolean> {
  try {
    await makeFolder(dirname(target), root)
    await link(temporary, target)
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw thrown
  } finally {
    await rm(temporary, { force: true })
  }
  await syncFolder(dirname(target))
  return true
}

/**
 * Removes what earlier processes left: ours by name and host, unless they still run; those of other hosts after a day.
 */
export async function cleanTemporaries(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const [host, pid, writer] = name.split('~')
    const path = join(folder, name)
    const abandoned = host === hostname() ? writer !== life && !runs(Number(pid)) : await isOlder(path, abandonedAfter)
    if (abandoned) await rm(path, { force: true, recursive: true })
  }
}

/** Another process of that number. Our own number in another life is that of a predecessor. */
function runs(pid: number): boolean {
  if (!Number.isInteger(pid) || pid === process.pid) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (thrown) {
    return (thrown as NodeJS.ErrnoException).code === 'EPERM'
  }
}

async function isOlder(path: string, milliseconds: number): Promise<boolean> {
  const found = await stat(path).catch(() => undefined)
  return found !== undefined && Date.now() - found.mtimeMs > milliseconds
}

/** Makes a folder below the root, and makes the names of new folders durable. */
async function makeFolder(folder: string, root: string): Promise<void> {
  const first = await mkdir(folder, { recursive: true })
  if (first === undefined) return
  for (let made = folder; made.length >= first.length && made !== root; made = dirname(made))
    await syncFolder(dirname(made))
}

async function syncFolder(folder: string): Promise<void> {
  // Windows cannot open a folder; there the file system's own journal has to do.
  if (process.platform === 'win32') return
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
