import { describe, expect, it } from 'vitest'
import { type Provenance, parseProvenance } from '../../../src/helm/chart/provenance.ts'

const digest = `sha256:${'a'.repeat(64)}`
const signed = `-----BEGIN PGP SIGNED MESSAGE-----
Hash: SHA512

apiVersion: v1
maintainers:
- - name: Somebody
name: web
version: 1.2.3

...
files:
  web-1.2.3.tgz: ${digest}
-----BEGIN PGP SIGNATURE-----

wsBcBAEBCgAQ
=YgnR
-----END PGP SIGNATURE-----
`
const parse = (text: string): Provenance => parseProvenance(Buffer.from(text), 'web-1.2.3.tgz.prov')

describe('parseProvenance', () => {
  it('reads Chart.yaml and the digests, dash escapes undone', () => {
    const { metadata, files } = parse(signed)
    expect(metadata).toMatchObject({ name: 'web', version: '1.2.3', maintainers: [{ name: 'Somebody' }] })
    expect([...files]).toEqual([['web-1.2.3.tgz', digest]])
  })

  it('reads CRLF', () => {
    expect([...parse(signed.replaceAll('\n', '\r\n')).files.keys()]).toEqual(['web-1.2.3.tgz'])
  })

  it.each([
    ['an empty file', '', 'no clear-signed message'],
    ['a page', '<html>', 'no clear-signed message'],
    ['a message without signature', signed.slice(0, signed.indexOf('-----BEGIN PGP SIGNATURE')), 'no clear-signed'],
    ['a signature that is cut off', signed.slice(0, -30), 'no clear-signed message'],
    ['a message without digests', signed.replace('...\n', ''), 'the digests are missing'],
    [
      'digests that are a list',
      signed.replace('files:\n  web-1.2.3.tgz', '- - web-1.2.3.tgz'),
      'the digests are no mapping',
    ],
    ['another digest', signed.replace(digest, 'md5:abc'), '"md5:abc" is no SHA-256 digest'],
    ['more than a mebibyte', signed + ' '.repeat(1024 * 1024), 'larger than 1048576 bytes'],
  ])('refuses %s', (_, text, why) => {
    expect(() => parse(text)).toThrow(
      expect.objectContaining({
        code: 'PROVENANCE_INVALID',
        message: expect.stringContaining(`web-1.2.3.tgz.prov: ${why}`),
      }),
    )
  })
})
