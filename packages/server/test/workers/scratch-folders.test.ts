import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, rm, utimes, writeFile } from 'node:fs/promises'
import { afterEach, expect, it } from 'vitest'
import { makeScratch, sweepScratch } from '../../src/workers/scratch-folders.ts'

const made: string[] = []
afterEach(async () => {
  for (const folder of made.splice(0)) await rm(folder, { recursive: true, force: true })
})

function scratch(): string {
  const folder = makeScratch()
  made.push(folder)
  return folder
}

/** The folder that a process of this number would have. */
async function folderOf(pid: number): Promise<string> {
  const folder = scratch().replace(`-${process.pid}-`, `-${pid}-`)
  await mkdir(folder)
  await writeFile(`${folder}/half`, 'x')
  made.push(folder)
  return folder
}

it('sweeps what a server that is gone has left, and nothing of one that lives', async () => {
  const gone = spawnSync(process.execPath, ['--version']).pid
  const [left, alive, own] = [await folderOf(gone), await folderOf(process.ppid), scratch()]
  await sweepScratch()
  expect([left, alive, own].map(existsSync)).toEqual([false, true, true])
})

it('does not take what is older than itself for its own: containers give every server the same number', async () => {
  const own = scratch()
  // Where a file system knows when a folder was made it is never later than when it was changed.
  const longAgo = new Date(Date.now() - 24 * 3600 * 1000)
  await utimes(own, longAgo, longAgo)
  await sweepScratch()
  expect(existsSync(own)).toBe(false)
})
