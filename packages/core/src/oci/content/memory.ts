// Content in memory: for tests, and for what is built before it is pushed.
import { Readable } from 'node:stream'
import { checkDigest, digestOf } from '../../digest.ts'
import { ChartferryError } from '../../errors.ts'
import type { ContentBody, ContentRepository } from './content.ts'
import { type Descriptor, isManifestType } from './descriptor.ts'
import { parseManifest } from './manifest.ts'

/** Opens an empty place. */
export function openMemoryContent(name = 'memory'): ContentRepository {
  const contents = new Map<string, { readonly descriptor: Descriptor; readonly bytes: Uint8Array }>()
  const tags = new Map<string, Descriptor>()
  return {
    name,
    repository: '',
    async resolve(reference) {
      const found = tags.get(reference) ?? contents.get(reference)?.descriptor
      if (found === undefined) throw new ChartferryError('MANIFEST_NOT_FOUND', `${name}: there is no ${reference}`)
      return found
    },
    has: async ({ digest }) => contents.has(digest),
    async fetch({ digest, mediaType }, { offset = 0 } = {}) {
      const found = contents.get(digest)
      if (found === undefined)
        throw new ChartferryError(
          isManifestType(mediaType) ? 'MANIFEST_NOT_FOUND' : 'BLOB_NOT_FOUND',
          `${name}: there is no ${digest}`,
        )
      const part = found.bytes.subarray(offset)
      return Readable.from(part.length === 0 ? [] : [part])
    },
    async *tags() {
      yield* tags.keys()
    },
    async *referrers(subject) {
      for (const { descriptor, bytes } of contents.values()) {
        if (!isManifestType(descriptor.mediaType)) continue
        const manifest = parseManifest(bytes, descriptor.mediaType, name)
        if (manifest.subject?.digest !== subject.digest) continue
        const { artifactType, annotations } = manifest
        yield { ...descriptor, ...(artifactType === undefined ? {} : { artifactType }), annotations }
      }
    },
    async push(descriptor, body, { tag } = {}) {
      const bytes = await collect(body)
      checkDigest(`${name}@${descriptor.digest}`, bytes, descriptor.digest)
      const { mediaType, digest } = descriptor
      const known = { mediaType, digest: digestOf(bytes), size: bytes.length }
      contents.set(digest, { descriptor: known, bytes })
      if (tag !== undefined) tags.set(tag, known)
    },
    async tag({ digest }, tag) {
      const found = contents.get(digest)
      if (found === undefined) throw new ChartferryError('MANIFEST_NOT_FOUND', `${name}: there is no ${digest}`)
      tags.set(tag, found.descriptor)
    },
    // Subjects are read from the manifests themselves.
    attach: async () => {},
  }
}

async function collect(body: ContentBody): Promise<Uint8Array> {
  if (body instanceof Uint8Array) return body
  const pieces: Uint8Array[] = []
  for await (const piece of body) pieces.push(piece)
  return Buffer.concat(pieces)
}
