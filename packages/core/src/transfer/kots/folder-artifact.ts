// A working folder beside its images: everything but the images and the login, as one artifact of the registry, and back
// into a folder.
import { readdir, readFile } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { digestOf } from '../../digest.ts'
import { ChartferryError } from '../../errors.ts'
import { readArchive } from '../../helm/archive/read.ts'
import { writeArchive } from '../../helm/archive/write.ts'
import { defaultLimits } from '../../limits.ts'
import type { ContentOptions, ContentRepository } from '../../oci/content/content.ts'
import { type Descriptor, mediaTypes } from '../../oci/content/descriptor.ts'
import { readContent, readManifest } from '../../oci/content/read-content.ts'
import { type PullLogin, pullSecretText, secretPath } from './midstream.ts'
import {
  parseWorkingState,
  publishRestored,
  readWorkingState,
  stateFile,
  type WorkingFile,
  type WorkingState,
} from './working-folder.ts'

const artifactType = 'application/vnd.chartferry.kots.v1'
const layerType = 'application/vnd.chartferry.kots.folder.v1.tar+gzip'

/** The repository of an application's folder, below the namespace of its images: no image has this name. */
export function folderRepository(registry: string, name: string): string {
  return `${registry}/${name}.kots`
}

/** Pushes the folder under its version and as `latest`; the file with the login stays here. Throws as the sink does. */
export async function pushFolder(
  folder: string,
  sink: ContentRepository,
  { signal }: ContentOptions = {},
): Promise<Descriptor> {
  const state = await stateOf(folder)
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((file) => ({ file, path: relative(folder, file).split(sep).join('/') }))
    .filter(({ path }) => !path.startsWith('images/') && path !== secretPath)
    .sort((a, b) => (a.path < b.path ? -1 : 1))
  const archive = await writeArchive(
    await Promise.all(
      files.map(async ({ file, path }) => ({
        path: `folder/${path}`,
        type: 'file' as const,
        mode: 0o644,
        mtime: 0,
        data: await readFile(file),
      })),
    ),
  )
  const config = new TextEncoder().encode('{}')
  const layer = describe(layerType, archive)
  const manifest = new TextEncoder().encode(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: mediaTypes.manifest,
      artifactType,
      config: describe(mediaTypes.empty, config),
      layers: [layer],
    }),
  )
  const descriptor = describe(mediaTypes.manifest, manifest)
  await sink.push(describe(mediaTypes.empty, config), config, { signal })
  await sink.push(layer, archive, { signal })
  await sink.push(descriptor, manifest, { signal, tag: tagOf(state.app.version) })
  await sink.tag(descriptor, 'latest', { signal })
  return descriptor
}

/**
 * Restores a folder. Throws MANIFEST_NOT_FOUND, MANIFEST_INVALID for another artifact, WORKING_FOLDER_INVALID for a
 * folder that is not empty.
 */
export async function restoreFolder(
  folder: string,
  source: ContentRepository,
  reference: string,
  { signal, login }: ContentOptions & { readonly login?: PullLogin | undefined } = {},
): Promise<WorkingState> {
  if ((await readWorkingState(folder)) !== undefined)
    throw new ChartferryError('WORKING_FOLDER_INVALID', `${folder}: there is a working folder already`, {
      hint: 'Give another one with --working-dir, or pull into it again.',
    })
  const descriptor = await source.resolve(reference, { signal })
  const { manifest } = await readManifest(source, descriptor, { signal })
  const layer = manifest.blobs.find(({ mediaType }) => mediaType === layerType)
  if (layer === undefined)
    throw new ChartferryError('MANIFEST_INVALID', `${source.name}:${reference}: it holds no working folder`)
  const bytes = await readContent(source, layer, { signal, maxBytes: defaultLimits.archiveBytes })
  const entries = await readArchive(bytes, { name: source.name, ...(signal === undefined ? {} : { signal }) })
  const files = entries
    .filter(({ type, path }) => type === 'file' && path.startsWith('folder/'))
    .map(({ path, data }): WorkingFile => ({ path: path.slice('folder/'.length), content: data }))
  const stated = files.find(({ path }) => path === stateFile)
  if (stated === undefined)
    throw new ChartferryError('MANIFEST_INVALID', `${source.name}:${reference}: its folder has no ${stateFile}`)
  const { app } = parseWorkingState(Buffer.from(stated.content).toString(), stateFile)
  const secret =
    login === undefined ? [] : [{ path: secretPath, content: pullSecretText(app.name, login), mode: 0o600 }]
  await publishRestored(folder, [...files, ...secret])
  return stateOf(folder)
}

async function stateOf(folder: string): Promise<WorkingState> {
  const state = await readWorkingState(folder)
  if (state === undefined) throw new ChartferryError('WORKING_FOLDER_INVALID', `${folder}: there is no working folder`)
  return state
}

const describe = (mediaType: string, bytes: Uint8Array): Descriptor => ({
  mediaType,
  digest: digestOf(bytes),
  size: bytes.length,
})

const tagOf = (version: string): string => version.replaceAll('+', '_').replace(/[^\w.-]/g, '-') || 'latest'
