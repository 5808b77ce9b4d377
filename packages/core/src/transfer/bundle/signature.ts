// The signature of a bundle: over its table of contents, which names everything else by digest.
import { createPrivateKey, type KeyObject, sign, verify } from 'node:crypto'
import { ChartferryError, messageOf } from '../../errors.ts'
import type { Bundle } from './read-bundle.ts'

/** ed25519 hashes itself, everything else is signed with SHA-256. */
const algorithmOf = ({ asymmetricKeyType }: KeyObject): string | null =>
  asymmetricKeyType === 'ed25519' ? null : 'sha256'

/** Reads a private key (PEM) that has no password. Throws CONFIG_INVALID. */
export function parseSigningKey(pem: string, where: string): KeyObject {
  try {
    return createPrivateKey(pem)
  } catch (cause) {
    throw new ChartferryError('CONFIG_INVALID', `${where}: no private key (PEM): ${messageOf(cause)}`, { cause })
  }
}

/** The signature as a bundle holds it: base64. */
export function signContents(contents: Uint8Array, key: KeyObject): Uint8Array {
  return new TextEncoder().encode(sign(algorithmOf(key), contents, key).toString('base64'))
}

/** Throws SIGNATURE_INVALID unless the table of contents has a signature that the key made. */
export function verifyBundleSignature({ name, structure: { contentsBytes, signature } }: Bundle, key: KeyObject): void {
  if (signature === undefined) throw new ChartferryError('SIGNATURE_INVALID', `${name}: it is not signed`)
  const bytes = Buffer.from(new TextDecoder().decode(signature), 'base64')
  if (isValid(contentsBytes, key, bytes)) return
  throw new ChartferryError('SIGNATURE_INVALID', `${name}: its signature was not made with the key`)
}

function isValid(contents: Uint8Array, key: KeyObject, signature: Uint8Array): boolean {
  try {
    return verify(algorithmOf(key), contents, key, signature)
  } catch {
    return false
  }
}
