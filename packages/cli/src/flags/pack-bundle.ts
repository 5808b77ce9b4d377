// Writes charts, with their images, into a bundle as the flags say.

import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { basename } from 'node:path'
import { ChartferryError, type Digest } from '@chartferry/core'
import { messageOf } from '@chartferry/core/internal'
import type { ContentSource } from '@chartferry/core/oci'
import {
  type Bundle,
  type BundledChart,
  type BundledFile,
  type ForeignBundle,
  parseSigningKey,
  usedImages,
  type WrittenBundle,
  writeBundle,
} from '@chartferry/core/transfer'
import { parseBytes } from './bundle-options.ts'
import { type CopyRun, type ImageCopyOptions, openCopy, summaryOf } from './copy-options.ts'
import { readText } from './read-text.ts'

/** What these flags give. */
export interface PackOptions extends ImageCopyOptions {
  /** False with `--no-images`. */
  readonly images?: boolean
  readonly add?: readonly string[]
  readonly split?: string
  readonly signKey?: string
}

export interface PackInput {
  readonly charts: readonly BundledChart[]
  /** Images that no chart names. Default: none. */
  readonly images?: readonly string[]
  /** Bundles of other tools, whose images and files go in. Default: none. */
  readonly foreign?: readonly ForeignBundle[]
  readonly base?: Bundle | undefined
  /** What tags stand for, by `host/path:tag`. Default: what they stand for now. */
  readonly pins?: ReadonlyMap<string, string>
}

/** Writes the bundle. Throws as `writeBundle` does, FILE_NOT_FOUND, USAGE, CONFIG_INVALID. */
export async function packBundle(
  file: string,
  { charts, images = [], foreign = [], base, pins = new Map() }: PackInput,
  options: PackOptions,
  run: CopyRun,
): Promise<WrittenBundle> {
  const { report, name } = run
  const partBytes = partSize(options.split)
  const used =
    options.images === false ? [] : charts.flatMap(({ plan }) => (plan === undefined ? [] : usedImages(plan)))
  const inside = options.images === false ? [] : foreign.flatMap((each) => each.images)
  const added = await Promise.all((options.add ?? []).map(fileOf))
  const signingKey =
    options.signKey === undefined
      ? undefined
      : parseSigningKey(await readText(options.signKey, 'private key'), options.signKey)
  const { registries, copyOptions } = await openCopy(options, run)
  report({ type: 'stage-started', chart: name, stage: 'copy' })
  try {
    const written = await writeBundle(
      file,
      {
        charts,
        images: [
          ...[...images, ...inside].map((reference) => ({ reference })),
          ...used.map(({ image, rendered }) => ({ reference: image, optional: !rendered })),
        ],
        files: [...added, ...foreign.flatMap(({ files }) => files)],
      },
      {
        ...copyOptions,
        open: (repository, reference) =>
          foreign.map(({ find }) => find(repository, reference)).find((source) => source !== undefined) ??
          withPins(registries.repository(repository), repository, pins),
        base,
        partBytes,
        signingKey,
      },
    )
    report({ type: 'stage-finished', chart: name, stage: 'copy', summary: summaryOf(written.copied) })
    return written
  } finally {
    await registries.close()
  }
}

function withPins(source: ContentSource, repository: string, pins: ReadonlyMap<string, string>): ContentSource {
  return {
    ...source,
    resolve: (reference, options) => source.resolve(pins.get(`${repository}:${reference}`) ?? reference, options),
  }
}

const leastPart = 4096

function partSize(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const bytes = parseBytes(text)
  if (bytes !== undefined && bytes >= leastPart) return bytes
  throw new ChartferryError(
    'USAGE',
    `--split ${text}: a size is wanted, such as 4GiB or 700M, of at least ${leastPart} bytes`,
  )
}

/** A file of the disk, read once for its digest. Throws FILE_NOT_FOUND. */
async function fileOf(path: string): Promise<BundledFile> {
  const hash = createHash('sha256')
  let size = 0
  try {
    for await (const piece of createReadStream(path) as AsyncIterable<Buffer>) {
      hash.update(piece)
      size += piece.length
    }
  } catch (cause) {
    throw new ChartferryError('FILE_NOT_FOUND', `${path}: ${messageOf(cause)}`, { cause })
  }
  const digest: Digest = `sha256:${hash.digest('hex')}`
  return { name: basename(path), digest, size, open: () => createReadStream(path, { highWaterMark: 1 << 20 }) }
}
