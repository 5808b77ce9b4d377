// Folders for what children write, named after the server that owns them: what a killed one has left is swept.
import { createHash } from 'node:crypto'
import { mkdtempSync } from 'node:fs'
import { readdir, rm, stat } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'

/** A folder of temporary files may be shared by machines and containers, whose processes have the same numbers. */
const machine = createHash('sha256').update(hostname()).digest('hex').slice(0, 8)
const prefix = `chartferry-child-${machine}-`
const owned = new RegExp(`^${prefix}(\\d+)-`)

/** Makes a folder of this process; who has asked for it removes it. */
export function makeScratch(): string {
  return mkdtempSync(join(tmpdir(), `${prefix}${process.pid}-`))
}

/** Removes the folders of servers of this machine that are gone. Throws nothing: what cannot be removed stays. */
export async function sweepScratch(): Promise<void> {
  const names = await readdir(tmpdir()).catch((): string[] => [])
  for (const name of names) {
    const pid = Number(owned.exec(name)?.[1] ?? Number.NaN)
    const path = join(tmpdir(), name)
    if (Number.isInteger(pid) && (await isLeftBehind(pid, path)))
      await rm(path, { recursive: true, force: true }).catch(() => {})
  }
}

async function isLeftBehind(pid: number, path: string): Promise<boolean> {
  if (pid !== process.pid) return !isAlive(pid)
  // In a container the next server has the number of the one before; its folders are older than itself.
  const made = await stat(path).then(
    (found) => Math.min(found.birthtimeMs, found.mtimeMs),
    () => Number.POSITIVE_INFINITY,
  )
  return made < Date.now() - process.uptime() * 1000
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (thrown) {
    // Somebody else's process is alive, too.
    return (thrown as NodeJS.ErrnoException).code !== 'ESRCH'
  }
}
