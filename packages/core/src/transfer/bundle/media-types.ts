// The media types that are our own, and the one artifact form that all of them have (OCI image specification, guidance
// for artifacts).
import { digestOf } from '../../digest.ts'
import { type Descriptor, mediaTypes } from '../../oci/content/descriptor.ts'

/** Types of artifacts; each is the type of the layer with the content, too. */
export const bundleTypes = {
  contents: 'application/vnd.chartferry.bundle.v1+json',
  signature: 'application/vnd.chartferry.signature.v1',
  plan: 'application/vnd.chartferry.plan.v1+json',
  file: 'application/vnd.chartferry.file.v1',
} as const

/** The layer beside a plan: what was proven when the bundle was made. */
export const proofType = 'application/vnd.chartferry.proof.v1+json'

/** The layer beside them: the values that it was planned and proven with. */
export const valuesType = 'application/vnd.chartferry.values.v1+json'

/** Content and what names it. */
export interface NamedContent {
  readonly descriptor: Descriptor
  readonly bytes: Uint8Array
}

/** The descriptor of bytes, with them. */
export function nameContent(mediaType: string, content: Uint8Array | string): NamedContent {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content
  return { descriptor: { mediaType, digest: digestOf(bytes), size: bytes.length }, bytes }
}

/** The config of every artifact. */
export const emptyConfig: NamedContent = nameContent(mediaTypes.empty, '{}')

/** The manifest of an artifact with these layers. */
export function artifactManifest(
  artifactType: string,
  layers: readonly Descriptor[],
  subject?: Descriptor,
): NamedContent {
  const manifest = {
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    artifactType,
    config: emptyConfig.descriptor,
    layers,
    ...(subject === undefined ? {} : { subject: plainDescriptor(subject) }),
  }
  return nameContent(mediaTypes.manifest, JSON.stringify(manifest))
}

/** Type, digest and size alone. */
export function plainDescriptor({ mediaType, digest, size }: Descriptor): Descriptor {
  return { mediaType, digest, size }
}
