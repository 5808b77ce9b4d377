// THE VERB `bundle create`: charts with their plans, every image that they use, and files, into one file.
import type { KeyObject } from 'node:crypto'
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { basename } from 'node:path'
import type { Digest } from '../digest.ts'
import { ChartferryError, messageOf } from '../errors.ts'
import type { ChartArchive } from '../helm/chart/chart.ts'
import type { ContentSource } from '../oci/content/content.ts'
import { type RelocateOptions, relocate } from '../relocation/relocate.ts'
import { usedImages } from './bundle/image-names.ts'
import type { BundledChart, BundledFile } from './bundle/layout-plan.ts'
import type { Bundle } from './bundle/read-bundle.ts'
import type { RenderedWith } from './bundle/rendered-with.ts'
import { type WrittenBundle, writeBundle } from './bundle/write-bundle.ts'
import { copyOptionsOf, type FetchOptions, summaryOf } from './copy-pairs.ts'
import type { ForeignBundle } from './foreign/foreign-bundle.ts'
import { wishOf } from './image-wishes.ts'

/** Plans in a bundle are for a registry that is not known yet: who pushes or serves the bundle knows which one it is. */
const nowhere = 'bundle.invalid/images'

/** Plans a chart for a bundle, and proves the plan. Throws as `relocate` does. */
export async function planForBundle(
  original: ChartArchive,
  options: Omit<RelocateOptions, 'to'> & {
    /** What of the values may go along. Default: nothing. */
    readonly renderedWith?: RenderedWith | undefined
  } = {},
): Promise<BundledChart> {
  const { renderedWith, ...planned } = options
  const { plan, proof } = await relocate(original, { ...planned, to: nowhere })
  return { original, plan, proof, renderedWith }
}

/** What goes into a bundle. */
export interface PackedThings {
  readonly charts: readonly BundledChart[]
  /** Images that no chart names. Default: none. */
  readonly images?: readonly string[]
  /** Paths of files. Default: none. */
  readonly files?: readonly string[]
  /** Bundles of other tools, whose images and files go in. Default: none. */
  readonly foreign?: readonly ForeignBundle[]
}

export interface PackBundleOptions extends FetchOptions {
  /** Opens the repository of a name, `host/path`, that images come from. */
  readonly open: (repository: string) => ContentSource
  /** Whether the images of the charts go in, too. Default: true. */
  readonly withImages?: boolean
  /** What this bundle has is left out. Default: everything goes in. */
  readonly base?: Bundle | undefined
  /** What tags stand for, by `host/path:tag`. Default: what they stand for now. */
  readonly pins?: ReadonlyMap<string, string>
  /** Bytes of each part. Default: one file. */
  readonly partBytes?: number | undefined
  /** Signs the table of contents. Default: nobody does. */
  readonly signingKey?: KeyObject | undefined
}

/** Writes a bundle, reported as the stage `copy`. Throws as `writeBundle` does, FILE_NOT_FOUND. */
export async function packBundle(
  path: string,
  { charts, images = [], files = [], foreign = [] }: PackedThings,
  options: PackBundleOptions,
): Promise<WrittenBundle> {
  const {
    report = () => {},
    name: chart,
    open,
    read = open,
    withImages = true,
    pins = new Map(),
    base,
    partBytes,
    signingKey,
  } = options
  const used = charts.flatMap(({ plan }) =>
    plan === undefined || !withImages
      ? []
      : usedImages(plan).map((use) => ({ reference: use.image, ...wishOf(plan.chart, use) })),
  )
  const inside = withImages ? foreign.flatMap((each) => each.images) : []
  const added = await Promise.all(files.map(readFileEntry))
  report({ type: 'stage-started', chart, stage: 'copy' })
  const written = await writeBundle(
    path,
    {
      charts,
      images: [...[...images, ...inside].map((reference) => ({ reference })), ...used],
      files: [...added, ...foreign.flatMap((each) => each.files)],
    },
    {
      ...copyOptionsOf(options),
      open: (repository, reference) =>
        foreign.map(({ find }) => find(repository, reference)).find((source) => source !== undefined) ??
        withPins(read(repository), repository, pins),
      base,
      partBytes,
      signingKey,
    },
  )
  report({ type: 'stage-finished', chart, stage: 'copy', summary: summaryOf(written.copied, 'written') })
  return written
}

function withPins(source: ContentSource, repository: string, pins: ReadonlyMap<string, string>): ContentSource {
  return {
    ...source,
    resolve: (reference, options) => source.resolve(pins.get(`${repository}:${reference}`) ?? reference, options),
  }
}

/** A file of the disk, read once for its digest. Throws FILE_NOT_FOUND. */
async function readFileEntry(path: string): Promise<BundledFile> {
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
