// An OCI image layout in a folder (OCI image specification, image-layout.md): blobs by digest, and an index.json with
// the tags.
import { mkdir, open, readFile, stat } from 'node:fs/promises'
import { join, resolve as resolvePath } from 'node:path'
import { type Digest, digestHex, isDigest } from '../../digest.ts'
import { ChartferryError, isChartferryError, messageOf } from '../../errors.ts'
import { publishOver, writeTemporary } from '../../storage/publish-file.ts'
import { replaceFile } from '../../storage/replace-file.ts'
import type { ContentRepository } from './content.ts'
import { type Descriptor, isManifestType, isRecord, mediaTypes, parseDescriptor } from './descriptor.ts'
import { parseManifest } from './manifest.ts'

const tagKey = 'org.opencontainers.image.ref.name'
const layoutFile = '{"imageLayoutVersion":"1.0.0"}'

/**
 * Opens a layout; the folder is made when something is pushed. Throws STORE_UNAVAILABLE, and
 * MANIFEST_INVALID for an index.json that is none.
 */
export function openLayout(folder: string): ContentRepository {
  const blobPath = (digest: Digest): string => join(folder, 'blobs', 'sha256', digestHex(digest))
  const indexPath = join(folder, 'index.json')
  // One writer after the other: each reads what the one before it wrote.
  let writing: Promise<unknown> = Promise.resolve()

  const readIndex = async (): Promise<readonly Descriptor[]> => {
    const text = await readFile(indexPath, 'utf8').catch(() => undefined)
    if (text === undefined) return []
    try {
      const document: unknown = JSON.parse(text)
      const list = isRecord(document) && Array.isArray(document.manifests) ? document.manifests : []
      return list.map((entry) => parseDescriptor(entry, indexPath))
    } catch (cause) {
      if (isChartferryError(cause)) throw cause
      throw new ChartferryError('MANIFEST_INVALID', `${indexPath}: ${messageOf(cause)}`, { cause })
    }
  }
  const list = (change: (entries: readonly Descriptor[]) => readonly Descriptor[]): Promise<void> => {
    const written = writing.then(async () => {
      const document = { schemaVersion: 2, mediaType: mediaTypes.index, manifests: change(await readIndex()) }
      await replaceFile(join(folder, 'oci-layout'), Buffer.from(layoutFile))
      await replaceFile(indexPath, Buffer.from(JSON.stringify(document)))
    })
    writing = written.catch(() => {})
    return written
  }
  const sizeOf = async (digest: Digest): Promise<number | undefined> =>
    stat(blobPath(digest)).then(
      ({ size }) => size,
      () => undefined,
    )
  const readBytes = async ({ digest, mediaType }: Descriptor): Promise<Buffer> => {
    const bytes = await readFile(blobPath(digest)).catch(() => undefined)
    if (bytes === undefined) throw absent(folder, digest, mediaType)
    return bytes
  }
  const name = (
    entries: readonly Descriptor[],
    { mediaType, digest, size }: Descriptor,
    tag: string,
  ): readonly Descriptor[] => [
    ...entries.filter(
      ({ annotations, digest: other }) =>
        annotations?.[tagKey] !== tag && !(other === digest && annotations === undefined),
    ),
    { mediaType, digest, size, annotations: { [tagKey]: tag } },
  ]

  return {
    name: folder,
    repository: '',
    async resolve(reference) {
      const entries = await readIndex()
      const found = isDigest(reference)
        ? (entries.find(({ digest }) => digest === reference) ?? (await describe(reference)))
        : entries.find(({ annotations }) => annotations?.[tagKey] === reference)
      if (found === undefined) throw new ChartferryError('MANIFEST_NOT_FOUND', `${folder}: there is no ${reference}`)
      const { mediaType, digest, size } = found
      return { mediaType, digest, size }
    },
    has: async ({ digest, size }) => (await sizeOf(digest)) === size,
    async fetch(descriptor, { offset = 0 } = {}) {
      const file = await open(blobPath(descriptor.digest)).catch(() => undefined)
      if (file === undefined) throw absent(folder, descriptor.digest, descriptor.mediaType)
      return file.createReadStream({ start: offset })
    },
    async *tags() {
      for (const { annotations } of await readIndex())
        if (annotations?.[tagKey] !== undefined) yield annotations[tagKey]
    },
    async *referrers(subject) {
      for (const descriptor of await readIndex()) {
        if (!isManifestType(descriptor.mediaType)) continue
        const manifest = parseManifest(
          await readBytes(descriptor),
          descriptor.mediaType,
          `${folder}@${descriptor.digest}`,
        )
        const { artifactType, annotations } = manifest
        const { mediaType, digest, size } = descriptor
        if (manifest.subject?.digest === subject.digest)
          yield { mediaType, digest, size, ...(artifactType === undefined ? {} : { artifactType }), annotations }
      }
    },
    async push(descriptor, body, { tag } = {}) {
      const { digest, mediaType, size } = descriptor
      if ((await sizeOf(digest)) !== size) {
        try {
          await mkdir(join(folder, 'blobs', 'sha256'), { recursive: true })
          const written = await writeTemporary(join(folder, 'blobs'), body, digest, `${folder}@${digest}`)
          await publishOver(written.path, blobPath(digest), resolvePath(folder))
        } catch (cause) {
          if (isChartferryError(cause) || !(cause instanceof Error && 'syscall' in cause)) throw cause
          throw new ChartferryError('STORE_UNAVAILABLE', `layout ${folder}: ${messageOf(cause)}`, { cause })
        }
      } else if (!(body instanceof Uint8Array)) await body[Symbol.asyncIterator]().return?.()
      if (tag !== undefined) await list((entries) => name(entries, descriptor, tag))
      // What refers to another manifest is found through the index alone.
      else if (isManifestType(mediaType) && hasSubject(await readBytes(descriptor), mediaType))
        await list((entries) =>
          entries.some((entry) => entry.digest === digest) ? entries : [...entries, { mediaType, digest, size }],
        )
    },
    async tag(descriptor, tag) {
      if ((await sizeOf(descriptor.digest)) === undefined) throw absent(folder, descriptor.digest, descriptor.mediaType)
      await list((entries) => name(entries, descriptor, tag))
    },
    // A manifest may be there because another image of the folder has it.
    attach: (_subject, referrers) =>
      list((entries) => {
        const listed = new Set(entries.map(({ digest }) => digest))
        const missing = referrers.filter(({ digest }) => !listed.has(digest))
        return [...entries, ...missing.map(({ mediaType, digest, size }) => ({ mediaType, digest, size }))]
      }),
  }

  async function describe(digest: Digest): Promise<Descriptor | undefined> {
    const bytes = await readFile(blobPath(digest)).catch(() => undefined)
    if (bytes === undefined || bytes.length > 4 << 20) return undefined
    const { mediaType } = parseManifest(bytes, undefined, `${folder}@${digest}`)
    return { mediaType, digest, size: bytes.length }
  }
}

function hasSubject(bytes: Uint8Array, mediaType: string): boolean {
  return parseManifest(bytes, mediaType, 'manifest').subject !== undefined
}

function absent(folder: string, digest: Digest, mediaType: string): ChartferryError {
  return new ChartferryError(
    isManifestType(mediaType) ? 'MANIFEST_NOT_FOUND' : 'BLOB_NOT_FOUND',
    `layout ${folder}: there is no ${digest}`,
  )
}
