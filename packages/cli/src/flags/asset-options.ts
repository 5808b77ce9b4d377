// The flags by which `assets` takes charts, images and files, and what they come to.
import { ChartferryError, targetModes } from '@chartferry/core'
import type { RegistrySetting } from '@chartferry/core/oci'
import {
  type FileAsset,
  type FilePlace,
  type FileRequest,
  findDigest,
  type ImagePair,
  type PlacedFile,
  parseFileRequest,
  placeFiles,
} from '@chartferry/core/transfer'
import { type Command, Option } from 'commander'
import { chartImages } from './chart-images.ts'
import { type ChartOptions, collect } from './chart-options.ts'
import { chartRequest } from './chart-request.ts'
import { openCommandClient } from './command-client.ts'
import { addConfigOption, type ConfigOption } from './declared.ts'
import { filePlaceOf, readFileList } from './file-list.ts'
import { type Names, namesAt, pairsOf, readImageList } from './image-list.ts'
import { declaredNames, lockedPairs, openLocked } from './locked.ts'
import type { OutputOptions } from './output-options.ts'

/** What these flags give. */
export interface AssetOptions extends ChartOptions, OutputOptions, ConfigOption {
  readonly to?: string
  readonly mode?: string
  readonly fileRepository?: string
  readonly s3Endpoint?: string
  readonly image: readonly string[]
  readonly imageList: readonly string[]
  readonly url: readonly string[]
  readonly files: readonly string[]
  readonly output: 'table' | 'yaml' | 'json'
}

/** Adds the flags to a command. */
export function addAssetOptions(command: Command): Command {
  return addConfigOption(command.optionsGroup('What, and where to:'))
    .option('--image <image>', 'an image, may be repeated', collect, [])
    .option('--image-list <file>', 'an image a line, may be repeated', collect, [])
    .option('--url <url[@sha256:digits]>', 'a file by its URL, may be repeated', collect, [])
    .option('--files <file>', 'a URL a line, its sha256 behind it; may be repeated', collect, [])
    .option('--to <registry[/prefix]>', 'registry that the images go to, and the path below it')
    .option('--mode <mode>', `how names there are made: ${targetModes.join(', ')} (default: path)`)
    .option('--file-repository <place>', 'where files go: a folder, s3://, gs://, or the https URL of a bucket')
    .option('--s3-endpoint <url>', 'S3 service that is not AWS (default: AWS_ENDPOINT_URL)')
    .addOption(
      new Option('-o, --output <format>', 'form of the list').choices(['table', 'yaml', 'json']).default('table'),
    )
}

/** What is to be copied, by its names. */
export interface Assets {
  readonly images: readonly ImagePair[]
  readonly files: readonly PlacedFile[]
  /** Where the files go; undefined where nothing says so. */
  readonly place: FilePlace | undefined
  /** Those that a declaration wants; none for all. */
  readonly platforms: readonly string[]
  readonly registries: readonly RegistrySetting[]
}

/**
 * Gathers what the flags name: reads charts, asks for digests of files. Throws USAGE where they name nothing, and what
 * reading throws.
 */
export async function gatherAssets(
  charts: readonly string[],
  options: AssetOptions,
  signal: AbortSignal,
): Promise<Assets> {
  const locked = options.config === undefined ? undefined : await openLocked(options.config, options)
  const place = filePlaceOf(options.fileRepository ?? locked?.declaration.fileRepository, options.s3Endpoint)
  const names = (locked === undefined ? namesAt(options.to, options.mode) : declaredNames(locked, options)) ?? sameNames
  const images: ImagePair[] = locked === undefined ? [] : [...lockedPairs(locked, names)]
  images.push(...pairsOf(options.image, names))
  for (const file of options.imageList) images.push(...(await readImageList(file, names)))
  for (const chart of charts)
    for (const { reference, ...wish } of await chartImages(chartRequest(chart, options), signal))
      images.push(...pairsOf([reference], names).map((pair) => ({ ...pair, ...wish })))
  const requests = [
    ...options.url.map(parseFileRequest),
    ...(await Promise.all(options.files.map(readFileList))).flat(),
  ]
  const files = [...(locked?.lock.files ?? []), ...(await findDigests(requests, options, signal))]
  if (images.length === 0 && files.length === 0 && charts.length === 0) {
    throw new ChartferryError('USAGE', 'no charts, images or files are named', {
      hint: 'Name charts, or give --image, --image-list, --url, --files or --config.',
    })
  }
  return {
    images,
    files: placeFiles(files, place),
    place,
    platforms: locked?.declaration.platforms ?? [],
    registries: locked?.declaration.registries ?? [],
  }
}

/** Without a registry to go to, images stay where they are. */
const sameNames: Names = { rename: (reference) => reference }

async function findDigests(
  requests: readonly FileRequest[],
  options: AssetOptions,
  signal: AbortSignal,
): Promise<readonly FileAsset[]> {
  const client = await openCommandClient(options)
  try {
    return await Promise.all(requests.map((request) => findDigest(request, { client, signal })))
  } finally {
    await client.close()
  }
}
