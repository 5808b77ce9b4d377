// Signatures as cosign 3 attaches them: a referrer whose layer is a bundle (sigstore, protobuf-specs, sigstore_bundle.proto)
// with a signed statement (in-toto Statement v1) in an envelope (DSSE 1.0).
import { type KeyObject, verify } from 'node:crypto'
import { digestHex } from '../../digest.ts'
import type { ContentOptions, ContentSource } from './content.ts'
import { type Descriptor, isRecord } from './descriptor.ts'
import { readContent, readManifest } from './read-content.ts'

/** `application/vnd.dev.sigstore.bundle.v0.3+json`, and how versions before it were written. */
const bundleType = /^application\/vnd\.dev\.sigstore\.bundle(?:\.v0\.\d+\+json|\+json;version=0\.\d+)$/
const statementType = 'application/vnd.in-toto+json'
/** What cosign states of an image that it signs; attestations have other types, and sign nothing. */
const signPredicate = 'https://sigstore.dev/cosign/sign/v1'
const bundleBytes = 1 << 20
/** Manifests that are looked into: whoever may push to the source may attach any number. */
const mostManifests = 64

/**
 * Whether a bundle that refers to the image has a signature of this key for it; undefined where there is no bundle.
 * Certificates and entries of a transparency log in it are not looked at: the key alone counts.
 */
export async function isSignedByBundle(
  source: ContentSource,
  image: Descriptor,
  key: KeyObject,
  { signal }: ContentOptions = {},
): Promise<boolean | undefined> {
  let read = 0
  let hasBundle = false
  for await (const referrer of source.referrers(image, { signal })) {
    // Lists of registries without the referrers API may say nothing of types.
    if (referrer.artifactType !== undefined && !bundleType.test(referrer.artifactType)) continue
    if (++read > mostManifests) break
    const { manifest } = await readManifest(source, referrer, { signal })
    for (const layer of manifest.blobs.filter(({ mediaType }) => bundleType.test(mediaType))) {
      hasBundle = true
      const bundle = await readContent(source, layer, { signal, maxBytes: bundleBytes })
      if (isBundleFor(image, bundle, key)) return true
    }
  }
  return hasBundle ? false : undefined
}

function isBundleFor({ digest }: Descriptor, bytes: Uint8Array, key: KeyObject): boolean {
  const bundle = parseRecord(bytes)
  const envelope = isRecord(bundle?.dsseEnvelope) ? bundle.dsseEnvelope : {}
  const { payload, payloadType, signatures } = envelope
  if (payloadType !== statementType || typeof payload !== 'string' || !Array.isArray(signatures)) return false
  const body = Buffer.from(payload, 'base64')
  const signed = preAuthentication(payloadType, body)
  const isOurs = signatures.some(
    (entry: unknown) => isRecord(entry) && typeof entry.sig === 'string' && isSigned(key, signed, entry.sig),
  )
  if (!isOurs) return false
  const statement = parseRecord(body)
  if (statement?.predicateType !== signPredicate || !Array.isArray(statement.subject)) return false
  return statement.subject.some(
    (subject: unknown) => isRecord(subject) && isRecord(subject.digest) && subject.digest.sha256 === digestHex(digest),
  )
}

/** What is signed of an envelope (DSSE, protocol.md, PAE). */
function preAuthentication(type: string, body: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.from(`DSSEv1 ${Buffer.byteLength(type)} ${type} ${body.length} `), body])
}

function parseRecord(bytes: Uint8Array): Readonly<Record<string, unknown>> | undefined {
  try {
    const document: unknown = JSON.parse(new TextDecoder().decode(bytes))
    return isRecord(document) ? document : undefined
  } catch {
    return undefined
  }
}

/** Whether a signature, in base64, is of this key: with SHA-256, or with the hash that sigstore takes for its curve. */
export function isSigned(key: KeyObject, payload: Uint8Array, signature: string): boolean {
  const bytes = Buffer.from(signature, 'base64')
  return hashesOf(key).some((algorithm) => {
    try {
      return verify(algorithm, payload, key, bytes)
    } catch {
      return false
    }
  })
}

function hashesOf({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): readonly (string | null)[] {
  if (asymmetricKeyType === 'ed25519') return [null]
  const curve = asymmetricKeyDetails?.namedCurve
  if (curve === 'secp384r1') return ['sha384', 'sha256']
  return curve === 'secp521r1' ? ['sha512', 'sha256'] : ['sha256']
}
