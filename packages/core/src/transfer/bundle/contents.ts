// The table of contents of a bundle: what it holds, under which names, and every blob in the order of the file.
import { type Digest, isDigest } from '../../digest.ts'
import { ChartferryError, isChartferryError } from '../../errors.ts'
import { type Descriptor, isRecord, parseDescriptor } from '../../oci/content/descriptor.ts'
import { tryParseReference } from '../../reference/reference.ts'

/** The format that this version writes, and the only one that it reads. */
export const bundleFormat = 'chartferry.bundle/v1'

/** One blob. */
export interface BundleEntry {
  readonly digest: Digest
  /** Bytes. */
  readonly size: number
  /** Of manifests alone. */
  readonly mediaType?: string
  /** What a manifest refers to, where it does. */
  readonly subject?: Digest
}

export interface ChartEntry {
  readonly name: string
  readonly version: string
  /** Of the archive. */
  readonly digest: Digest
  /** As `helm push` makes it. */
  readonly manifest: Descriptor
  /** The artifact with plan and proof, which refers to the chart. Default: the chart has none. */
  readonly plan?: Descriptor
}

export interface ImageEntry {
  /** The canonical reference by which it was asked for: `quay.io/acme/web:1.0`. */
  readonly name: string
  /** What the bundle holds for it: another digest than the name's only where platforms were left out. */
  readonly manifest: Descriptor
}

/** A manifest that came along because it belongs to an image. */
export interface AttachedEntry {
  readonly repository: string
  /** The tag that cosign finds it by. Default: it is found as a referrer. */
  readonly tag?: string
  readonly manifest: Descriptor
}

export interface FileEntry {
  readonly name: string
  readonly digest: Digest
  /** Bytes. */
  readonly size: number
  readonly manifest: Descriptor
}

/** What a bundle leaves to another one. */
export interface BaseEntry {
  /** Of the table of contents of that bundle. */
  readonly digest: Digest
  /** The blobs that only the base has. */
  readonly absent: readonly BundleEntry[]
}

export interface BundleContents {
  readonly format: typeof bundleFormat
  readonly charts: readonly ChartEntry[]
  readonly images: readonly ImageEntry[]
  readonly attached: readonly AttachedEntry[]
  readonly files: readonly FileEntry[]
  /** Every blob behind the table of contents, in the order of the file. */
  readonly entries: readonly BundleEntry[]
  /** Default: the bundle needs no other. */
  readonly base?: BaseEntry
}

/**
 * Reads a table of contents. Throws BUNDLE_UNSUPPORTED for a newer format, BUNDLE_INVALID for what cannot be one;
 * `where` begins the message.
 */
export function parseContents(bytes: Uint8Array, where: string): BundleContents {
  const refuse = (why: string): ChartferryError => new ChartferryError('BUNDLE_INVALID', `${where}: ${why}`)
  let document: unknown
  try {
    document = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (cause) {
    throw new ChartferryError('BUNDLE_INVALID', `${where}: the table of contents is not JSON`, { cause })
  }
  if (!isRecord(document) || typeof document.format !== 'string') throw refuse('the table of contents says no format')
  if (document.format !== bundleFormat)
    throw new ChartferryError(
      'BUNDLE_UNSUPPORTED',
      `${where}: its format is ${document.format}, known is ${bundleFormat}`,
    )
  try {
    const contents = readContents(document)
    checkNames(contents, refuse)
    return contents
  } catch (thrown) {
    if (isChartferryError(thrown, 'MANIFEST_INVALID')) throw refuse(thrown.message)
    throw thrown
  }
}

type JsonObject = Readonly<Record<string, unknown>>
const invalid = (why: string): ChartferryError => new ChartferryError('MANIFEST_INVALID', `table of contents: ${why}`)

function readContents({ charts, images, attached, files, entries, base }: JsonObject): BundleContents {
  return {
    format: bundleFormat,
    charts: listOf(charts, 'charts').map((entry) => ({
      name: textIn(entry, 'name'),
      version: textIn(entry, 'version'),
      digest: digestIn(entry, 'digest'),
      manifest: descriptorIn(entry, 'manifest'),
      ...(entry.plan === undefined ? {} : { plan: descriptorIn(entry, 'plan') }),
    })),
    images: listOf(images, 'images').map((entry) => ({
      name: textIn(entry, 'name'),
      manifest: descriptorIn(entry, 'manifest'),
    })),
    attached: listOf(attached, 'attached').map((entry) => ({
      repository: textIn(entry, 'repository'),
      ...(entry.tag === undefined ? {} : { tag: textIn(entry, 'tag') }),
      manifest: descriptorIn(entry, 'manifest'),
    })),
    files: listOf(files, 'files').map((entry) => ({
      name: textIn(entry, 'name'),
      ...readEntry(entry),
      manifest: descriptorIn(entry, 'manifest'),
    })),
    entries: listOf(entries, 'entries').map(readEntry),
    ...(isRecord(base)
      ? { base: { digest: digestIn(base, 'digest'), absent: listOf(base.absent, 'absent').map(readEntry) } }
      : {}),
  }
}

function readEntry(entry: JsonObject): BundleEntry {
  const { size, mediaType } = entry
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) throw invalid('an entry has no size')
  return {
    digest: digestIn(entry, 'digest'),
    size,
    ...(typeof mediaType === 'string' ? { mediaType } : {}),
    ...(entry.subject === undefined ? {} : { subject: digestIn(entry, 'subject') }),
  }
}

function listOf(value: unknown, name: string): readonly JsonObject[] {
  if (Array.isArray(value) && value.every(isRecord)) return value
  throw invalid(`${name} is no list of objects`)
}

function textIn(entry: JsonObject, key: string): string {
  const value = entry[key]
  if (typeof value === 'string' && value !== '') return value
  throw invalid(`an entry has no ${key}`)
}

function digestIn(entry: JsonObject, key: string): Digest {
  const value = entry[key]
  if (typeof value === 'string' && isDigest(value)) return value
  throw invalid(`an entry has no digest as its ${key}`)
}

function descriptorIn(entry: JsonObject, key: string): Descriptor {
  const { mediaType, digest, size } = parseDescriptor(entry[key], 'table of contents')
  return { mediaType, digest, size }
}

const safeFileName = /^(?!\.{1,2}$)[^/\\\0]{1,255}$/

/** Each blob once, each name once, and every name for a blob that is inside. */
function checkNames(
  { charts, images, attached, files, entries, base }: BundleContents,
  refuse: (why: string) => ChartferryError,
): void {
  const blobs = new Map<string, BundleEntry>()
  for (const entry of [...entries, ...(base?.absent ?? [])]) {
    if (blobs.has(entry.digest)) throw refuse(`${entry.digest} is listed twice`)
    blobs.set(entry.digest, entry)
  }
  const names = new Set<string>()
  const check = (name: string, { digest, size }: { readonly digest: Digest; readonly size: number }): void => {
    if (names.has(name)) throw refuse(`${name} is listed twice`)
    names.add(name)
    if (blobs.get(digest)?.size !== size) throw refuse(`${name} is ${digest}, which is not inside`)
  }
  for (const { name, version, manifest } of charts) check(`chart ${name} ${version}`, manifest)
  for (const { name, version, plan } of charts) if (plan !== undefined) check(`plan of ${name} ${version}`, plan)
  for (const { name, manifest } of images) {
    if (tryParseReference(name)?.host === undefined) throw refuse(`${JSON.stringify(name)} is no image reference`)
    check(`image ${name}`, manifest)
  }
  for (const { repository, tag, manifest } of attached) check(`${repository}:${tag ?? manifest.digest}`, manifest)
  for (const file of files) {
    if (!safeFileName.test(file.name)) throw refuse(`${JSON.stringify(file.name)} is no name of a file`)
    check(`file ${file.name}`, file)
    check(`manifest of file ${file.name}`, file.manifest)
  }
}
