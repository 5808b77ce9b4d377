// Images, indexes and what refers to them, built in the test and pushed to any place.
import { createHash } from 'node:crypto'
import { gunzipSync, gzipSync } from 'node:zlib'
import { digestOf } from '../../packages/core/src/digest.ts'
import type { ContentSink } from '../../packages/core/src/oci/content/content.ts'
import { type Descriptor, mediaTypes } from '../../packages/core/src/oci/content/descriptor.ts'

export interface ImageSpec {
  readonly layers: readonly Uint8Array[]
  readonly tag?: string
  /** Default: linux/amd64. */
  readonly architecture?: string
  readonly subject?: Descriptor
  readonly artifactType?: string
  readonly annotations?: Readonly<Record<string, string>>
  /** Default: the image's own. */
  readonly layerAnnotations?: Readonly<Record<string, string>>
  readonly layerType?: string
  /** Whether Docker's media types are used. Default: false. */
  readonly docker?: boolean
}

const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value))

/** Bytes that do not repeat and do not compress, the same for the same seed. */
export function noise(seed: string, size: number): Buffer {
  const bytes = Buffer.alloc(size)
  let block = createHash('sha512').update(seed).digest()
  for (let at = 0; at < size; at += block.length) {
    block.copy(bytes, at)
    block = createHash('sha512').update(block).digest()
  }
  return bytes
}

/** A layer as images have it: a compressed tar with one file of noise. */
export function layerOf(seed: string, size: number): Buffer {
  const header = Buffer.alloc(512)
  const put = (at: number, text: string): void => void header.write(text, at, 'latin1')
  put(0, seed.replace(/[^\w]/g, '-').slice(0, 90))
  put(100, '0000644\0')
  put(108, '0000000\0')
  put(116, '0000000\0')
  put(124, `${size.toString(8).padStart(11, '0')}\0`)
  put(136, '00000000000\0')
  put(148, '        0')
  put(257, 'ustar\x0000')
  put(
    148,
    `${header
      .reduce((sum, byte) => sum + byte, 0)
      .toString(8)
      .padStart(6, '0')}\0 `,
  )
  const padding = Buffer.alloc(((512 - (size % 512)) % 512) + 1024)
  return gzipSync(Buffer.concat([header, noise(seed, size), padding]), { level: 1 })
}

/** The digest of a layer unpacked. */
function diffId(layer: Uint8Array): string {
  return digestOf(layer[0] === 0x1f && layer[1] === 0x8b ? gunzipSync(layer) : layer)
}

/** The descriptor of bytes. */
export function describeBytes(mediaType: string, bytes: Uint8Array): Descriptor {
  return { mediaType, digest: digestOf(bytes), size: bytes.length }
}

/** Pushes an image, config and layers first; gives its descriptor. */
export async function pushImage(sink: ContentSink, spec: ImageSpec): Promise<Descriptor> {
  const { layers, architecture = 'amd64', docker = false, tag } = spec
  const layerType =
    spec.layerType ??
    (docker ? 'application/vnd.docker.image.rootfs.diff.tar.gzip' : 'application/vnd.oci.image.layer.v1.tar+gzip')
  const configType = spec.artifactType
    ? mediaTypes.empty
    : docker
      ? 'application/vnd.docker.container.image.v1+json'
      : 'application/vnd.oci.image.config.v1+json'
  const config = spec.artifactType
    ? json({})
    : json({
        architecture,
        os: architecture === 'unknown' ? 'unknown' : 'linux',
        config: {},
        rootfs: { type: 'layers', diff_ids: architecture === 'unknown' ? [] : layers.map(diffId) },
      })
  const push = async (type: string, bytes: Uint8Array): Promise<Descriptor> => {
    const descriptor = describeBytes(type, bytes)
    if (!(await sink.has(descriptor))) await sink.push(descriptor, bytes)
    return descriptor
  }
  const mediaType = docker ? mediaTypes.dockerManifest : mediaTypes.manifest
  const configDescriptor = await push(configType, config)
  const pushed: Descriptor[] = []
  for (const layer of layers) pushed.push(await push(layerType, layer))
  const manifest = json({
    schemaVersion: 2,
    mediaType,
    ...(spec.artifactType ? { artifactType: spec.artifactType } : {}),
    config: configDescriptor,
    layers: pushed.map((layer) => ({
      ...layer,
      ...(spec.layerAnnotations ? { annotations: spec.layerAnnotations } : {}),
    })),
    ...(spec.subject ? { subject: spec.subject } : {}),
    ...(spec.annotations ? { annotations: spec.annotations } : {}),
  })
  const descriptor = describeBytes(mediaType, manifest)
  await sink.push(descriptor, manifest, { tag })
  return descriptor
}

/** Pushes an index of manifests that are there; the bytes are written with line feeds, which copying must keep. */
export async function pushIndex(
  sink: ContentSink,
  manifests: readonly Descriptor[],
  tag?: string,
): Promise<Descriptor> {
  const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: mediaTypes.index, manifests }, null, 3))
  const descriptor = describeBytes(mediaTypes.index, bytes)
  await sink.push(descriptor, bytes, { tag })
  return descriptor
}

/** What a signed image of five platforms consists of. */
export interface SignedIndex {
  readonly index: Descriptor
  readonly children: readonly Descriptor[]
  readonly attestation: Descriptor
  /** Under cosign's tag. */
  readonly signature: Descriptor
  readonly sbom: Descriptor
  /** Refers to the SBOM. */
  readonly sbomSignature: Descriptor
}

/**
 * Pushes an index of platforms with an attestation, a signature under cosign's tag, and an SBOM that is signed itself.
 */
export async function pushSignedIndex(
  sink: ContentSink,
  tag: string,
  {
    layerSize = 2000,
    shared = layerOf('shared', 1000),
    docker = false,
  }: { readonly layerSize?: number; readonly shared?: Buffer; readonly docker?: boolean } = {},
): Promise<SignedIndex> {
  const entries: Descriptor[] = []
  for (const architecture of ['amd64', 'arm64', 's390x', 'ppc64le', 'riscv64']) {
    const image = await pushImage(sink, {
      layers: [shared, layerOf(`${tag} ${architecture}`, layerSize)],
      architecture,
      docker,
    })
    entries.push({ ...image, platform: { os: 'linux', architecture } })
  }
  const [first] = entries
  const attested = await pushImage(sink, {
    architecture: 'unknown',
    layers: [json({ predicate: tag })],
    layerType: 'application/vnd.in-toto+json',
  })
  const attestation: Descriptor = {
    ...attested,
    platform: { os: 'unknown', architecture: 'unknown' },
    annotations: {
      'vnd.docker.reference.type': 'attestation-manifest',
      'vnd.docker.reference.digest': first?.digest ?? '',
    },
  }
  const index = await pushIndex(sink, [...entries, attestation], tag)
  const signature = await pushImage(sink, {
    tag: `${index.digest.replace(':', '-')}.sig`,
    layers: [json({ critical: { image: { 'docker-manifest-digest': index.digest } } })],
    layerType: 'application/vnd.dev.cosign.simplesigning.v1+json',
  })
  const sbom = await pushImage(sink, {
    artifactType: 'application/spdx+json',
    layers: [json({ spdx: tag })],
    subject: index,
    annotations: { of: tag },
  })
  const sbomSignature = await pushImage(sink, {
    artifactType: 'application/x-signature',
    layers: [json({ signs: sbom.digest })],
    subject: sbom,
  })
  await sink.attach(index, [sbom])
  await sink.attach(sbom, [sbomSignature])
  return { index, children: entries, attestation, signature, sbom, sbomSignature }
}
