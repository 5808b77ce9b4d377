// Signs a chart archive: a provenance file as `helm package --sign` writes it (pkg/provenance/sign.go), clear-signed
// (RFC 9580, section 7).
import { dump } from 'js-yaml'
import type { PrivateKey } from 'openpgp'
import { ChartferryError, messageOf } from '../../errors.ts'
import type { ChartArchive } from './chart.ts'

/** A secret key of OpenPGP. */
export interface SigningKey {
  /** As exported, armored or not; of several keys the first one that can sign is used. */
  readonly data: Uint8Array
  /** Default: the key is not locked. */
  readonly passphrase?: string | undefined
}

/**
 * The archive with a provenance file for its bytes. Throws KEY_INVALID for a key that cannot be read, unlocked or used.
 */
export async function signArchive(archive: ChartArchive, key: SigningKey): Promise<ChartArchive> {
  // The library is large, and few runs sign.
  const { createCleartextMessage, sign } = await import('openpgp')
  const signingKeys = await readKey(key)
  try {
    const message = await createCleartextMessage({ text: signedTextOf(archive) })
    const signed = await sign({ message, signingKeys })
    return { ...archive, provenance: new TextEncoder().encode(signed.replaceAll('\r\n', '\n')) }
  } catch (cause) {
    throw new ChartferryError('KEY_INVALID', `${archive.fileName} cannot be signed: ${messageOf(cause)}`, { cause })
  }
}

/** What Chart.yaml says, a line `...`, and the digest of the archive. */
function signedTextOf({ chart, fileName, digest }: ChartArchive): string {
  const metadata = dump(chart.metadata.raw, { lineWidth: -1, noRefs: true, sortKeys: true })
  return `${metadata}\n...\n${dump({ files: { [fileName]: digest } }, { lineWidth: -1 })}`
}

async function readKey({ data, passphrase }: SigningKey): Promise<PrivateKey> {
  const { decryptKey, readPrivateKeys } = await import('openpgp')
  try {
    const text = Buffer.from(data).toString('latin1')
    const isArmored = text.includes('-----BEGIN PGP PRIVATE KEY BLOCK-----')
    const keys = isArmored ? await readPrivateKeys({ armoredKeys: text }) : await readPrivateKeys({ binaryKeys: data })
    for (const key of keys) {
      if (!(await canSign(key))) continue
      if (key.isDecrypted()) return key
      if (passphrase === undefined) throw new Error('it is locked, and there is no passphrase')
      return await decryptKey({ privateKey: key, passphrase })
    }
    throw new Error('none of its keys can sign')
  } catch (cause) {
    throw new ChartferryError('KEY_INVALID', `the signing key cannot be used: ${messageOf(cause)}`, { cause })
  }
}

async function canSign(key: PrivateKey): Promise<boolean> {
  return key.getSigningKey().then(
    () => true,
    () => false,
  )
}
