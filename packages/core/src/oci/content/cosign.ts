// Signatures that cosign made with a key: a manifest under a tag, each layer a signed statement (cosign,
// SIGNATURE_SPEC.md).
import { createPublicKey, type KeyObject, verify } from 'node:crypto'
import { digestHex } from '../../digest.ts'
import { ChartferryError, isChartferryError, messageOf } from '../../errors.ts'
import type { ContentOptions, ContentSource } from './content.ts'
import { type Descriptor, isRecord } from './descriptor.ts'
import { readContent, readManifest } from './read-content.ts'

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

/** Throws SIGNATURE_INVALID unless the image has a signature of this key that speaks of its digest. */
export async function verifySignature(
  source: ContentSource,
  image: Descriptor,
  key: KeyObject,
  { signal }: ContentOptions = {},
): Promise<void> {
  const where = `${source.name}@${image.digest}`
  const refuse = (why: string): ChartferryError => new ChartferryError('SIGNATURE_INVALID', `source ${where}: ${why}`)
  const signatures = await source
    .resolve(`sha256-${digestHex(image.digest)}.sig`, { signal })
    .catch((thrown: unknown) => {
      if (isChartferryError(thrown, 'MANIFEST_NOT_FOUND')) throw refuse('it is not signed')
      throw thrown
    })
  const { manifest } = await readManifest(source, signatures, { signal })
  for (const layer of manifest.blobs) {
    const signature = layer.annotations?.[signatureKey]
    if (signature === undefined) continue
    const payload = await readContent(source, layer, { signal, maxBytes: payloadBytes })
    if (isSigned(key, payload, signature) && signedDigest(payload) === image.digest) return
  }
  throw refuse('no signature was made with the key for this digest')
}

function isSigned(key: KeyObject, payload: Uint8Array, signature: string): boolean {
  const algorithm = key.asymmetricKeyType === 'ed25519' ? null : 'sha256'
  try {
    return verify(algorithm, payload, key, Buffer.from(signature, 'base64'))
  } catch {
    return false
  }
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
