// Where relocated manifests go: over the files that they came from, into a folder beside what else lies there, or into
// one archive.
import { cp, realpath } from 'node:fs/promises'
import { basename, join, resolve, sep } from 'node:path'
import { ChartferryError, messageOf } from '../../errors.ts'
import { writeArchive } from '../../helm/archive/write.ts'
import { replaceFile } from '../../storage/replace-file.ts'
import type { ManifestFile } from './manifest-file.ts'

/** A file, and whether its text is a new one. */
export type PlacedFile = ManifestFile & { readonly isChanged: boolean }

/** Replaces the files that changed, each whole or not at all; gives their paths. Throws STORE_UNAVAILABLE. */
export async function replaceManifests(place: string, files: readonly PlacedFile[]): Promise<readonly string[]> {
  const isFolder = files.length !== 1 || basename(place) !== files[0]?.path
  const written: string[] = []
  for (const { path, text, isChanged } of files) {
    if (!isChanged) continue
    const file = isFolder ? join(place, path) : place
    // What a link leads to is the file.
    await replaceFile(await realpath(file), new TextEncoder().encode(text))
    written.push(file)
  }
  return written
}

/**
 * Writes all files into a folder; `folder` is where they came from, if it was one: what else lies there, which
 * kustomizations may name, is copied along, but for what version control keeps. Throws USAGE where one folder lies in
 * the other, STORE_UNAVAILABLE.
 */
export async function writeManifests(
  destination: string,
  files: readonly PlacedFile[],
  folder?: string,
): Promise<readonly string[]> {
  if (folder !== undefined) {
    const [from, to] = [resolve(folder), resolve(destination)]
    if (`${to}${sep}`.startsWith(`${from}${sep}`) || `${from}${sep}`.startsWith(`${to}${sep}`))
      throw new ChartferryError('USAGE', `${destination} and ${folder}: one folder lies in the other`, {
        hint: 'Give another folder with -d, or --in-place.',
      })
    try {
      await cp(from, to, { recursive: true, filter: (path) => !/^\.(?:git|hg|svn)$/.test(basename(path)) })
    } catch (cause) {
      throw new ChartferryError('STORE_UNAVAILABLE', `${destination}: ${messageOf(cause)}`, { cause })
    }
  }
  const written: string[] = []
  for (const { path, text } of files) {
    const file = join(destination, path)
    await replaceFile(file, new TextEncoder().encode(text))
    written.push(file)
  }
  return written
}

/** The files as one archive, the same bytes every time; all lie in a folder of this name. */
export function packManifests(name: string, files: readonly ManifestFile[]): Promise<Uint8Array> {
  return writeArchive(
    files.map(({ path, text }) => ({
      path: `${name}/${path}`,
      type: 'file' as const,
      mode: 0o644,
      mtime: 0,
      data: new TextEncoder().encode(text),
    })),
  )
}
