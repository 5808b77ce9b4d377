// Private keys: making them, reading them from PEM, writing them in the forms that Go writes.
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { GoError } from '../../template/value.ts'
import { der, integer, pem, readDer, readPem, sequence, tag } from './der.ts'

/** RSA keys by size. Making one takes long, and what is rendered here is compared and never installed. */
const rsaKeys = new Map<number, KeyObject[]>()
const keptKeys = 3

/** An RSA key: one of the few that are made for a size in this process, handed out in turn. */
export function rsaKey(bits: number): KeyObject {
  const kept = rsaKeys.get(bits) ?? []
  rsaKeys.set(bits, kept)
  const key = kept.length < keptKeys ? generateKeyPairSync('rsa', { modulusLength: bits }).privateKey : kept.shift()
  kept.push(key as KeyObject)
  return key as KeyObject
}

/** sprig's genPrivateKey: `rsa` or empty, `ecdsa`, `ed25519`, `dsa`; other words come back in a sentence. */
export function newKeyText(kind: string): string {
  switch (kind) {
    case '':
    case 'rsa':
      return keyText(rsaKey(4096))
    case 'ecdsa':
      return keyText(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey)
    case 'ed25519':
      return keyText(generateKeyPairSync('ed25519').privateKey)
    case 'dsa':
      return keyText(generateKeyPairSync('dsa', { modulusLength: 2048, divisorLength: 256 }).privateKey)
    default:
      return `Unknown type ${kind}`
  }
}

/** The key in PEM: PKCS #1 for RSA, SEC 1 for elliptic curves, OpenSSL's form for DSA, PKCS #8 for the rest. */
export function keyText(key: KeyObject): string {
  switch (key.asymmetricKeyType) {
    case 'rsa':
      return String(key.export({ type: 'pkcs1', format: 'pem' }))
    case 'ec':
      return String(key.export({ type: 'sec1', format: 'pem' }))
    case 'dsa':
      return pem('DSA PRIVATE KEY', dsaKey(key))
    default:
      return String(key.export({ type: 'pkcs8', format: 'pem' }))
  }
}

/** The sequence 0, p, q, g, y, x. */
function dsaKey(key: KeyObject): Buffer {
  const [, algorithm, secret] = readDer(
    readDer(key.export({ type: 'pkcs8', format: 'der' }))[0]?.content ?? Buffer.alloc(0),
  )
  const [, parameters] = readDer(algorithm?.content ?? Buffer.alloc(0))
  const [, bits] = readDer(
    readDer(createPublicKey(key).export({ type: 'spki', format: 'der' }))[0]?.content ?? Buffer.alloc(0),
  )
  const publicInteger = bits?.content.subarray(1) ?? Buffer.alloc(0)
  return sequence(
    integer(Buffer.of(0)),
    parameters?.content ?? Buffer.alloc(0),
    publicInteger,
    secret?.content ?? Buffer.alloc(0),
  )
}

/** A private key from PEM. Throws GoError with sprig's words. */
export function readKey(text: string): KeyObject {
  const block = readPem(text)
  if (block === undefined) throw new GoError('no PEM data in input')
  const { label, bytes } = block
  const read = (type: 'pkcs1' | 'pkcs8' | 'sec1', what: string): KeyObject => {
    try {
      return createPrivateKey({ key: bytes, format: 'der', type })
    } catch {
      throw new GoError(`${what}: x509: failed to parse private key`)
    }
  }
  if (label === 'PRIVATE KEY') return read('pkcs8', 'decoding PEM as PKCS#8')
  if (!label.endsWith(' PRIVATE KEY')) throw new GoError(`no private key data in PEM block of type ${label}`)
  const kind = label.slice(0, -' PRIVATE KEY'.length)
  if (kind === 'RSA') return read('pkcs1', 'parsing RSA private key from PEM')
  if (kind === 'EC') return read('sec1', 'parsing EC private key from PEM')
  if (kind === 'DSA') return readDsaKey(bytes)
  throw new GoError(`invalid private key type ${kind}`)
}

function readDsaKey(bytes: Buffer): KeyObject {
  try {
    const [, p, q, g, , x] = readDer(readDer(bytes)[0]?.content ?? Buffer.alloc(0)).map(({ whole }) => whole)
    const none = Buffer.alloc(0)
    const identifier = Buffer.from('06072a8648ce380401', 'hex')
    const algorithm = sequence(identifier, sequence(p ?? none, q ?? none, g ?? none))
    const key = sequence(integer(Buffer.of(0)), algorithm, der(tag.octetString, x ?? none))
    return createPrivateKey({ key, format: 'der', type: 'pkcs8' })
  } catch {
    throw new GoError('parsing DSA private key from PEM: asn1: structure error')
  }
}
