import { describe, expect, it } from 'vitest'
import { describeManifest } from '../../src/images/describe-manifest.ts'

const manifest = { config: { digest: 'sha256:c', size: 100 }, layers: [{ size: 2000 }, { size: 30 }] }
const documents: Readonly<Record<string, unknown>> = {
  'sha256:m': manifest,
  'sha256:c': { os: 'linux', architecture: 'arm64', variant: 'v8' },
  'sha256:i': {
    manifests: [
      { digest: 'sha256:m', platform: { os: 'linux', architecture: 'amd64' } },
      { digest: 'sha256:away', platform: { os: 'windows', architecture: 'amd64' } },
      { digest: 'sha256:a', platform: { os: 'unknown', architecture: 'unknown' } },
      { digest: 'sha256:m', annotations: { 'vnd.docker.reference.type': 'attestation-manifest' } },
      { platform: { os: 'linux' } },
      null,
    ],
  },
  'sha256:odd': { manifests: 'none', config: 7, layers: 'many' },
  'sha256:list': [],
}
const read = async (digest: string): Promise<Uint8Array | undefined> =>
  digest === 'sha256:text'
    ? Buffer.from('no JSON')
    : digest in documents
      ? Buffer.from(JSON.stringify(documents[digest]))
      : undefined

describe('describeManifest', () => {
  it('gives the platform that an image says of itself, and its bytes', async () => {
    expect(await describeManifest('sha256:m', read)).toEqual([
      { platform: 'linux/arm64/v8', digest: 'sha256:m', size: 2130 },
    ])
  })

  it('gives the platforms of an index, with bytes where they are here, and no attestation', async () => {
    expect(await describeManifest('sha256:i', read)).toEqual([
      { platform: 'linux/amd64', digest: 'sha256:m', size: 2130 },
      { platform: 'windows/amd64', digest: 'sha256:away' },
    ])
  })

  it('makes nothing of what is no manifest', async () => {
    for (const digest of ['sha256:none', 'sha256:text']) expect(await describeManifest(digest, read)).toEqual([])
    for (const digest of ['sha256:odd', 'sha256:list'])
      expect(await describeManifest(digest, read)).toEqual([{ platform: '', digest, size: 0 }])
  })
})
