import { createPrivateKey, X509Certificate } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { hashPassword } from '../../../src/helm/functions/bcrypt/bcrypt.ts'
import { GoList, GoStruct, plain, type Value } from '../../../src/helm/template/value.ts'
import { call } from './call.ts'

const days = (count: number): Value => call('int', [count])

function field(value: Value, name: string): string {
  const text = value instanceof GoStruct ? plain(value.fields.get(name)) : undefined
  return typeof text === 'string' ? text : ''
}

const authority = call('genCA', ['an-authority', days(10)])

describe('genCA', () => {
  it('makes an authority that signs itself', () => {
    const certificate = new X509Certificate(field(authority, 'Cert'))
    expect(certificate.subject).toBe('CN=an-authority')
    expect(certificate.ca).toBe(true)
    expect(certificate.verify(certificate.publicKey)).toBe(true)
    expect(certificate.checkPrivateKey(createPrivateKey(field(authority, 'Key')))).toBe(true)
    expect(certificate.validTo).toBe('Jan 12 03:04:05 2024 GMT')
  })
})

describe('genSignedCert', () => {
  it('is signed by the authority, for names and addresses', () => {
    const addresses = new GoList(['10.0.0.1', '2001:db8::1'])
    const names = new GoList(['web.example.com', '*.example.com'])
    const signed = call('genSignedCert', ['web', addresses, names, days(30), authority])
    const certificate = new X509Certificate(field(signed, 'Cert'))
    const issuer = new X509Certificate(field(authority, 'Cert'))
    expect(certificate.checkIssued(issuer)).toBe(true)
    expect(certificate.verify(issuer.publicKey)).toBe(true)
    expect(certificate.subjectAltName).toBe(
      'DNS:web.example.com, DNS:*.example.com, IP Address:10.0.0.1, IP Address:2001:DB8:0:0:0:0:0:1',
    )
    expect(certificate.ca).toBe(false)
  })

  it.each(['ecdsa', 'ed25519'])('takes a key of kind %s', (kind) => {
    const key = call('genPrivateKey', [kind])
    const own = call('genCAWithKey', ['own', days(1), key])
    const certificate = new X509Certificate(field(own, 'Cert'))
    expect(certificate.verify(certificate.publicKey)).toBe(true)
    expect(field(own, 'Key')).toBe(key)
  })
})

describe('buildCustomCert', () => {
  it('gives back what it was given', () => {
    const encoded = [field(authority, 'Cert'), field(authority, 'Key')].map((text) => call('b64enc', [text]))
    expect(field(call('buildCustomCert', encoded), 'Cert')).toBe(field(authority, 'Cert'))
  })
})

describe('hashPassword', () => {
  // Vectors of OpenBSD and of crypt_blowfish.
  it.each([
    ['U*U', 'CCCCCCCCCCCCCCCCCCCCC.', '$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW'],
    ['U*U*', 'CCCCCCCCCCCCCCCCCCCCC.', '$2a$05$CCCCCCCCCCCCCCCCCCCCC.VGOzA784oUp/Z0DY336zx7pLYAy0lwK'],
    ['', 'CCCCCCCCCCCCCCCCCCCCC.', '$2a$05$CCCCCCCCCCCCCCCCCCCCC.7uG0VCzI2bS7j6ymqJi9CdcdxiRTWNy'],
  ])('hashes %j', (password, salt, expected) => {
    const digits = './ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'
    const standard = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
    const bytes = Buffer.from(Array.from(salt, (digit) => standard.charAt(digits.indexOf(digit))).join(''), 'base64')
    expect(hashPassword(Buffer.from(password), bytes, 5)).toBe(expected)
  })
})
