// What stands where in a bundle: the table of contents is read, and every header compared with it. Nothing is unpacked.
import { type Digest, digestOf } from '../../digest.ts'
import { ChartferryError } from '../../errors.ts'
import { isRecord } from '../../oci/content/descriptor.ts'
import { type BundleContents, parseContents } from './contents.ts'
import { headerOf } from './header.ts'
import { bundleTypes } from './media-types.ts'
import type { PartFiles } from './part-files.ts'
import { blobPath, endBytes, headerBytes, nextOffset, type PlacedFile, placeFiles, readTarHeader } from './tar-form.ts'

/** What a bundle consists of. */
export interface BundleStructure {
  readonly contents: BundleContents
  /** The bytes of the table of contents: what is signed. */
  readonly contentsBytes: Uint8Array
  readonly contentsDigest: Digest
  readonly signature: Uint8Array | undefined
  /** Every file, in order. */
  readonly files: readonly PlacedFile[]
  /** How many of them come before the blobs that the table of contents lists. */
  readonly headerFiles: number
}

interface ReadFile {
  readonly path: string
  readonly data: Buffer
  readonly next: number
}

/** Headers that are read at once. */
const atOnce = 64

/**
 * Reads the structure. Throws BUNDLE_INVALID for bytes that are cut off, damaged or of another kind, BUNDLE_UNSUPPORTED
 * for a newer format.
 */
export async function readStructure(bytes: PartFiles, maxFileBytes: number): Promise<BundleStructure> {
  const refuse = (why: string): ChartferryError => new ChartferryError('BUNDLE_INVALID', `${bytes.name}: ${why}`)
  const readFile = async (offset: number, what: string): Promise<ReadFile> => {
    const block = await bytes.read(offset, headerBytes)
    if (block.length < headerBytes) throw refuse(`it ends after ${bytes.size} bytes, in the middle of ${what}`)
    const header = readTarHeader(block)
    if (header === undefined) throw refuse(`at byte ${offset} there is no header of ${what}`)
    if (header.size > maxFileBytes)
      throw refuse(`${header.path} has ${header.size} bytes, the limit is ${maxFileBytes}`)
    const data = await bytes.read(offset + headerBytes, header.size)
    if (data.length < header.size) throw refuse(`it ends after ${bytes.size} bytes, in the middle of ${header.path}`)
    return { path: header.path, data, next: nextOffset({ offset, size: header.size }) }
  }
  const layout = await readFile(0, 'oci-layout')
  if (layout.path !== 'oci-layout') throw refuse(`it begins with ${layout.path}, not as a bundle does`)
  const index = await readFile(layout.next, 'index.json')
  checkKind(index.data, bytes.name, refuse)
  const artifact = await readFile(index.next, 'the table of contents')
  const table = await readFile(artifact.next, 'the table of contents')
  checkNamed(artifact, refuse)
  checkNamed(table, refuse)
  const contents = parseContents(table.data, bytes.name)
  const signature = await readSignature(contents, table, readFile)
  const header = headerOf(table.data, contents, signature)
  const files = placeFiles([
    ...header.map(({ path, data }) => ({ path, size: data.length })),
    ...contents.entries.map(({ digest, size }) => ({ path: blobPath(digest), size })),
  ])
  for (const [position, { path, data }] of header.entries()) {
    const place = files[position]
    const found = place && (await readFile(place.offset, path))
    if (found?.path !== path || !found.data.equals(data))
      throw refuse(`${path} does not say what the table of contents says`)
  }
  const end = nextOffset(files.at(-1) ?? { offset: 0, size: 0 })
  if (bytes.size !== end + endBytes) throw wrongSize(bytes, end + endBytes)
  if ((await bytes.read(end, endBytes)).some((byte) => byte !== 0))
    throw refuse('something stands behind its last entry')
  for (let first = 0; first < files.length; first += atOnce)
    await Promise.all(files.slice(first, first + atOnce).map((file) => checkHeader(bytes, file, refuse)))
  const contentsDigest = digestOf(table.data)
  return { contents, contentsBytes: table.data, contentsDigest, signature, files, headerFiles: header.length }
}

type Refuse = (why: string) => ChartferryError

/** Says which kind of file it is where it is none of ours. */
function checkKind(index: Buffer, name: string, refuse: Refuse): void {
  let document: unknown
  try {
    document = JSON.parse(index.toString())
  } catch {
    throw refuse('its index.json is not JSON')
  }
  const list: unknown = isRecord(document) ? document.manifests : undefined
  const first: unknown = Array.isArray(list) ? list[0] : undefined
  const type = isRecord(first) && typeof first.artifactType === 'string' ? first.artifactType : ''
  if (type === bundleTypes.contents) return
  if (/^application\/vnd\.chartferry\.bundle\.v\d+\+json$/.test(type))
    throw new ChartferryError('BUNDLE_UNSUPPORTED', `${name}: its table of contents is ${type}`)
  throw refuse('an OCI image layout, but without a table of contents')
}

function checkNamed({ path, data }: ReadFile, refuse: Refuse): void {
  if (path !== blobPath(digestOf(data))) throw refuse(`${path} has other bytes than its name says`)
}

/** Manifest and blob of a signature stand behind the table of contents where the first entry would. */
async function readSignature(
  { entries }: BundleContents,
  table: ReadFile,
  readFile: (offset: number, what: string) => Promise<ReadFile>,
): Promise<Uint8Array | undefined> {
  const [first] = entries
  const next = await readFile(table.next, 'the first entry').catch(() => undefined)
  if (next === undefined || first === undefined || next.path === blobPath(first.digest)) return undefined
  return (await readFile(next.next, 'the signature')).data
}

async function checkHeader(bytes: PartFiles, { path, size, offset }: PlacedFile, refuse: Refuse): Promise<void> {
  const header = readTarHeader(await bytes.read(offset, headerBytes))
  if (header?.path !== path || header.size !== size)
    throw refuse(`at byte ${offset} there should be ${path}, and there is ${header?.path ?? 'no header'}`)
}

function wrongSize({ name, size, paths }: PartFiles, expected: number): ChartferryError {
  const why = size < expected ? 'it is cut off' : 'something stands behind its end'
  const parts = size < expected && /\.\d{3}$/.test(paths[0] ?? '') ? `; a part behind ${paths.at(-1)} is missing` : ''
  return new ChartferryError(
    parts === '' ? 'BUNDLE_INVALID' : 'BUNDLE_PART_MISSING',
    `${name}: ${size} bytes, ${expected} belong to it: ${why}${parts}`,
  )
}
