// Where renderings of helm are kept between runs, within bounds.
import { readdir, rm, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { type BlobStore, openFilesystemStore } from '@chartferry/core/transfer'

const mostBytes = 256 * 1024 * 1024

/** The store, below the user's cache folder. The oldest renderings go first where there is too much. */
export async function openRenderingStore(environment: NodeJS.ProcessEnv = process.env): Promise<BlobStore> {
  const folder = join(environment.XDG_CACHE_HOME || join(homedir(), '.cache'), 'chartferry', 'helm')
  await prune(join(folder, 'renderings')).catch(() => {})
  return openFilesystemStore(folder)
}

async function prune(folder: string): Promise<void> {
  const files = await Promise.all(
    (await readdir(folder)).map(async (name) => {
      const path = join(folder, name)
      const { size, mtimeMs } = await stat(path)
      return { path, size, mtimeMs }
    }),
  )
  let total = 0
  for (const { path, size } of files.sort((a, b) => b.mtimeMs - a.mtimeMs)) {
    total += size
    if (total > mostBytes) await rm(path, { force: true })
  }
}
