import { isChartferryError } from '@chartferry/core'
import { describe, expect, it } from 'vitest'
import { provenanceSubject } from '../../src/hosted/publish.ts'

const signed = (text: string, newline = '\n'): string =>
  [
    '-----BEGIN PGP SIGNED MESSAGE-----',
    'Hash: SHA512',
    '',
    ...text.split('\n'),
    '-----BEGIN PGP SIGNATURE-----',
    '',
    'x',
    '-----END PGP SIGNATURE-----',
    '',
  ].join(newline)

describe('provenanceSubject', () => {
  it('finds name and version, whatever the line ends', () => {
    const text =
      'apiVersion: v2\nname: web\nversion: 1.0.0+b\nkeywords:\n- - dashed\n\n...\nfiles:\n  web-1.0.0+b.tgz: sha256:00\n'
    expect(provenanceSubject(signed(text))).toEqual({ name: 'web', version: '1.0.0+b' })
    expect(provenanceSubject(signed(text, '\r\n'))).toEqual({ name: 'web', version: '1.0.0+b' })
  })

  it.each([
    ['nothing', ''],
    ['a page of HTML', '<html></html>'],
    ['no signature', '-----BEGIN PGP SIGNED MESSAGE-----\n\nname: web\nversion: 1.0.0\n...\nfiles: {}\n'],
    ['no name', signed('version: 1.0.0\n...\nfiles: {}')],
    ['a name that is a path', signed('name: ../web\nversion: 1.0.0\n...\nfiles: {}')],
    ['a version that is a path', signed('name: web\nversion: ../1.0.0\n...\nfiles: {}')],
    ['no second document', signed('name: web\nversion: 1.0.0')],
    ['broken YAML', signed('name: [\n...\nfiles: {}')],
  ])('refuses %s', (_title, text) => {
    expect(() => provenanceSubject(text)).toThrow(
      expect.toSatisfy((thrown) => isChartferryError(thrown, 'PROVENANCE_INVALID')),
    )
  })

  it('refuses a megabyte of document ends', () => {
    expect(() => provenanceSubject(`-----BEGIN PGP SIGNED MESSAGE-----\n\n${'...\n'.repeat(250_000)}`)).toThrow()
    expect(() => provenanceSubject(signed('...\n'.repeat(250_000)))).toThrow()
  })
})
