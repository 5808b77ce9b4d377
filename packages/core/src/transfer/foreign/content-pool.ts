// The content of an unpacked archive as sources, one for each repository whose images it holds.
import { open, readFile, writeFile } from 'node:fs/promises'
import { type Digest, digestOf } from '../../digest.ts'
import { ChartferryError } from '../../errors.ts'
import type { Limits } from '../../limits.ts'
import type { ContentSource } from '../../oci/content/content.ts'
import { type Descriptor, isManifestType, isRecord, parseDescriptor } from '../../oci/content/descriptor.ts'
import { type Manifest, parseManifest } from '../../oci/content/manifest.ts'
import { formatReference, parseReference } from '../../reference/reference.ts'
import { type BundleBlobs, bundleSource } from '../bundle/bundle-source.ts'
import type { BundleEntry } from '../bundle/contents.ts'
import { blobPath, type UnpackedArchive } from './unpack-archive.ts'

/** All content of one archive, by digest, and the names that images of it have. */
export interface ContentPool {
  /** Everything, by digest alone. */
  readonly source: ContentSource
  /**
   * Makes a manifest known, with all that it lists and that is inside. Throws MANIFEST_INVALID, BLOB_NOT_FOUND where it
   * is not inside itself.
   */
  admit(descriptor: Descriptor): Promise<Manifest>
  /** Adds a manifest of our own. */
  add(mediaType: string, bytes: Uint8Array): Promise<Descriptor>
  /** Gives a manifest the name of an image, `host/path[:tag][@digest]`. */
  name(image: string, manifest: Descriptor): void
  /** Gives a manifest a tag beside an image. */
  tag(image: string, tag: string, manifest: Descriptor): void
  /** Undefined where no image of the repository has the tag or digest. */
  readonly find: (repository: string, reference: string) => ContentSource | undefined
}

interface Repository {
  readonly tags: Map<string, Digest>
  readonly aliases: Map<string, Digest>
  readonly source: ContentSource
}

/** Opens the content. */
export function openPool({ name, folder, blobs }: UnpackedArchive, { manifestBytes }: Limits): ContentPool {
  const entries = new Map<Digest, BundleEntry>()
  const repositories = new Map<string, Repository>()
  const content: BundleBlobs = {
    name,
    entry: (digest) => entries.get(digest) ?? entryOf(digest, blobs.get(digest)),
    isAbsent: () => false,
    referring: (subject) => [...entries.values()].filter((entry) => entry.subject === subject),
    async read(digest, start, length) {
      const file = await open(blobPath(folder, digest))
      try {
        const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(length), 0, length, start)
        return buffer.subarray(0, bytesRead)
      } finally {
        await file.close()
      }
    },
  }
  const repositoryOf = (image: string): Repository => {
    const { host = '', path } = parseReference(image)
    const repository = formatReference({ host, path })
    const [tags, aliases] = [new Map<string, Digest>(), new Map<string, Digest>()]
    const found = repositories.get(repository) ?? {
      tags,
      aliases,
      source: withDigests(bundleSource(content, { repository, tags }), aliases),
    }
    repositories.set(repository, found)
    return found
  }
  const admit = async ({ digest, mediaType }: Descriptor): Promise<Manifest> => {
    const size = blobs.get(digest)
    if (size === undefined) throw new ChartferryError('BLOB_NOT_FOUND', `${name}: there is no ${digest}`)
    if (size > manifestBytes)
      throw new ChartferryError('MANIFEST_TOO_LARGE', `${name}@${digest}: ${size} bytes, the limit is ${manifestBytes}`)
    const manifest = parseManifest(await readFile(blobPath(folder, digest)), mediaType, `${name}@${digest}`)
    const isKnown = entries.has(digest)
    const { subject } = manifest
    entries.set(digest, { digest, size, mediaType, ...(subject === undefined ? {} : { subject: subject.digest }) })
    if (!isKnown)
      for (const child of manifest.manifests)
        if (isManifestType(child.mediaType) && blobs.has(child.digest)) await admit(child)
    return manifest
  }
  return {
    source: bundleSource(content, { repository: '', tags: new Map() }),
    admit,
    async add(mediaType, bytes) {
      const descriptor = { mediaType, digest: digestOf(bytes), size: bytes.length }
      await writeFile(blobPath(folder, descriptor.digest), bytes)
      blobs.set(descriptor.digest, descriptor.size)
      await admit(descriptor)
      return descriptor
    },
    name(image, { digest: actual }) {
      const { tag, digest } = parseReference(image)
      const { tags, aliases } = repositoryOf(image)
      if (tag !== undefined) tags.set(tag, actual)
      if (digest !== undefined) aliases.set(digest, actual)
    },
    tag: (image, tag, { digest }) => void repositoryOf(image).tags.set(tag, digest),
    find(repository, reference) {
      const found = repositories.get(repository)
      return found !== undefined && (found.tags.has(reference) || found.aliases.has(reference))
        ? found.source
        : undefined
    },
  }
}

/** An image that was asked for by a digest is the one that was put under it: these tools make some anew. */
function withDigests(source: ContentSource, aliases: ReadonlyMap<string, Digest>): ContentSource {
  return { ...source, resolve: (reference, options) => source.resolve(aliases.get(reference) ?? reference, options) }
}

function entryOf(digest: Digest, size: number | undefined): BundleEntry | undefined {
  return size === undefined ? undefined : { digest, size }
}

/** The descriptors of an index.json. Throws BUNDLE_INVALID, MANIFEST_INVALID. */
export async function readLayoutIndex(path: string, where: string): Promise<readonly Descriptor[]> {
  let document: unknown
  try {
    document = JSON.parse(await readFile(path, 'utf8'))
  } catch (cause) {
    throw new ChartferryError('BUNDLE_INVALID', `${where}: there is no index.json that can be read`, { cause })
  }
  if (!isRecord(document) || !Array.isArray(document.manifests))
    throw new ChartferryError('BUNDLE_INVALID', `${where}: its index.json lists no manifests`)
  return document.manifests.map((entry) => parseDescriptor(entry, `${where}: index.json`))
}
