// Keys, certificates and password hashes: what two renderings never have in common (sprig's crypto.go).
import type { KeyObject } from 'node:crypto'
import { genSaltSync, hashSync } from 'bcryptjs'
import { bytesOf, textOfBytes } from '../template/bytes.ts'
import { define } from '../template/function.ts'
import { printed } from '../template/print.ts'
import { bare } from '../template/text.ts'
import {
  type CallContext,
  GoError,
  type GoFunction,
  type GoList,
  GoStruct,
  type GoType,
  plain,
} from '../template/value.ts'
import { readPem } from './certificate/der.ts'
import { keyText, newKeyText, readKey, rsaKey } from './certificate/keys.ts'
import { type CertificateRequest, createCertificate, type Issuer, readIssuer } from './certificate/x509.ts'
import { decodeBase64 } from './encoding.ts'

const certificateType: GoType = { name: 'sprig.certificate' }
const volatile = { volatile: true }
const rsaBits = 2048
const bcryptCost = 10
/** In bytes. */
const longestPassword = 72

function certificate(cert: string, key: string): GoStruct {
  return new GoStruct(certificateType, [
    ['Cert', cert],
    ['Key', key],
  ])
}

function field(value: GoStruct, name: string): string {
  const text = plain(value.fields.get(name))
  return typeof text === 'string' ? text : ''
}

/** The texts of a list. Throws GoError: `error parsing ip: 1 is not a string`. */
function texts(list: GoList, problem: string): string[] {
  return list.items.map((item) => {
    const text = plain(item)
    if (typeof text === 'string') return text
    throw new GoError(`${problem}: ${bare(printed(item))} is not a string`)
  })
}

function request(
  commonName: string,
  addresses: GoList | undefined,
  names: GoList | undefined,
  days: number,
  context: CallContext,
): CertificateRequest {
  return {
    commonName,
    addresses: addresses === undefined ? [] : texts(addresses, 'error parsing ip'),
    names: names === undefined ? [] : texts(names, 'error processing alternate dns name'),
    notBefore: context.now(),
    days,
    isAuthority: addresses === undefined,
  }
}

function issue(asked: CertificateRequest, key: KeyObject, issuer: Issuer): GoStruct {
  return certificate(createCertificate(asked, key, issuer), keyText(key))
}

/** What `read` gives; an error is said to be of `what`. */
function naming<T>(what: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (error instanceof GoError) throw new GoError(`${what}: ${error.message}`)
    throw error
  }
}

function givenKey(text: string): KeyObject {
  return naming('parsing private key', () => readKey(text))
}

function signed(asked: CertificateRequest, authority: GoStruct, key: KeyObject): GoStruct {
  const issuer = readIssuer(field(authority, 'Cert'), 'decodedSignerCert.Bytes')
  const signingKey = naming('error parsing private key', () => readKey(field(authority, 'Key')))
  return issue(asked, key, { key: signingKey, ...issuer })
}

function custom(cert: string, key: string): GoStruct {
  const decode = (text: string, what: string): string => {
    try {
      return textOfBytes(decodeBase64(text))
    } catch {
      throw new GoError(`unable to decode base64 ${what}`)
    }
  }
  const certText = decode(cert, 'certificate')
  const keyPem = decode(key, 'private key')
  if (readPem(certText) === undefined) throw new GoError('unable to decode certificate')
  readIssuer(certText, 'decodedCert.Bytes')
  naming('error parsing private key', () => readKey(keyPem))
  return certificate(certText, keyPem)
}

function bcrypt(password: string): string {
  if (bytesOf(password).length > longestPassword) {
    return `failed to encrypt string with bcrypt: bcrypt: password length exceeds ${longestPassword} bytes`
  }
  // The same hash has two names: Go writes the older one.
  return hashSync(password, genSaltSync(bcryptCost).replace('$2b$', '$2a$'))
}

/** The functions of this family. */
export const certificateFunctions: readonly GoFunction[] = [
  define('bcrypt', ['string'], bcrypt, volatile),
  define(
    'htpasswd',
    ['string', 'string'],
    (user, password) => (user.includes(':') ? `invalid username: ${user}` : `${user}:${bcrypt(password)}`),
    volatile,
  ),
  define('genPrivateKey', ['string'], newKeyText, volatile),
  define('buildCustomCert', ['string', 'string'], custom),
  define(
    'genCA',
    ['string', 'int'],
    (name, days, context) => {
      const key = rsaKey(rsaBits)
      return issue(request(name, undefined, undefined, days, context), key, { key })
    },
    volatile,
  ),
  define(
    'genCAWithKey',
    ['string', 'int', 'string'],
    (name, days, text, context) => {
      const key = givenKey(text)
      return issue(request(name, undefined, undefined, days, context), key, { key })
    },
    volatile,
  ),
  define(
    'genSelfSignedCert',
    ['string', 'list', 'list', 'int'],
    (name, addresses, names, days, context) => {
      const key = rsaKey(rsaBits)
      return issue(request(name, addresses, names, days, context), key, { key })
    },
    volatile,
  ),
  define(
    'genSelfSignedCertWithKey',
    ['string', 'list', 'list', 'int', 'string'],
    (name, addresses, names, days, text, context) => {
      const key = givenKey(text)
      return issue(request(name, addresses, names, days, context), key, { key })
    },
    volatile,
  ),
  define(
    'genSignedCert',
    ['string', 'list', 'list', 'int', 'certificate'],
    (name, addresses, names, days, authority, context) => {
      return signed(request(name, addresses, names, days, context), authority, rsaKey(rsaBits))
    },
    volatile,
  ),
  define(
    'genSignedCertWithKey',
    ['string', 'list', 'list', 'int', 'certificate', 'string'],
    (name, addresses, names, days, authority, text, context) => {
      return signed(request(name, addresses, names, days, context), authority, givenKey(text))
    },
    volatile,
  ),
]
