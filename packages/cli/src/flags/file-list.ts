// Which files a command copies, where to, and through which connections.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ChartferryError } from '@chartferry/core'
import { openHttpClient } from '@chartferry/core/internal'
import {
  copyFiles,
  type FileAsset,
  type FilePlace,
  type FileRequest,
  type FileSink,
  folderSink,
  parseFilePlace,
  parseFileRequest,
  placeFiles,
  storeSink,
} from '@chartferry/core/transfer'
import { readLines } from './read-lines.ts'
import { readText } from './read-text.ts'

/**
 * A file with a URL a line, and its sha256 behind it where none lies beside it. Throws FILE_NOT_FOUND, USAGE with the
 * line.
 */
export async function readFileList(file: string): Promise<readonly FileRequest[]> {
  const text = await readText(file, 'list of files')
  return readLines(file, text, ([url = '', sha256, ...rest]) => {
    if (rest.length > 0) throw new ChartferryError('USAGE', `more than a URL and its sha256: ${rest.join(' ')}`)
    const digest = sha256 === undefined ? '' : `@sha256:${sha256.replace(/^sha256:/, '')}`
    return [parseFileRequest(url + digest)]
  })
}

/** Where `--file-repository` leads. Throws USAGE. */
export function filePlaceOf(
  fileRepository: string | undefined,
  s3Endpoint: string | undefined,
  environment: NodeJS.ProcessEnv = process.env,
): FilePlace | undefined {
  // The names that the SDKs of AWS have for it.
  const endpoint = s3Endpoint ?? (environment.AWS_ENDPOINT_URL_S3 || environment.AWS_ENDPOINT_URL || undefined)
  return fileRepository === undefined ? undefined : parseFilePlace(fileRepository, { endpoint })
}

/**
 * Opens a place to write to; credentials of buckets come from the environment. Throws USAGE for a web server,
 * CONFIG_INVALID without the SDK.
 */
export async function openFileSink(place: FilePlace): Promise<FileSink> {
  if (place.kind === 'folder') return folderSink(place.path)
  if (place.kind === 'bucket') {
    const { openS3Store } = await import('@chartferry/core/s3')
    return storeSink(place.url, await openS3Store(place))
  }
  throw new ChartferryError('USAGE', `file repository ${place.url}: a web server cannot be written to`, {
    hint: 'Copy to the folder that it serves, or name the service: --s3-endpoint.',
  })
}

/**
 * Fetches files into a folder, each compared with its digest, does some work with their paths, and removes them. Throws
 * as `copyFiles` does.
 */
export async function withFetchedFiles<Result>(
  files: readonly FileAsset[],
  signal: AbortSignal,
  work: (paths: readonly string[]) => Promise<Result>,
): Promise<Result> {
  if (files.length === 0) return work([])
  const folder = await mkdtemp(join(tmpdir(), 'chartferry-files-'))
  const client = openHttpClient()
  try {
    const placed = placeFiles(files, { kind: 'folder', path: folder })
    await copyFiles(placed, folderSink(folder), { client, signal })
    return await work(placed.map(({ download }) => download))
  } finally {
    await client.close()
    await rm(folder, { recursive: true, force: true })
  }
}
