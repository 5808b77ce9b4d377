// The first files of a bundle: the layout's own two, the table of contents, and its signature.
import type { Digest } from '../../digest.ts'
import { type Descriptor, mediaTypes } from '../../oci/content/descriptor.ts'
import { tagOf } from '../chart-artifact.ts'
import type { BundleContents } from './contents.ts'
import { artifactManifest, bundleTypes, nameContent, plainDescriptor } from './media-types.ts'
import { blobPath } from './tar-form.ts'

/** A file of the layout. */
export interface LayoutFile {
  readonly path: string
  readonly data: Uint8Array
}

/** Where other tools find names. */
const nameKey = 'org.opencontainers.image.ref.name'
const titleKey = 'org.opencontainers.image.title'

/**
 * The files before the blobs. They follow from the table of contents and the signature alone, so that a reader can tell
 * when one of them lies.
 */
export function headerOf(
  contentsBytes: Uint8Array,
  contents: BundleContents,
  signature: Uint8Array | undefined,
): readonly LayoutFile[] {
  const table = nameContent(bundleTypes.contents, contentsBytes)
  const artifact = artifactManifest(bundleTypes.contents, [table.descriptor])
  const signed = signature === undefined ? undefined : nameContent(bundleTypes.signature, signature)
  const signing = signed && artifactManifest(bundleTypes.signature, [signed.descriptor], artifact.descriptor)
  const top = [
    { ...artifact.descriptor, artifactType: bundleTypes.contents },
    ...(signing === undefined ? [] : [{ ...signing.descriptor, artifactType: bundleTypes.signature }]),
  ]
  const index = { schemaVersion: 2, mediaType: mediaTypes.index, manifests: [...top, ...listed(contents)] }
  const blobs = [artifact, table, ...(signing && signed ? [signing, signed] : [])]
  return [
    { path: 'oci-layout', data: encode({ imageLayoutVersion: '1.0.0' }) },
    { path: 'index.json', data: encode(index) },
    ...blobs.map(({ descriptor, bytes }) => ({ path: blobPath(descriptor.digest), data: bytes })),
  ]
}

/** What `index.json` lists of the table of contents: whatever has a name, and whatever refers to something. */
function listed({ charts, images, attached, files }: BundleContents): readonly Descriptor[] {
  const named = (manifest: Descriptor, key: string, name: string): Descriptor => ({
    ...plainDescriptor(manifest),
    annotations: { [key]: name },
  })
  const referring = new Map<Digest, Descriptor>()
  for (const { tag, manifest } of attached)
    if (tag === undefined) referring.set(manifest.digest, plainDescriptor(manifest))
  return [
    ...charts.flatMap(({ name, version, manifest, plan }) => [
      named(manifest, nameKey, `charts/${name}:${tagOf(version)}`),
      ...(plan === undefined ? [] : [{ ...plainDescriptor(plan), artifactType: bundleTypes.plan }]),
    ]),
    ...images.map(({ name, manifest }) => named(manifest, nameKey, name)),
    ...attached.flatMap(({ repository, tag, manifest }) =>
      tag === undefined ? [] : [named(manifest, nameKey, `${repository}:${tag}`)],
    ),
    ...referring.values(),
    ...files.map(({ name, manifest }) => named(manifest, titleKey, name)),
  ]
}

const encode = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value))
