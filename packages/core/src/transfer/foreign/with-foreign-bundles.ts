// Opens bundles that other tools made: wraps of dt, and hauls of hauler.
import { mkdir, rm } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { ChartferryError, isChartferryError, messageOf } from '../../errors.ts'
import { defaultLimits } from '../../limits.ts'
import { takeLock } from '../../storage/take-lock.ts'
import { findParts } from '../bundle/part-files.ts'
import type { ForeignBundle } from './foreign-bundle.ts'
import { readHaul } from './read-haul.ts'
import { readWrap } from './read-wrap.ts'
import { type UnpackOptions, unpackArchive } from './unpack-archive.ts'

/** Whether a file is, by its name, a wrap (`*.wrap.tgz`) or a haul (`*.tar.zst`, also the first of its parts). */
export function isForeignBundle(path: string): boolean {
  return isWrap(path) || /\.tar\.zst(?:\.001)?$/.test(path)
}

const isWrap = (path: string): boolean => path.endsWith('.wrap.tgz')

/**
 * Unpacks bundles of other tools into a folder, runs work on them, and removes the folder. Throws as `unpackArchive`
 * does, BUNDLE_INVALID, MANIFEST_INVALID, CHART_INVALID, COPY_RUNNING while another process uses the folder, what the
 * work throws.
 */
export async function withForeignBundles<Result>(
  paths: readonly string[],
  folder: string,
  options: UnpackOptions,
  work: (bundles: readonly ForeignBundle[]) => Promise<Result>,
): Promise<Result> {
  if (paths.length === 0) return work([])
  const { limits = defaultLimits } = options
  const lock = `${folder}.lock`
  try {
    await mkdir(dirname(resolve(folder)), { recursive: true })
    await takeLock(lock, folder)
  } catch (cause) {
    if (isChartferryError(cause)) throw cause
    throw new ChartferryError('STORE_UNAVAILABLE', `${folder}: ${messageOf(cause)}`, { cause })
  }
  try {
    // What a run that was killed has left.
    await rm(folder, { recursive: true, force: true })
    const bundles: ForeignBundle[] = []
    for (const [position, path] of paths.entries()) {
      const place = join(folder, String(position))
      await mkdir(join(place, 'blobs'), { recursive: true })
      const unpacked = await unpackArchive(await findParts(path), place, options)
      bundles.push(await (isWrap(path) ? readWrap : readHaul)(unpacked, limits))
    }
    return await work(bundles)
  } finally {
    await rm(folder, { recursive: true, force: true })
    await rm(lock, { force: true })
  }
}
