// One process at a time: a file that holds the number of the process that works.
import { open, readFile, rm } from 'node:fs/promises'
import { ChartferryError } from '../errors.ts'

/**
 * Makes the lock file; whoever made it removes it. One that a dead process left is taken over. Throws COPY_RUNNING,
 * with `what` before the message.
 */
export async function takeLock(path: string, what: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      const handle = await open(path, 'wx')
      await handle.writeFile(String(process.pid))
      return await handle.close()
    } catch (thrown) {
      if (!(thrown instanceof Error && 'code' in thrown && thrown.code === 'EEXIST') || attempt > 1) throw thrown
      const pid = Number(await readFile(path, 'utf8').catch(() => ''))
      if (isRunning(pid)) throw new ChartferryError('COPY_RUNNING', `${what}: process ${pid} is copying with it`)
      await rm(path, { force: true })
    }
  }
}

function isRunning(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0 || pid === process.pid) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (thrown) {
    return thrown instanceof Error && 'code' in thrown && thrown.code === 'EPERM'
  }
}
