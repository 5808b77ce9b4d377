// Signatures that cosign made with a key. Cosign 2: a manifest under a tag, each layer a signed statement (cosign,
// SIGNATURE_SPEC.md). Cosign 3: a bundle that refers to the image.
import { createPublicKey, type KeyObject } from 'node:crypto'
import { digestHex } from '../../digest.ts'
import { ChartferryError, isChartferryError, messageOf } from '../../errors.ts'
import type { ContentOptions, ContentSource } from './content.ts'
import { type Descriptor, isRecord } from './descriptor.ts'
import { readContent, readManifest } from './read-content.ts'
import { isSigned, isSignedByBundle } from './sigstore-bundle.ts'

const signatureKey = 'dev.cosignproject.cosign/signature'
const payloadBytes = 1 << 20

/** Reads a public key (PEM). Throws CONFIG_INVALID. */
export function parsePublicKey(pem: string, where: string): KeyObject {
  try {
    return createPublicKey(pem)
  } catch (cause) {
    throw new ChartferryError('CONFIG_INVALID', `${where}: no public key (PEM): ${messageOf(cause)}`, { cause })
  }
}

/**
 * Throws SIGNATURE_INVALID unless the image has a signature of this key that speaks of its digest: under the tag of
 * cosign 2, or in a bundle that refers to the image, as cosign 3 makes it.
 */
export async function verifySignature(
  source: ContentSource,
  image: Descriptor,
  key: KeyObject,
  { signal }: ContentOptions = {},
): Promise<void> {
  const tagged = await isSignedByTag(source, image, key, { signal })
  if (tagged === true) return
  const bundled = await isSignedByBundle(source, image, key, { signal })
  if (bundled === true) return
  const why =
    tagged === undefined && bundled === undefined
      ? 'it is not signed'
      : 'no signature was made with the key for this digest'
  throw new ChartferryError('SIGNATURE_INVALID', `source ${source.name}@${image.digest}: ${why}`)
}

/** Whether a signature below the tag holds; undefined where there is no such tag. */
async function isSignedByTag(
  source: ContentSource,
  image: Descriptor,
  key: KeyObject,
  { signal }: ContentOptions,
): Promise<boolean | undefined> {
  const signatures = await source
    .resolve(`sha256-${digestHex(image.digest)}.sig`, { signal })
    .catch((thrown: unknown) => {
      if (isChartferryError(thrown, 'MANIFEST_NOT_FOUND')) return undefined
      throw thrown
    })
  if (signatures === undefined) return undefined
  const { manifest } = await readManifest(source, signatures, { signal })
  for (const layer of manifest.blobs) {
    const signature = layer.annotations?.[signatureKey]
    if (signature === undefined) continue
    const payload = await readContent(source, layer, { signal, maxBytes: payloadBytes })
    if (isSigned(key, payload, signature) && signedDigest(payload) === image.digest) return true
  }
  return false
}

/** The digest that a signed statement speaks of; undefined where it is none. */
export function signedDigest(payload: Uint8Array): unknown {
  try {
    const document: unknown = JSON.parse(new TextDecoder().decode(payload))
    const critical = isRecord(document) && isRecord(document.critical) ? document.critical : {}
    return isRecord(critical.image) ? critical.image['docker-manifest-digest'] : undefined
  } catch {
    return undefined
  }
}
