// Manifests that go into a bundle: their images, and they themselves as files.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { replaceFile } from '@chartferry/core/internal'
import { packManifests } from '@chartferry/core/transfer'
import type { TlsOptions } from './command-client.ts'
import { manifestImages, manifestName } from './manifest-source.ts'
import type { PatienceOptions } from './patience-options.ts'

/** What goes into a bundle. */
export interface PackedManifests {
  readonly images: readonly string[]
  /** A file each: the manifest itself, or `NAME.manifests.tgz` with the folder. */
  readonly paths: readonly string[]
}

/** Reads manifests, does some work with what goes into a bundle, and removes what was written for it. */
export async function withManifests<Result>(
  names: readonly string[],
  options: TlsOptions & PatienceOptions & { readonly allowUnresolved?: boolean },
  signal: AbortSignal,
  work: (packed: PackedManifests) => Promise<Result>,
): Promise<Result> {
  if (names.length === 0) return work({ images: [], paths: [] })
  const folder = await mkdtemp(join(tmpdir(), 'chartferry-manifests-'))
  try {
    const images: string[] = []
    const paths: string[] = []
    for (const [index, name] of names.entries()) {
      const found = await manifestImages(name, options, signal)
      images.push(...found.images)
      const { kind, files } = found.source
      const [single] = kind === 'folder' ? [] : files
      const title = single?.path ?? `${manifestName(name)}.manifests.tgz`
      const path = join(folder, String(index), title)
      await replaceFile(
        path,
        single === undefined ? await packManifests(manifestName(name), files) : Buffer.from(single.text),
      )
      paths.push(path)
    }
    return await work({ images, paths })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
