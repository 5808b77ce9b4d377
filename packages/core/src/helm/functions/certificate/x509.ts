// X.509 certificates as Go's package crypto/x509 creates them for sprig.
import { createHash, createPublicKey, type KeyObject, randomBytes, sign, X509Certificate } from 'node:crypto'
import { isIPv4, isIPv6 } from 'node:net'
import { GoError } from '../../template/value.ts'
import { type DerValue, der, integer, objectIdentifier, pem, readDer, readPem, sequence, tag } from './der.ts'

/** What a certificate says. */
export interface CertificateRequest {
  readonly commonName: string
  readonly addresses: readonly string[]
  readonly names: readonly string[]
  readonly notBefore: Date
  readonly days: number
  readonly isAuthority: boolean
}

/** Who signs: a key, and the name and key identifier of its certificate. */
export interface Issuer {
  readonly key: KeyObject
  /** The name in DER; that of the certificate itself where it signs itself. */
  readonly subject?: Buffer
  readonly keyIdentifier?: Buffer | undefined
}

const explicit = (number: number, ...contents: readonly Uint8Array[]): Buffer => der(0xa0 | number, ...contents)
const implicit = (number: number, content: Uint8Array): Buffer => der(0x80 | number, content)

function extension(identifier: string, critical: boolean, content: Buffer): Buffer {
  const flag = critical ? [der(tag.boolean, Buffer.of(255))] : []
  return sequence(objectIdentifier(identifier), ...flag, der(tag.octetString, content))
}

function nameOf(commonName: string): Buffer {
  if (commonName === '') return sequence()
  const printable = /^[A-Za-z0-9 '()+,./:=?-]*$/.test(commonName)
  const value = der(printable ? tag.printableString : tag.utf8String, Buffer.from(commonName))
  return sequence(der(tag.set, sequence(objectIdentifier('2.5.4.3'), value)))
}

function timeOf(date: Date): Buffer {
  const text = `${date.toISOString().slice(0, 19).replace(/[-:T]/g, '')}Z`
  const year = date.getUTCFullYear()
  if (year >= 1950 && year < 2050) return der(tag.utcTime, Buffer.from(text.slice(2)))
  return der(tag.generalizedTime, Buffer.from(text))
}

/** An address in bytes, 4 or 16. Throws GoError with sprig's words. */
function addressBytes(address: string): Buffer {
  if (isIPv4(address)) return Buffer.from(address.split('.').map(Number))
  if (!isIPv6(address) || address.includes('%')) throw new GoError(`error parsing ip: ${address}`)
  const spelled = address.replace(/\d+\.\d+\.\d+\.\d+$/, (v4) => {
    const hex = Buffer.from(v4.split('.').map(Number)).toString('hex')
    return `${hex.slice(0, 4)}:${hex.slice(4)}`
  })
  const [head = '', rest] = spelled.split('::')
  const groups = (part: string): string[] => (part === '' ? [] : part.split(':'))
  const [left, right] = [groups(head), groups(rest ?? '')]
  const all = [...left, ...Array.from({ length: 8 - left.length - right.length }, () => '0'), ...right]
  const bytes = Buffer.from(all.map((group) => group.padStart(4, '0')).join(''), 'hex')
  // An IPv4 address in the guise of the newer kind is one.
  return bytes.subarray(0, 12).toString('hex') === '00000000000000000000ffff' ? bytes.subarray(12) : bytes
}

function signatureAlgorithm(key: KeyObject): { readonly digest: string | null; readonly identifier: Buffer } {
  switch (key.asymmetricKeyType) {
    case 'rsa':
      return { digest: 'sha256', identifier: sequence(objectIdentifier('1.2.840.113549.1.1.11'), der(tag.null)) }
    case 'ec':
      return { digest: 'sha256', identifier: sequence(objectIdentifier('1.2.840.10045.4.3.2')) }
    case 'ed25519':
      return { digest: null, identifier: sequence(objectIdentifier('1.3.101.112')) }
    default:
      throw new GoError('error creating certificate: x509: certificate private key does not implement crypto.Signer')
  }
}

/** The bits of a public key, of which its identifier is a digest. */
function keyIdentifier(spki: Buffer): Buffer {
  const [, bits] = readDer(readDer(spki)[0]?.content ?? Buffer.alloc(0))
  return createHash('sha256')
    .update(bits?.content.subarray(1) ?? '')
    .digest()
    .subarray(0, 20)
}

/** A certificate for a key in PEM, signed by the issuer. Throws GoError. */
export function createCertificate(request: CertificateRequest, key: KeyObject, issuer: Issuer): string {
  const spki = createPublicKey(key).export({ type: 'spki', format: 'der' })
  const subject = nameOf(request.commonName)
  const { digest, identifier } = signatureAlgorithm(issuer.key)
  const own = request.isAuthority ? keyIdentifier(spki) : undefined
  const authority = issuer.subject === undefined ? own : issuer.keyIdentifier
  // Digital signature, key encipherment, and for an authority the signing of certificates.
  const usage = request.isAuthority ? Buffer.of(2, 0xa4) : Buffer.of(5, 0xa0)
  const names = [
    ...request.names.map((name) => implicit(2, Buffer.from(name))),
    ...request.addresses.map((address) => implicit(7, addressBytes(address))),
  ]
  const extensions = [
    extension('2.5.29.15', true, der(tag.bitString, usage)),
    extension(
      '2.5.29.37',
      false,
      sequence(objectIdentifier('1.3.6.1.5.5.7.3.1'), objectIdentifier('1.3.6.1.5.5.7.3.2')),
    ),
    extension('2.5.29.19', true, sequence(...(request.isAuthority ? [der(tag.boolean, Buffer.of(255))] : []))),
    ...(own === undefined ? [] : [extension('2.5.29.14', false, der(tag.octetString, own))]),
    ...(authority === undefined || issuer.subject === undefined
      ? []
      : [extension('2.5.29.35', false, sequence(implicit(0, authority)))]),
    ...(names.length === 0 ? [] : [extension('2.5.29.17', subject.length === 2, sequence(...names))]),
  ]
  const notAfter = new Date(request.notBefore.getTime() + request.days * 86_400_000)
  const content = sequence(
    explicit(0, integer(Buffer.of(2))),
    integer(randomBytes(16)),
    identifier,
    issuer.subject ?? subject,
    sequence(timeOf(request.notBefore), timeOf(notAfter)),
    subject,
    spki,
    explicit(3, sequence(...extensions)),
  )
  const signature = sign(digest, content, issuer.key)
  return pem('CERTIFICATE', sequence(content, identifier, der(tag.bitString, Buffer.of(0), signature)))
}

/** Name and key identifier of the first certificate of a PEM text. Throws GoError; `what` is named in it. */
export function readIssuer(text: string, what: string): { readonly subject: Buffer; readonly keyIdentifier?: Buffer } {
  const block = readPem(text)
  if (block === undefined) throw new GoError('unable to decode certificate')
  try {
    // Node checks the whole, the fields are read from the bytes.
    const raw = Buffer.from(new X509Certificate(block.bytes).raw)
    const [content] = readDer(readDer(raw)[0]?.content ?? Buffer.alloc(0))
    const fields = readDer(content?.content ?? Buffer.alloc(0))
    const [, , , , subject] = fields.slice(fields[0]?.tag === 0xa0 ? 1 : 0)
    const identifier = findKeyIdentifier(fields.at(-1))
    const found = { subject: subject?.whole ?? Buffer.alloc(0) }
    return identifier === undefined ? found : { ...found, keyIdentifier: identifier }
  } catch {
    throw new GoError(`error parsing certificate: ${what}: x509: malformed certificate`)
  }
}

function findKeyIdentifier(field: DerValue | undefined): Buffer | undefined {
  if (field?.tag !== 0xa3) return undefined
  const wanted = objectIdentifier('2.5.29.14')
  for (const { content } of readDer(readDer(field.content)[0]?.content ?? Buffer.alloc(0))) {
    const parts = readDer(content)
    if (parts[0]?.whole.equals(wanted)) return readDer(parts.at(-1)?.content ?? Buffer.alloc(0))[0]?.content
  }
  return undefined
}
