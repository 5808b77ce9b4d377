import { createPrivateKey, X509Certificate } from 'node:crypto'
import { compareSync } from 'bcryptjs'
import { describe, expect, it } from 'vitest'
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

describe('bcrypt', () => {
  it.each(['', 'secret', 'pässwörd 😀', 'x'.repeat(72)])(
    'hashes %j as Go does, with its name of the hash',
    (password) => {
      const hash = call('bcrypt', [password]) as string
      expect(hash).toMatch(/^\$2a\$10\$[./A-Za-z0-9]{53}$/)
      expect(compareSync(password, hash)).toBe(true)
    },
  )

  it('refuses more than 72 bytes, in the words of sprig', () => {
    expect(call('bcrypt', ['é'.repeat(37)])).toBe(
      'failed to encrypt string with bcrypt: bcrypt: password length exceeds 72 bytes',
    )
  })
})
