// Makes a bundle: looks at everything, gives each blob its place, lets the blobs stream into their places, and names
// the file when it is whole.
import { createHash, type KeyObject } from 'node:crypto'
import { mkdir, rm } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import type { Digest } from '../../digest.ts'
import { ChartferryError, isChartferryError, messageOf, throwIfCancelled } from '../../errors.ts'
import type { ContentSource } from '../../oci/content/content.ts'
import { copyImages } from '../../oci/copy/copy.ts'
import type { CopyOptions, CopyResult } from '../../oci/copy/copy-item.ts'
import type { SurveyedImage } from '../../oci/copy/copy-survey.ts'
import { formatReference, parseReference } from '../../reference/reference.ts'
import { takeLock } from '../../storage/take-lock.ts'
import { joinWishes } from '../copy-images.ts'
import { collectImages } from './collect-images.ts'
import type { BundleContents } from './contents.ts'
import { headerOf } from './header.ts'
import { imageName } from './image-names.ts'
import { type BundledChart, type BundledFile, type LayoutPlan, planLayout } from './layout-plan.ts'
import { openPartialFile, type PartialFile } from './partial-file.ts'
import { openPartialParts } from './partial-parts.ts'
import { partialSink } from './partial-sink.ts'
import type { Bundle } from './read-bundle.ts'
import { reuseBlobs } from './reuse-blobs.ts'
import { signContents } from './signature.ts'
import { blobPath, dataOffset, endBytes, nextOffset, placeFiles, tarHeader } from './tar-form.ts'

/** An image that a bundle is to hold. */
export interface BundledImageRequest {
  readonly reference: string
  /** Whether it may be missing at its source. Default: false. */
  readonly optional?: boolean
  /** Whether it is needed in the usual case. Default: it is. */
  readonly isNeeded?: boolean | undefined
  /** Who wants it, in words. Default: nobody is named. */
  readonly wantedBy?: readonly string[]
}

/** What goes into a bundle. */
export interface BundleInput {
  readonly charts: readonly BundledChart[]
  readonly images?: readonly BundledImageRequest[]
  readonly files?: readonly BundledFile[]
}

export interface WriteBundleOptions extends CopyOptions {
  /** Gives the repository of a name, `host/path`, where a tag or digest of it is; needed where there are images. */
  readonly open?: (repository: string, reference: string) => ContentSource
  /** What this bundle has is left out. Default: everything goes in. */
  readonly base?: Bundle | undefined
  /** Bytes of each part. Default: one file. */
  readonly partBytes?: number | undefined
  /** Signs the table of contents: ed25519, or ECDSA with SHA-256. Default: nobody does. */
  readonly signingKey?: KeyObject | undefined
}

export interface WrittenBundle {
  readonly contents: BundleContents
  /** Bytes, of all parts. */
  readonly size: number
  readonly paths: readonly string[]
  readonly copied: CopyResult
}

const nothingCopied: CopyResult = { images: [], bytes: { fetched: 0, sent: 0, mounted: 0, present: 0 } }

/**
 * Writes a bundle; the same content gives the same bytes. It grows in `PATH.partial` and gets its name when it is
 * whole; a run that was stopped goes on there, and what an earlier bundle of the name has is taken from it. Throws
 * STORE_UNAVAILABLE, COPY_RUNNING while another process makes it, VERSION_EXISTS, as `copyImages` does.
 */
export async function writeBundle(
  path: string,
  input: BundleInput,
  options: WriteBundleOptions = {},
): Promise<WrittenBundle> {
  const lock = `${path}.partial.lock`
  try {
    await mkdir(dirname(resolve(path)), { recursive: true })
    await takeLock(lock, path)
  } catch (cause) {
    if (isChartferryError(cause)) throw cause
    throw new ChartferryError('STORE_UNAVAILABLE', `${path}: ${messageOf(cause)}`, { cause })
  }
  try {
    return await writeLocked(path, input, options)
  } finally {
    await rm(lock, { force: true })
  }
}

async function writeLocked(path: string, input: BundleInput, options: WriteBundleOptions): Promise<WrittenBundle> {
  const { images = [] } = input
  if (images.length > 0) return writeWithImages(path, input, options)
  const begun = await begin(path, input, [], () => '', options)
  return end(begun, nothingCopied)
}

async function writeWithImages(path: string, input: BundleInput, options: WriteBundleOptions): Promise<WrittenBundle> {
  const { open } = options
  if (open === undefined) throw new ChartferryError('INTERNAL', 'nothing opens the repositories of the images')
  let begun: Begun | undefined
  const blobs = {
    isWhole: (digest: Digest): boolean => begun?.isThere(digest) ?? false,
    write: async (digest: Digest, body: Parameters<PartialFile['write']>[1]): Promise<void> =>
      begun?.partial.write(digest, body),
  }
  const names = new Map<object, string>()
  const sinks = new Map<string, ReturnType<typeof partialSink>>()
  const items = distinct(input.images ?? []).map(({ name, ...wish }) => {
    const { host = '', path: place, tag, digest } = parseReference(name)
    const repository = formatReference({ host, path: place })
    const sink = sinks.get(repository) ?? partialSink(path, repository, () => begun && blobs)
    sinks.set(repository, sink)
    const from = digest ?? tag ?? 'latest'
    const item = { source: open(repository, from), from, sink, ...wish }
    names.set(item, name)
    return item
  })
  const journal: CopyOptions['journal'] = {
    placesOf: () => [],
    add: async () => {},
    close: async () => {},
    get staging() {
      if (begun === undefined) throw new ChartferryError('INTERNAL', 'a blob came before its place was known')
      return begun.partial.journal.staging
    },
  }
  try {
    const copied = await copyImages(items, {
      ...options,
      journal,
      prepare: async (surveyed, throwFailures) => {
        // Where things lie follows from all that is inside.
        throwFailures()
        begun = await begin(path, input, surveyed, ({ item }) => names.get(item) ?? '', options)
      },
    })
    if (begun === undefined) throw new ChartferryError('INTERNAL', 'nothing was surveyed')
    return await end(begun, copied)
  } catch (thrown) {
    await begun?.close()
    throw thrown
  }
}

/** Each image once, under its canonical name; it may be missing only if nobody needs it. Throws REFERENCE_INVALID. */
function distinct(
  images: readonly BundledImageRequest[],
): readonly (Omit<BundledImageRequest, 'reference'> & { readonly name: string })[] {
  const known = new Map<string, BundledImageRequest>()
  for (const image of images) {
    const name = imageName(image.reference) ?? formatReference(parseReference(image.reference))
    known.set(name, joinWishes(known.get(name), image))
  }
  return [...known].map(([name, { reference: _asked, ...wish }]) => ({ name, ...wish }))
}

/** A bundle whose places are known, with all but the blobs of images in it. */
interface Begun {
  readonly plan: LayoutPlan
  readonly partial: PartialFile
  readonly size: number
  isThere(digest: Digest): boolean
  publish(): Promise<readonly string[]>
  close(): Promise<void>
}

async function begin(
  path: string,
  { charts, files: given = [] }: BundleInput,
  surveyed: readonly SurveyedImage[],
  nameOf: (image: SurveyedImage) => string,
  { base, partBytes, signingKey, signal }: WriteBundleOptions,
): Promise<Begun> {
  const plan = planLayout(charts, collectImages(surveyed, nameOf), given, base && layoutBase(base))
  const { contents, ready } = plan
  const contentsBytes = new TextEncoder().encode(JSON.stringify(contents))
  const header = headerOf(contentsBytes, contents, signingKey && signContents(contentsBytes, signingKey))
  const places = placeFiles([
    ...header.map(({ path: name, data }) => ({ path: name, size: data.length })),
    ...contents.entries.map(({ digest, size }) => ({ path: blobPath(digest), size })),
  ])
  const last = nextOffset(places.at(-1) ?? { offset: 0, size: 0 })
  const files = await openPartialParts(path, last + endBytes, { partBytes })
  try {
    const entries = contents.entries.flatMap((entry, position) => {
      const place = places[header.length + position]
      return place === undefined ? [] : [{ ...entry, place }]
    })
    const partial = await openPartialFile(files, entries, signal)
    for (const [position, { path: name, data }] of header.entries()) {
      const place = places[position]
      if (place !== undefined) await files.write(place.offset, [tarHeader(name, data.length), padded(data)])
    }
    for (const { digest, size, place } of entries) {
      throwIfCancelled(signal)
      const end = size % 512
      if (end !== 0) await files.write(dataOffset(place) + size, [Buffer.alloc(512 - end)])
      const bytes = ready.get(digest)
      if (bytes !== undefined && !partial.isWhole(digest)) await partial.write(digest, bytes)
    }
    await files.write(last, [Buffer.alloc(endBytes)])
    for (const file of given) if (!partial.isWhole(file.digest)) await partial.write(file.digest, compared(file))
    await reuseBlobs(path, partial, contents.entries, signal)
    const absent = new Set(contents.base?.absent.map(({ digest }) => digest))
    return {
      plan,
      partial,
      size: last + endBytes,
      isThere: (digest) => absent.has(digest) || partial.isWhole(digest),
      publish: () => files.publish(),
      close: () => files.close(),
    }
  } catch (thrown) {
    await files.close()
    throw thrown
  }
}

function layoutBase({ structure: { contentsDigest: digest }, contents }: Bundle): Parameters<typeof planLayout>[3] {
  const blobs = contents.entries.filter(({ mediaType }) => mediaType === undefined)
  return { digest, entries: [...blobs, ...(contents.base?.absent ?? [])] }
}

async function end(begun: Begun, copied: CopyResult): Promise<WrittenBundle> {
  const { plan, partial, size } = begun
  const { contents } = plan
  try {
    const missing = contents.entries.find(({ digest }) => !partial.isWhole(digest))
    if (missing !== undefined) throw new ChartferryError('INTERNAL', `${missing.digest} has not arrived`)
    return { contents, size, paths: await begun.publish(), copied }
  } finally {
    await begun.close()
  }
}

function padded(data: Uint8Array): Buffer {
  const bytes = Buffer.alloc(Math.ceil(data.length / 512) * 512)
  bytes.set(data)
  return bytes
}

/** The bytes of a file, the last of them only where all have the digest. */
async function* compared({ name, digest, open }: BundledFile): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256')
  let last: Uint8Array | undefined
  for await (const piece of open()) {
    hash.update(piece)
    if (last !== undefined) yield last
    last = piece
  }
  const actual = `sha256:${hash.digest('hex')}`
  if (actual !== digest) throw new ChartferryError('DIGEST_MISMATCH', `file ${name}: expected ${digest}, got ${actual}`)
  if (last !== undefined) yield last
}
