// Whether a provenance file is signed by somebody that is trusted, and speaks of just this archive (Helm,
// pkg/provenance).
import type { Key } from 'openpgp'
import type { Digest } from '../../digest.ts'
import { ChartferryError, messageOf } from '../../errors.ts'
import { parseProvenance } from './provenance.ts'

export interface SignedArchive {
  /** As the provenance file names it. */
  readonly fileName: string
  readonly digest: Digest
}

/**
 * Takes the keyring as gpg exports it, armored or not. Gives the key that signed, 16 hexadecimal digits. Throws
 * SIGNATURE_INVALID where no key of the ring made the signature, DIGEST_MISMATCH where it is for other bytes,
 * PROVENANCE_INVALID and as `parseProvenance` does.
 */
export async function verifyProvenance(
  provenance: Uint8Array,
  { fileName, digest }: SignedArchive,
  keyring: Uint8Array,
): Promise<string> {
  const where = `${fileName}.prov`
  const { files } = parseProvenance(provenance, where)
  const signer = await signerOf(provenance, where, keyring)
  const signed = files.get(fileName)
  if (signed === undefined)
    throw new ChartferryError('PROVENANCE_INVALID', `${where}: is for ${[...files.keys()].join(', ')}`)
  if (signed !== digest)
    throw new ChartferryError('DIGEST_MISMATCH', `${where}: is for ${signed}, the archive is ${digest}`)
  return signer
}

async function signerOf(provenance: Uint8Array, where: string, keyring: Uint8Array): Promise<string> {
  const { readCleartextMessage, verify } = await import('openpgp')
  const refuse = (why: string, cause?: unknown): ChartferryError =>
    new ChartferryError('SIGNATURE_INVALID', `${where}: ${why}`, { cause })
  const verificationKeys = await readKeyring(keyring)
  let reason: unknown
  try {
    const message = await readCleartextMessage({ cleartextMessage: new TextDecoder().decode(provenance) })
    const { signatures } = await verify({ message, verificationKeys })
    for (const { keyID, verified } of signatures) {
      try {
        await verified
        return keyID.toHex()
      } catch (thrown) {
        reason = thrown
      }
    }
  } catch (thrown) {
    throw refuse(messageOf(thrown), thrown)
  }
  throw refuse(reason === undefined ? 'has no signature' : messageOf(reason), reason)
}

/** Throws CONFIG_INVALID where it is no keyring. */
async function readKeyring(keyring: Uint8Array): Promise<Key[]> {
  const { readKeys } = await import('openpgp')
  const text = new TextDecoder().decode(keyring)
  try {
    return await (text.includes('-----BEGIN PGP') ? readKeys({ armoredKeys: text }) : readKeys({ binaryKeys: keyring }))
  } catch (cause) {
    throw new ChartferryError('CONFIG_INVALID', `keyring: ${messageOf(cause)}`, { cause })
  }
}
