// Uploads that break off, are sent elsewhere, or are answered in ways that registries have.
import { describe, expect, it } from 'vitest'
import { closesAfterEach } from '../../../../../test/kit/closing.ts'
import { noise } from '../../../../../test/kit/images.ts'
import { type RegistryOptions, startRegistry, type TestRegistry } from '../../../../../test/kit/registry.ts'
import { digestOf } from '../../../src/digest.ts'
import { openRegistries } from '../../../src/oci/client/registries.ts'
import type { Repeat } from '../../../src/oci/client/repetition.ts'
import type { ContentRepository } from '../../../src/oci/content/content.ts'
import { mediaTypes } from '../../../src/oci/content/descriptor.ts'
import { openMemoryContent } from '../../../src/oci/content/memory.ts'
import { openTransfers } from '../../../src/oci/copy/transfer-blobs.ts'
import { openHttpClient } from '../../../src/oci/http/http-client.ts'

const closeLater = closesAfterEach()
const bytes = noise('blob', 3_000_000)
const blob = { mediaType: 'application/octet-stream', digest: digestOf(bytes), size: bytes.length }

interface Setup {
  readonly registry: TestRegistry
  readonly repository: ContentRepository
  readonly repeats: readonly string[]
  /** Pushes the blob as a copy does. */
  readonly copy: () => Promise<void>
}

async function setUp(options: RegistryOptions = {}, chunkBytes?: number): Promise<Setup> {
  const registry = await startRegistry(options)
  const client = openHttpClient({ environment: {} })
  const repeats: string[] = []
  const onRepeat = ({ why }: Repeat): void => void repeats.push(why)
  const registries = openRegistries({
    client,
    onRepeat,
    patience: { retries: 3, firstPause: 1 },
    ...(chunkBytes === undefined ? {} : { chunkBytes }),
  })
  closeLater(async () => {
    await registries.close()
    await client.close()
    await registry.close()
  })
  const repository = registries.repository(`${registry.host}/team/app`)
  const memory = openMemoryContent('source')
  await memory.push(blob, bytes)
  const copy = (): Promise<void> =>
    openTransfers({ onRepeat, retries: 3 }, () => {}).ensure(
      { source: memory, sink: repository, nodes: new Map() },
      blob,
      new AbortController().signal,
    )
  return { registry, repository, repeats, copy }
}

/** Cuts the first uploads once they have so many bytes. */
function cutFirst(registry: TestRegistry, least: number, times = 1): void {
  let left = times
  registry.cutUpload = (held) => held >= least && left-- > 0
}

describe('an upload that breaks off', () => {
  it.each([
    ['a whole blob', undefined],
    ['a blob in pieces', 1_000_000],
  ])('of %s goes on from the last byte that the registry has', async (_, chunkBytes) => {
    const { registry, repeats, copy } = await setUp({}, chunkBytes)
    cutFirst(registry, 1_500_000)
    await copy()
    expect(registry.blobs.get(blob.digest)?.equals(bytes)).toBe(true)
    expect(registry.traffic.in).toBe(bytes.length)
    expect(repeats).toEqual([
      'an upload broke off',
      expect.stringMatching(/^an upload went on at byte 1\d{6} of 3000000$/),
    ])
  })

  it('breaks off again and again, and goes on each time', async () => {
    const { registry, copy } = await setUp()
    let next = 500_000
    registry.cutUpload = (held) => {
      if (held < next || next > 1_500_000) return false
      next += 500_000
      return true
    }
    await copy()
    expect(registry.blobs.get(blob.digest)?.equals(bytes)).toBe(true)
    expect(registry.traffic.in).toBe(bytes.length)
  })

  it.each([
    ['0-0, which is one byte or none', () => '0-0'],
    ['nothing', () => ''],
    ['more than there is', () => '0-9999999999'],
    ['too little', () => '0-99'],
    ['something else', () => 'items 1-2'],
  ])('begins anew where the registry says %s', async (_, uploadRange) => {
    const { registry, copy } = await setUp({ uploadRange })
    cutFirst(registry, 1_500_000)
    await copy()
    expect(registry.blobs.get(blob.digest)?.equals(bytes)).toBe(true)
  })

  it('begins anew where the registry knows nothing of it any more, and ends what it began', async () => {
    const { registry, copy } = await setUp()
    cutFirst(registry, 1_500_000)
    registry.intercept = (request, response) => {
      if (request.method !== 'GET' || !request.url?.includes('/uploads/')) return false
      response.writeHead(404).end('{"errors":[{"code":"BLOB_UPLOAD_UNKNOWN"}]}')
      return true
    }
    await copy()
    expect(registry.blobs.get(blob.digest)?.equals(bytes)).toBe(true)
    expect(registry.count(/^DELETE .*uploads/)).toBe(1)
  })

  it('whose first part was spoilt is begun anew, and never ends in other bytes', async () => {
    const { registry, copy } = await setUp()
    let cuts = 0
    registry.cutUpload = (held) => {
      if (held < 1_500_000 || cuts > 0) return false
      cuts++
      registry.spoilUploads()
      return true
    }
    await copy()
    expect(registry.blobs.get(blob.digest)?.equals(bytes)).toBe(true)
  })

  it('of bytes in memory is pushed again, too', async () => {
    const { registry, repository, repeats } = await setUp()
    cutFirst(registry, 1_500_000, 2)
    await repository.push(blob, bytes)
    expect(registry.blobs.get(blob.digest)?.equals(bytes)).toBe(true)
    expect(repeats).toContain('an upload broke off')
  })

  it('is answered 503 with Retry-After: it waits as long as that', async () => {
    const { registry, repeats, copy } = await setUp()
    let refused = 0
    registry.intercept = (request, response) => {
      if (request.method !== 'PUT' || refused++ > 0) return false
      request.resume()
      response.writeHead(503, { 'retry-after': '0' }).end()
      return true
    }
    await copy()
    expect(registry.blobs.get(blob.digest)?.equals(bytes)).toBe(true)
    expect(repeats[0]).toBe('an upload broke off')
  })
})

describe('a page of HTML in the place of an answer', () => {
  it.each([
    ['POST', /uploads/],
    ['PUT', /uploads/],
    ['PUT', /manifests/],
    ['GET', /manifests/],
    ['HEAD', /blobs/],
  ] as const)('to %s is believed no more than a failure: it is asked again', async (method, path) => {
    const { registry, repository, copy } = await setUp()
    let left = 2
    registry.intercept = (request, response) => {
      if (request.method !== method || !path.test(request.url ?? '') || left-- <= 0) return false
      request.resume()
      response
        .writeHead(200, { 'content-type': 'text/html; charset=utf-8', connection: 'close' })
        .end('<html>log in</html>')
      return true
    }
    await copy()
    expect(registry.blobs.get(blob.digest)?.equals(bytes)).toBe(true)
    const config = Buffer.from('{}')
    await repository.push({ mediaType: 'application/json', digest: digestOf(config), size: 2 }, config)
    const text = JSON.stringify({
      schemaVersion: 2,
      mediaType: mediaTypes.manifest,
      config: { mediaType: 'application/json', digest: digestOf(config), size: 2 },
      layers: [blob],
    })
    const manifest = { mediaType: mediaTypes.manifest, digest: digestOf(text), size: text.length }
    await repository.push(manifest, Buffer.from(text), { tag: 'v1' })
    expect(registry.repositories.get('team/app')?.tags.get('v1')).toBe(manifest.digest)
    expect((await repository.resolve('v1')).digest).toBe(manifest.digest)
  })

  it('that stays is no success', async () => {
    const { registry, copy } = await setUp()
    registry.intercept = (request, response) => {
      if (request.method !== 'PUT') return false
      request.resume()
      response.writeHead(200, { 'content-type': 'text/html', connection: 'close' }).end('<html>log in</html>')
      return true
    }
    await expect(copy()).rejects.toMatchObject({ message: expect.stringContaining('page of HTML') })
  })
})

describe('an upload that is sent elsewhere', () => {
  it.each([
    ['POST', 307],
    ['POST', 308],
    ['PUT', 307],
    ['PUT', 308],
    ['PATCH', 307],
  ] as const)('%s with %d is followed', async (method, status) => {
    const { registry, repository, copy } = await setUp({}, method === 'PATCH' ? 1_000_000 : undefined)
    registry.intercept = (request, response) => {
      const { url = '' } = request
      if (request.method !== method || url.includes('elsewhere')) return false
      response
        .writeHead(status, { location: `${url}${url.includes('?') ? '&' : '?'}elsewhere=1`, connection: 'close' })
        .end()
      return true
    }
    await copy()
    expect(registry.blobs.get(blob.digest)?.equals(bytes)).toBe(true)
    const small = Buffer.from('small')
    await repository.push({ ...blob, digest: digestOf(small), size: small.length }, small)
    expect(registry.blobs.get(digestOf(small))?.equals(small)).toBe(true)
  })

  it('for ever ends, and says so', async () => {
    const { registry, copy } = await setUp()
    registry.intercept = (request, response) => {
      if (request.method !== 'POST') return false
      response.writeHead(307, { location: request.url ?? '' }).end()
      return true
    }
    await expect(copy()).rejects.toMatchObject({ message: expect.stringContaining('307') })
  })

  it('to another host takes no credentials along', async () => {
    const other = await setUp()
    const { registry, copy } = await setUp({ auth: 'basic', user: { name: '', password: '' } })
    registry.intercept = (request, response) => {
      const isAsked = request.method === 'POST'
      if (!isAsked) return false
      response.writeHead(307, { location: `http://${other.registry.host}/v2/far/app/blobs/uploads/` }).end()
      return true
    }
    await copy()
    expect(other.registry.blobs.has(blob.digest)).toBe(true)
    expect(other.registry.requests.filter(({ headers }) => headers.authorization !== undefined)).toEqual([])
  })
})
