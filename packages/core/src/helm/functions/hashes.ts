// Checksums, and passwords derived from others (sprig's crypto.go).
import { createCipheriv, createDecipheriv, createHash, createHmac, randomBytes, scryptSync } from 'node:crypto'
import { bytesOf, textOfBytes } from '../template/bytes.ts'
import { define } from '../template/function.ts'
import { GoError, type GoFunction } from '../template/value.ts'
import { decodeBase64 } from './encoding.ts'
import { outOfRange } from './panic.ts'

function digest(algorithm: string, text: string): string {
  return createHash(algorithm).update(bytesOf(text)).digest('hex')
}

function adler32(text: string): string {
  let low = 1
  let high = 0
  for (const byte of bytesOf(text)) {
    low = (low + byte) % 65521
    high = (high + low) % 65521
  }
  return String(high * 65536 + low)
}

const passwordSeed = 'com.lyndir.masterpassword'
const passwordTemplates: Readonly<Record<string, string>> = {
  maximum: 'anoxxxxxxxxxxxxxxxxx axxxxxxxxxxxxxxxxxno',
  long:
    'CvcvnoCvcvCvcv CvcvCvcvnoCvcv CvcvCvcvCvcvno CvccnoCvcvCvcv CvccCvcvnoCvcv CvccCvcvCvcvno CvcvnoCvccCvcv ' +
    'CvcvCvccnoCvcv CvcvCvccCvcvno CvcvnoCvcvCvcc CvcvCvcvnoCvcc CvcvCvcvCvccno CvccnoCvccCvcv CvccCvccnoCvcv ' +
    'CvccCvccCvcvno CvcvnoCvccCvcc CvcvCvccnoCvcc CvcvCvccCvccno CvccnoCvcvCvcc CvccCvcvnoCvcc CvccCvcvCvccno',
  medium: 'CvcnoCvc CvcCvcno',
  short: 'Cvcn',
  basic: 'aaanaaan aannaaan aaannaaa',
  pin: 'nnnn',
}
const vowels = 'AEIOU'
const consonants = 'BCDFGHJKLMNPQRSTVWXYZ'
const all = vowels + vowels.toLowerCase() + consonants + consonants.toLowerCase()
const passwordCharacters: Readonly<Record<string, string>> = {
  V: vowels,
  C: consonants,
  v: vowels.toLowerCase(),
  c: consonants.toLowerCase(),
  A: vowels + consonants,
  a: all,
  n: '0123456789',
  o: "@&%?,=[]_:-+*$#!'^~;()/.",
  x: `${all}0123456789!@#$%^&*()`,
}

function word(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

/** The Master Password algorithm: the same inputs give the same password. */
function derivePassword(counter: number, kind: string, password: string, user: string, site: string): string {
  const templates = Object.hasOwn(passwordTemplates, kind) ? passwordTemplates[kind]?.split(' ') : undefined
  if (templates === undefined) return `cannot find password template ${kind}`
  const named = (name: string): Buffer[] => [
    Buffer.from(passwordSeed),
    word(bytesOf(name).length),
    Buffer.from(bytesOf(name)),
  ]
  const salt = Buffer.concat(named(user))
  const key = scryptSync(bytesOf(password), salt, 64, { N: 32768, r: 8, p: 2, maxmem: 128 * 1024 * 1024 })
  const seed = createHmac('sha256', key)
    .update(Buffer.concat([...named(site), word(counter)]))
    .digest()
  const template = templates[(seed[0] as number) % templates.length] as string
  return Array.from(template, (place, index) => {
    const choices = passwordCharacters[place] as string
    return choices.charAt((seed[index + 1] as number) % choices.length)
  }).join('')
}

/** The first 32 bytes of a password, filled up with zeros. */
function aesKey(password: string): Buffer {
  const key = Buffer.alloc(32)
  key.set(bytesOf(password).subarray(0, 32))
  return key
}

function encrypt(password: string, text: string): string {
  if (text === '') return ''
  const iv = randomBytes(16)
  const cipher = createCipheriv('aes-256-cbc', aesKey(password), iv)
  return Buffer.concat([iv, cipher.update(bytesOf(text)), cipher.final()]).toString('base64')
}

function decrypt(password: string, text: string): string {
  if (text === '') return ''
  const bytes = decodeBase64(text)
  if (bytes.length < 16) throw outOfRange(`[:16] with capacity ${bytes.length}`)
  const content = bytes.subarray(16)
  if (content.length % 16 !== 0) throw new GoError('crypto/cipher: input not full blocks')
  if (content.length === 0) throw new GoError('runtime error: index out of range [-1]')
  const decipher = createDecipheriv('aes-256-cbc', aesKey(password), bytes.subarray(0, 16)).setAutoPadding(false)
  const plain = Buffer.concat([decipher.update(content), decipher.final()])
  const end = plain.length - (plain.at(-1) as number)
  if (end < 0) throw outOfRange(`[:${end}]`)
  return textOfBytes(plain.subarray(0, end))
}

/** The functions of this family. */
export const hashFunctions: readonly GoFunction[] = [
  define('sha1sum', ['string'], (text) => digest('sha1', text)),
  define('sha256sum', ['string'], (text) => digest('sha256', text)),
  define('sha512sum', ['string'], (text) => digest('sha512', text)),
  define('adler32sum', ['string'], adler32),
  define('derivePassword', ['uint32', 'string', 'string', 'string', 'string'], derivePassword),
  define('encryptAES', ['string', 'string'], encrypt, { volatile: true }),
  define('decryptAES', ['string', 'string'], decrypt),
]
