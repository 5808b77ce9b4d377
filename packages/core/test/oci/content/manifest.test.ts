import { describe, expect, it } from 'vitest'
import { digestOf } from '../../../src/digest.ts'
import { type ErrorCode, isChartferryError } from '../../../src/errors.ts'
import { mediaTypes } from '../../../src/oci/content/descriptor.ts'
import { parseManifest } from '../../../src/oci/content/manifest.ts'

const parse = (document: unknown, type?: string): ReturnType<typeof parseManifest> =>
  parseManifest(Buffer.from(typeof document === 'string' ? document : JSON.stringify(document)), type, 'app')

function codeOf(run: () => unknown): ErrorCode | undefined {
  try {
    run()
    return undefined
  } catch (thrown) {
    return isChartferryError(thrown) ? thrown.code : undefined
  }
}

const blob = { mediaType: 'application/x', digest: digestOf('blob'), size: 4 }

describe('parseManifest', () => {
  it('reads config, layers, subject and artifact type', () => {
    const subject = { mediaType: mediaTypes.manifest, digest: digestOf('subject'), size: 1 }
    const manifest = parse(
      { config: blob, layers: [blob, blob], subject, annotations: { a: 'b', n: 1 } },
      mediaTypes.manifest,
    )
    expect(manifest).toMatchObject({
      blobs: [blob, blob, blob],
      config: blob,
      subject,
      artifactType: 'application/x',
      annotations: { a: 'b' },
    })
  })

  it('lets the document speak where the registry says nothing of use', () => {
    expect(parse({ mediaType: mediaTypes.index, manifests: [] }, 'text/plain').mediaType).toBe(mediaTypes.index)
    expect(parse({ manifests: [blob] }, undefined).manifests).toEqual([blob])
    expect(parse({ layers: [] }, 'application/json').mediaType).toBe(mediaTypes.manifest)
  })

  it.each([
    ['no JSON', '{'],
    ['bytes that are no UTF-8', Buffer.from([0xff]).toString('latin1')],
    ['a list', []],
    ['null', null],
    ['an unknown type', { mediaType: 'application/x' }],
    ['schema 1', { schemaVersion: 1, fsLayers: [] }],
    ['layers that are no list', { layers: 'x' }],
    ['a digest that leaves its folder', { layers: [{ ...blob, digest: 'sha256:../../etc/passwd' }] }],
    ['a digest of another algorithm', { layers: [{ ...blob, digest: `sha512:${'a'.repeat(128)}` }] }],
    ['a negative size', { layers: [{ ...blob, size: -1 }] }],
    ['a size that is no integer', { layers: [{ ...blob, size: 1e300 }] }],
    ['an index with layers', { mediaType: mediaTypes.index, manifests: [], layers: [] }],
  ])('refuses %s', (_name, document) => expect(codeOf(() => parse(document))).toBe('MANIFEST_INVALID'))
})
