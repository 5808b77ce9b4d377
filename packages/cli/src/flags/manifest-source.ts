// Manifests in the place of a chart: folders, files, URLs of files, and standard input.

import { stat } from 'node:fs/promises'
import { basename, resolve } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { ChartferryError } from '@chartferry/core'
import { discardBody, readBody, statusError } from '@chartferry/core/internal'
import {
  holdsManifests,
  imagesInFiles,
  type ManifestFile,
  manifestFileOf,
  readManifestFile,
  readManifestFolder,
} from '@chartferry/core/transfer'
import { openCommandClient, type TlsOptions } from './command-client.ts'
import type { PatienceOptions } from './patience-options.ts'

/** What was read of one argument. */
export interface ManifestSource {
  /** As the person wrote it. */
  readonly name: string
  readonly kind: 'folder' | 'file' | 'url' | 'stdin'
  readonly files: readonly ManifestFile[]
  /** What was not looked into, one sentence each. */
  readonly passedOver: readonly string[]
}

/** What a help text says of these arguments. */
export const manifestHelp =
  'a file or a folder of manifests or kustomizations, the URL of such a file, or - for standard input'

/** The most bytes that are taken from a URL or from standard input. */
const mostBytes = 64 << 20

const isUrl = (argument: string): boolean => /^https?:\/\//.test(argument)

/** Whether an argument names manifests rather than a chart. */
export async function isManifests(argument: string): Promise<boolean> {
  if (argument === '-') return true
  if (isUrl(argument)) return URL.canParse(argument) && /\.(?:ya?ml|json)$/i.test(new URL(argument).pathname)
  return holdsManifests(argument)
}

/** Arguments that name manifests, and the others. */
export async function partManifests(
  all: readonly string[],
): Promise<{ readonly charts: readonly string[]; readonly manifests: readonly string[] }> {
  const marked = await Promise.all(all.map(async (name) => ({ name, isOne: await isManifests(name) })))
  return {
    charts: marked.filter(({ isOne }) => !isOne).map(({ name }) => name),
    manifests: marked.filter(({ isOne }) => isOne).map(({ name }) => name),
  }
}

/** Reads the manifests of an argument. Throws FILE_NOT_FOUND, YAML_INVALID, ARCHIVE_TOO_LARGE, as requests do. */
export async function readManifests(
  argument: string,
  options: TlsOptions & PatienceOptions,
  signal: AbortSignal,
): Promise<ManifestSource> {
  if (argument === '-') {
    const file = manifestFileOf('manifests.yaml', await buffer(process.stdin))
    return { name: argument, kind: 'stdin', files: [file], passedOver: [] }
  }
  if (isUrl(argument)) {
    const file = manifestFileOf(basename(new URL(argument).pathname), await fetchBytes(argument, options, signal))
    return { name: argument, kind: 'url', files: [file], passedOver: [] }
  }
  const found = await stat(argument).catch(() => undefined)
  if (found?.isDirectory() === true) return { name: argument, kind: 'folder', ...(await readManifestFolder(argument)) }
  return { name: argument, kind: 'file', files: [await readManifestFile(argument)], passedOver: [] }
}

async function fetchBytes(
  url: string,
  options: TlsOptions & PatienceOptions,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const client = await openCommandClient(options)
  try {
    const response = await client.request(url, { signal })
    if (response.status !== 200) {
      discardBody(response)
      throw statusError(response.status, url, 'FILE_NOT_FOUND')
    }
    return await readBody(response, { maxBytes: mostBytes, tooLarge: 'ARCHIVE_TOO_LARGE', signal })
  } finally {
    await client.close()
  }
}

/** The images of manifests as they run. Throws as `readManifests` does, IMAGE_UNRESOLVED for what was not looked into. */
export async function manifestImages(
  argument: string,
  options: TlsOptions & PatienceOptions & { readonly allowUnresolved?: boolean },
  signal: AbortSignal,
): Promise<{ readonly source: ManifestSource; readonly images: readonly string[] }> {
  const source = await readManifests(argument, options, signal)
  const { images, left } = imagesInFiles(source.files)
  if (left.length > 0 && options.allowUnresolved !== true)
    throw new ChartferryError('IMAGE_UNRESOLVED', `${argument}: not all images are known:\n${left.join('\n')}`, {
      hint: 'Build it first (kustomize build > all.yaml), or name the folder that holds all of it.',
    })
  return { source, images: images.map(({ from }) => from) }
}

/** What a folder or file of manifests is called in file names. */
export function manifestName(argument: string): string {
  if (argument === '-') return 'manifests'
  const last = basename(isUrl(argument) ? new URL(argument).pathname : resolve(argument))
  return last.replace(/\.(?:ya?ml|json)$/i, '') || 'manifests'
}
