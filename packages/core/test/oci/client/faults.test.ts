// What registries do wrong, each by its name: the error says what, which and which side, and what is there stays usable.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it } from 'vitest'
import { closesAfterEach } from '../../../../../test/kit/closing.ts'
import { errorOf } from '../../../../../test/kit/error-of.ts'
import { noise, pushImage, pushIndex } from '../../../../../test/kit/images.ts'
import { type RegistryOptions, startRegistry, type TestRegistry } from '../../../../../test/kit/registry.ts'
import { digestHex, digestOf } from '../../../src/digest.ts'
import { defaultLimits } from '../../../src/limits.ts'
import { openRegistries, type RegistriesOptions } from '../../../src/oci/client/registries.ts'
import type { ContentRepository } from '../../../src/oci/content/content.ts'
import { mediaTypes } from '../../../src/oci/content/descriptor.ts'
import { readManifest } from '../../../src/oci/content/read-content.ts'
import { copyImages } from '../../../src/oci/copy/copy.ts'
import type { CredentialSource } from '../../../src/oci/http/credentials.ts'
import { openHttpClient } from '../../../src/oci/http/http-client.ts'

const closeLater = closesAfterEach()

async function start(options: RegistryOptions = {}): Promise<TestRegistry> {
  const registry = await startRegistry(options)
  closeLater(() => registry.close())
  return registry
}

function repositoryOf(host: string, options: RegistriesOptions = {}, name = 'app'): ContentRepository {
  const client = openHttpClient({ environment: {}, retryDelay: 1 })
  const registries = openRegistries({ client, ...options })
  closeLater(async () => {
    await registries.close()
    await client.close()
  })
  return registries.repository(`${host}/${name}`)
}

const knows = (username: string, password: string): CredentialSource => ({
  credentialFor: async () => ({ kind: 'basic', username, password }) as const,
})

const layer = noise('layer', 200_000)

/** An image in one registry, and the way to another. */
async function setUp(
  from: RegistryOptions = {},
  to: RegistryOptions = {},
  options: RegistriesOptions = {},
): Promise<{
  readonly source: TestRegistry
  readonly target: TestRegistry
  readonly run: () => ReturnType<typeof copyImages>
}> {
  const [source, target] = [await start(from), await start(to)]
  await pushImage(repositoryOf(source.host, { credentials: knows('me', 'secret') }), { layers: [layer], tag: 'v1' })
  source.forget()
  const run = (): ReturnType<typeof copyImages> => {
    const item = {
      source: repositoryOf(source.host, options),
      from: 'v1',
      sink: repositoryOf(target.host, options),
      tag: 'v1',
    }
    return copyImages([item])
  }
  return { source, target, run }
}

describe('a registry that cannot be reached', () => {
  it('is down: the error names the side', async () => {
    const { source, target, run } = await setUp()
    await target.close()
    expect(await errorOf(run())).toMatchObject({
      code: 'REGISTRY_UNREACHABLE',
      details: { side: 'target', reason: 'refused' },
    })
    await source.close()
    expect(await errorOf(run())).toMatchObject({ code: 'REGISTRY_UNREACHABLE' })
  })

  it('speaks http where https is spoken to it, and is not spoken to in http unasked', async () => {
    const registry = await start()
    const error = await errorOf(repositoryOf(registry.host, { plainHttp: false }).resolve('v1'))
    expect(error).toMatchObject({ code: 'REGISTRY_UNREACHABLE', details: { reason: 'certificate' } })
    expect(error.hint).toContain('--plain-http')
    expect(registry.requests).toEqual([])
  })

  it('has a name that nobody knows', async () => {
    const error = await errorOf(repositoryOf('registry.invalid').resolve('v1'))
    expect(error).toMatchObject({ code: 'REGISTRY_UNREACHABLE', details: { reason: 'DNS' } })
  })
})

describe('a registry that wants credentials', () => {
  it.each(['basic', 'bearer'] as const)('refuses wrong ones (%s) at once, and says how to log in', async (auth) => {
    const { source, run } = await setUp({ auth }, {}, { credentials: knows('me', 'wrong') })
    const error = await errorOf(run())
    expect(error).toMatchObject({ code: 'REGISTRY_DENIED', details: { side: 'source' } })
    expect(error.hint).toContain(`chartferry login ${source.host}`)
    expect(source.requests.length).toBeLessThanOrEqual(4)
    expect(error.message).not.toContain('wrong')
  })

  it('gives anonymous users a token to pull', async () => {
    const { target, run } = await setUp({ auth: 'bearer', anonymousPull: true })
    await run()
    expect(target.repositories.get('app')?.tags.has('v1')).toBe(true)
  })

  it('ends its token in the middle of a long upload: the blob is sent again with another', async () => {
    const { target, run } = await setUp({}, { auth: 'bearer' }, { credentials: knows('me', 'secret') })
    let isCut = false
    target.intercept = async (request, response) => {
      if (request.method !== 'PUT' || request.url?.includes('/blobs/') !== true || isCut) return false
      isCut = true
      await request.resume().toArray()
      response.writeHead(401, { 'www-authenticate': `Bearer realm="http://${target.host}/token"` }).end()
      return true
    }
    await run()
    expect(isCut).toBe(true)
    expect(target.repositories.get('app')?.tags.has('v1')).toBe(true)
  })

  it('sends the password to no token service of another domain', async () => {
    const stolen: unknown[] = []
    const thief = createServer((request, response) => {
      stolen.push(request.headers.authorization)
      response.end('{"token":"x"}')
    })
    await new Promise<void>((done) => thief.listen(0, '127.0.0.2', done))
    closeLater(() => new Promise((done) => thief.close(() => done(undefined)).closeAllConnections()))
    const registry = await start()
    registry.intercept = (_request, response) => {
      response
        .writeHead(401, {
          'www-authenticate': `Bearer realm="http://127.0.0.2:${(thief.address() as AddressInfo).port}/token"`,
        })
        .end()
      return true
    }
    const error = await errorOf(repositoryOf(registry.host, { credentials: knows('me', 'secret') }).resolve('v1'))
    expect(error).toMatchObject({ code: 'REGISTRY_DENIED' })
    expect(error.hint).toContain('--trust-realm 127.0.0.2')
    expect(stolen).toEqual([])
  })

  it('sends the password to no host that a blob is redirected to', async () => {
    const seen: unknown[] = []
    const storage = createServer((request, response) => {
      seen.push(request.headers.authorization)
      response.end(layer)
    })
    await new Promise<void>((done) => storage.listen(0, '127.0.0.1', done))
    closeLater(() => new Promise((done) => storage.close(() => done(undefined)).closeAllConnections()))
    const { source, target, run } = await setUp({ auth: 'basic' }, {}, { credentials: knows('me', 'secret') })
    source.intercept = (request, response) => {
      if (request.url?.includes(digestHex(digestOf(layer))) !== true || request.method !== 'GET') return false
      response.writeHead(307, { location: `http://127.0.0.1:${(storage.address() as AddressInfo).port}/blob` }).end()
      return true
    }
    await run()
    expect(seen).toEqual([undefined])
    expect(target.repositories.get('app')?.blobs.has(digestOf(layer))).toBe(true)
  })
})

describe('a registry with too many callers', () => {
  it('is given the pause that it asks for, by all requests', async () => {
    const { source, target, run } = await setUp()
    let first: number | undefined
    const later: number[] = []
    source.intercept = (request, response) => {
      if (request.url === '/v2/') return false
      if (first !== undefined) {
        later.push(performance.now() - first)
        return false
      }
      first = performance.now()
      response.writeHead(429, { 'retry-after': '1' }).end()
      return true
    }
    await run()
    expect(Math.min(...later)).toBeGreaterThan(950)
    expect(target.repositories.get('app')?.tags.has('v1')).toBe(true)
  })

  it('ends the run when the pause is too long, and says how long it is', async () => {
    const { source, run } = await setUp()
    source.intercept = (request, response) => {
      if (request.url === '/v2/') return false
      response.writeHead(429, { 'retry-after': '86400' }).end()
      return true
    }
    expect(await errorOf(run())).toMatchObject({ code: 'RATE_LIMITED', details: { side: 'source', seconds: 86400 } })
  })

  it('says how many pulls it lets pass', async () => {
    const registry = await start()
    registry.intercept = (_request, response) => {
      response.setHeader('ratelimit-limit', '100;w=21600').setHeader('ratelimit-remaining', '76;w=21600')
      return false
    }
    const quotas: unknown[] = []
    await errorOf(repositoryOf(registry.host, { onQuota: (quota) => quotas.push(quota) }).resolve('v1'))
    expect(quotas[0]).toEqual({ host: registry.host, remaining: 76, limit: 100, seconds: 21600 })
  })
})

describe('a registry that lies', () => {
  it('has wrong bytes under the digest of a blob: once, and no tag appears', async () => {
    const { source, target, run } = await setUp()
    source.blobs.set(digestOf(layer), noise('other', layer.length))
    expect(await errorOf(run())).toMatchObject({ code: 'DIGEST_MISMATCH', details: { side: 'source' } })
    expect(source.count(new RegExp(`GET .*${digestHex(digestOf(layer))}`))).toBe(1)
    expect(target.repositories.get('app')?.tags.size).toBe(0)
  })

  it.each([
    ['more', layer.length + 1],
    ['fewer', layer.length - 1],
  ])('announces %s bytes than the manifest promises', async (_name, length) => {
    const { source, run } = await setUp()
    source.intercept = (request, response) => {
      if (request.method !== 'GET' || request.url?.includes(digestHex(digestOf(layer))) !== true) return false
      response.writeHead(200, { 'content-length': length }).end(noise('x', length))
      return true
    }
    expect(await errorOf(run())).toMatchObject({ code: 'REGISTRY_INVALID', details: { side: 'source' } })
  })

  it('sends more bytes than it promised, without a length', async () => {
    const { source, run } = await setUp()
    source.intercept = (request, response) => {
      if (request.method !== 'GET' || request.url?.includes(digestHex(digestOf(layer))) !== true) return false
      response.writeHead(200)
      response.write(layer)
      response.end('and more')
      return true
    }
    expect(await errorOf(run())).toMatchObject({ code: 'DIGEST_MISMATCH', details: { side: 'source' } })
  })

  it('has another manifest under a digest', async () => {
    const registry = await start()
    const place = repositoryOf(registry.host)
    const image = await pushImage(place, { layers: [layer], tag: 'v1' })
    const other = await pushImage(place, { layers: [layer, layer] })
    const { manifests } = registry.repositories.get('app') ?? {}
    const bytes = manifests?.get(other.digest)
    if (bytes) manifests?.set(image.digest, bytes)
    expect(await errorOf(readManifest(place, image))).toMatchObject({ code: 'REGISTRY_INVALID' })
    expect(await errorOf(readManifest(place, { ...image, size: other.size }))).toMatchObject({
      code: 'DIGEST_MISMATCH',
    })
  })

  it('has an index that names itself: its digest cannot be right', async () => {
    const { source, run } = await setUp()
    const index = await pushIndex(repositoryOf(source.host), [], 'v1')
    const circle = Buffer.from(
      JSON.stringify({ schemaVersion: 2, mediaType: mediaTypes.index, manifests: [index] }).padEnd(index.size),
    )
    source.repositories.get('app')?.manifests.set(index.digest, { type: mediaTypes.index, bytes: circle })
    expect(await errorOf(run())).toMatchObject({ details: { side: 'source' } })
  })

  it('lists referrers in a circle: each is copied once', async () => {
    const { source, target, run } = await setUp({ referrersApi: false })
    const place = repositoryOf(source.host)
    const image = await place.resolve('v1')
    const other = await pushImage(place, { layers: [], artifactType: 'application/x', tag: 'x' })
    await place.attach(image, [other])
    await place.attach(other, [image])
    await run()
    expect(target.repositories.get('app')?.manifests.has(other.digest)).toBe(true)
  })

  it('leads from page to page for ever, or away', async () => {
    const registry = await start()
    const place = repositoryOf(registry.host, { credentials: knows('me', 'secret') })
    await pushImage(place, { layers: [], tag: 'v1' })
    const listTags = async (): Promise<string[]> => {
      const tags: string[] = []
      for await (const tag of place.tags()) tags.push(tag)
      return tags
    }
    let link = '</v2/app/tags/list?n=1000>; rel="next"'
    registry.intercept = (request, response) => {
      if (request.url?.includes('/tags/') === true) response.setHeader('link', link)
      return false
    }
    expect(await listTags()).toEqual(['v1'])
    link = '<https://elsewhere.example/v2/app/tags/list>; rel="next"'
    expect(await errorOf(listTags())).toMatchObject({ code: 'REGISTRY_INVALID' })
  })
})

describe('content beyond the limits', () => {
  it('is a manifest of more than 4 MiB', async () => {
    const registry = await start()
    const place = repositoryOf(registry.host)
    await pushImage(place, { layers: [], tag: 'v1' })
    const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, layers: [], padding: 'x'.repeat(5 << 20) }))
    registry.repositories.get('app')?.manifests.set(digestOf(bytes), { type: mediaTypes.manifest, bytes })
    registry.repositories.get('app')?.tags.set('v1', digestOf(bytes))
    const descriptor = await place.resolve('v1')
    expect(await errorOf(readManifest(place, descriptor))).toMatchObject({ code: 'MANIFEST_TOO_LARGE' })
  })

  it('is an index deeper than eight', async () => {
    const { source, run } = await setUp()
    const place = repositoryOf(source.host)
    let inner = await pushImage(place, { layers: [] })
    for (let depth = 0; depth < 9; depth++) inner = await pushIndex(place, [inner], 'v1')
    expect(await errorOf(run())).toMatchObject({ code: 'DEPTH_EXCEEDED' })
  })

  it('is an image with ten thousand referrers: all come along, or the limit is named', async () => {
    const { source, target, run } = await setUp()
    const place = repositoryOf(source.host)
    const image = await place.resolve('v1')
    const repository = source.repositories.get('app')
    const config = (await readManifest(place, image)).manifest.config
    for (let number = 0; number < 1000; number++) {
      const bytes = Buffer.from(
        JSON.stringify({
          schemaVersion: 2,
          mediaType: mediaTypes.manifest,
          config,
          layers: [],
          subject: image,
          annotations: { number: String(number) },
        }),
      )
      repository?.manifests.set(digestOf(bytes), { type: mediaTypes.manifest, bytes })
    }
    const { images } = await run()
    expect(images[0]?.referrers).toBe(1000)
    expect(target.repositories.get('app')?.manifests.size).toBe(1001)
    const limited = repositoryOf(source.host, { limits: { ...defaultLimits, referrers: 999 } })
    const item = { source: limited, from: 'v1', sink: repositoryOf(target.host), tag: 'v1' }
    expect(await errorOf(copyImages([item]))).toMatchObject({ code: 'TOO_MANY_REFERRERS' })
  }, 30_000)

  it('is an image of Docker schema 1, refused with words', async () => {
    const { source, run } = await setUp()
    const bytes = Buffer.from('{"schemaVersion":1,"fsLayers":[]}')
    source.repositories
      .get('app')
      ?.manifests.set(digestOf(bytes), { type: 'application/vnd.docker.distribution.manifest.v1+prettyjws', bytes })
    source.repositories.get('app')?.tags.set('v1', digestOf(bytes))
    const error = await errorOf(run())
    expect(error).toMatchObject({ code: 'MANIFEST_INVALID' })
    expect(error.message).toContain('schema 1')
  })
})

describe('a connection that is cut', () => {
  const stages: readonly (readonly [string, 'source' | 'target', RegExp])[] = [
    ['while a manifest is asked for', 'source', /^GET .*\/manifests\//],
    ['before a blob comes', 'source', /^GET .*\/blobs\//],
    ['while it is proved that one may push', 'target', /^POST .*\/blobs\/uploads\//],
    ['while a blob is sent', 'target', /^PUT .*\/blobs\/uploads\//],
    ['while a manifest is sent', 'target', /^PUT .*\/manifests\//],
  ]
  it.each(stages)('%s: is mended, or the next run is', async (_name, side, pattern) => {
    const { source, target, run } = await setUp()
    let isCut = false
    const registry = side === 'source' ? source : target
    registry.intercept = (request, response) => {
      if (isCut || !pattern.test(`${request.method} ${request.url}`)) return false
      isCut = true
      response.socket?.destroy()
      return true
    }
    const error = await run().then(
      () => undefined,
      (thrown: unknown) => thrown,
    )
    if (error !== undefined) {
      expect(error).toMatchObject({ code: 'REGISTRY_UNREACHABLE', details: { side } })
      await run()
    }
    expect(isCut).toBe(true)
    expect(target.repositories.get('app')?.tags.get('v1')).toBe(source.repositories.get('app')?.tags.get('v1'))
  })

  it('in the middle of a blob: goes on by Range within one upload', async () => {
    const { source, target, run } = await setUp()
    let isCut = false
    source.intercept = (request, response) => {
      if (isCut || request.method !== 'GET' || request.url?.includes(digestHex(digestOf(layer))) !== true) return false
      isCut = true
      response
        .writeHead(200, { 'content-length': layer.length })
        .write(layer.subarray(0, 120_000), () => response.socket?.destroySoon())
      return true
    }
    await run()
    expect(source.requests.some(({ headers }) => /^bytes=\d+-$/.test(headers.range ?? ''))).toBe(true)
    expect(target.count(new RegExp(`PUT .*${encodeURIComponent(digestOf(layer))}`))).toBe(1)
    expect(target.repositories.get('app')?.blobs.has(digestOf(layer))).toBe(true)
  })
})

describe('a proxy before a registry', () => {
  it('takes small bodies alone: the blob goes up in pieces', async () => {
    const source = await start()
    const target = await start({ maxBody: 34 << 20 })
    const huge = noise('huge', 40 << 20)
    await pushImage(repositoryOf(source.host), { layers: [huge], tag: 'v1' })
    await copyImages([{ source: repositoryOf(source.host), from: 'v1', sink: repositoryOf(target.host), tag: 'v1' }])
    expect(target.count(/^PATCH/)).toBe(2)
    expect(target.repositories.get('app')?.blobs.has(digestOf(huge))).toBe(true)
  }, 30_000)
})
