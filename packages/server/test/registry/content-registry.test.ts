import { openMemoryContent } from '@chartferry/core/oci'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { layerOf, pushImage, pushIndex, pushSignedIndex, type SignedIndex } from '../../../../test/kit/images.ts'
import { type Listening, listen } from '../../../../test/kit/listen.ts'
import { type Answer, type AskOptions, ask } from '../../../../test/kit/server.ts'
import { openApp } from '../../src/assemble/open-app.ts'
import { openMetrics } from '../../src/metrics/metrics.ts'
import { contentRegistry } from '../../src/registry/content-registry.ts'
import { servedRegistry } from '../../src/registry/served.ts'
import { registryRoutes } from '../../src/routes/registry.ts'

const content = openMemoryContent('place')
const layer = layerOf('ranges', 5000)
let listening: Listening
let signed: SignedIndex

beforeAll(async () => {
  signed = await pushSignedIndex(content, 'v1')
  await pushImage(content, { layers: [layer], tag: 'v10' })
  for (const tag of ['v2', 'a', 'Z']) await pushImage(content, { layers: [layer], tag })
  // An index that has more platforms than are there.
  await pushIndex(content, [...signed.children, { ...signed.index, digest: `sha256:${'0'.repeat(64)}` }], 'sparse')
  const registry = servedRegistry(
    contentRegistry((name, namespace) =>
      name === 'team/app' && (namespace ?? 'quay.io') === 'quay.io' ? content : undefined,
    ),
  )
  const handle = openApp({
    routes: registryRoutes(registry, '*repository'),
    guard: async () => {},
    audit: () => {},
    origins: [],
    isTrustedProxy: () => false,
    metrics: openMetrics(),
    log: pino({ level: 'silent' }),
    pseudonym: 'test',
  })
  listening = await listen(handle)
})
afterAll(() => listening.close())

const get = (path: string, options?: AskOptions): Promise<Answer> => ask(listening.url, path, options)
const codeOf = (answer: Answer): string | undefined => (answer.json() as { errors: { code: string }[] }).errors[0]?.code

describe('a registry over a place for content', () => {
  it('says that it is a registry', async () => {
    const { status, headers, body } = await get('/v2/')
    expect([status, headers['docker-distribution-api-version'], body.toString()]).toEqual([200, 'registry/2.0', '{}'])
  })

  it('gives manifests by tag and by digest, with their own type, and the same head for HEAD', async () => {
    for (const reference of ['v1', signed.index.digest]) {
      const found = await get(`/v2/team/app/manifests/${reference}`)
      const head = await get(`/v2/team/app/manifests/${reference}`, { method: 'HEAD' })
      for (const { headers, status } of [found, head]) {
        expect(status).toBe(200)
        expect(headers).toMatchObject({
          'content-type': 'application/vnd.oci.image.index.v1+json',
          'docker-content-digest': signed.index.digest,
          'content-length': String(signed.index.size),
          etag: `"${signed.index.digest}"`,
        })
      }
      expect(head.body).toHaveLength(0)
      const again = await get(`/v2/team/app/manifests/${reference}`, {
        headers: { 'if-none-match': `"${signed.index.digest}"` },
      })
      expect(again.status).toBe(304)
    }
    expect((await get(`/v2/team/app/manifests/${signed.children[2]?.digest}`)).headers['content-type']).toBe(
      'application/vnd.oci.image.manifest.v1+json',
    )
  })

  it('gives blobs by digest, whole and in parts, also those that only a referrer names', async () => {
    const manifest = (await get('/v2/team/app/manifests/v10')).json() as { layers: { digest: string }[] }
    const path = `/v2/team/app/blobs/${manifest.layers[0]?.digest}`
    const whole = await get(path)
    expect([whole.status, whole.body.equals(layer)]).toEqual([200, true])
    for (const [range, from, to] of [
      ['bytes=10-19', 10, 20],
      ['bytes=100-', 100, layer.length],
      ['bytes=-7', layer.length - 7, layer.length],
    ] as const) {
      const part = await get(path, { headers: { range } })
      expect(part.status).toBe(206)
      expect(part.headers['content-range']).toBe(`bytes ${from}-${to - 1}/${layer.length}`)
      expect(part.body.equals(layer.subarray(from, to))).toBe(true)
    }
    const beyond = await get(path, { headers: { range: 'bytes=999999-' } })
    expect([beyond.status, codeOf(beyond)]).toEqual([416, 'SIZE_INVALID'])
    const sbom = (await get(`/v2/team/app/manifests/${signed.sbom.digest}`)).json() as { layers: { digest: string }[] }
    expect((await get(`/v2/team/app/blobs/${sbom.layers[0]?.digest}`)).body.toString()).toBe('{"spdx":"v1"}')
  })

  it('lists tags in order, a page at a time', async () => {
    const tags = async (query: string): Promise<unknown[]> => {
      const answer = await get(`/v2/team/app/tags/list${query}`)
      return [...(answer.json() as { tags: string[] }).tags, answer.headers.link]
    }
    const signature = `${signed.index.digest.replace(':', '-')}.sig`
    expect(await tags('')).toEqual(['Z', 'a', signature, 'sparse', 'v1', 'v10', 'v2', undefined])
    expect(await tags('?n=2')).toEqual(['Z', 'a', '</v2/team/app/tags/list?n=2&last=a>; rel="next"'])
    expect(await tags('?n=5&last=a')).toEqual([signature, 'sparse', 'v1', 'v10', 'v2', undefined])
    expect(await tags('?n=0')).toEqual([undefined])
    expect(await tags('?n=many&last=v1')).toEqual(['v10', 'v2', undefined])
  })

  it('lists referrers, by type and by page, and an empty list for what it does not know', async () => {
    const path = `/v2/team/app/referrers/${signed.index.digest}`
    const answer = await get(path)
    expect(answer.headers['content-type']).toBe('application/vnd.oci.image.index.v1+json')
    expect((answer.json() as { manifests: unknown[] }).manifests).toEqual([
      expect.objectContaining({
        digest: signed.sbom.digest,
        artifactType: 'application/spdx+json',
        annotations: { of: 'v1' },
      }),
    ])
    const other = await get(`${path}?artifactType=application/other`)
    expect(other.headers['oci-filters-applied']).toBe('artifactType')
    expect((other.json() as { manifests: unknown[] }).manifests).toEqual([])
    const same = await get(`${path}?artifactType=${encodeURIComponent('application/spdx+json')}`)
    expect((same.json() as { manifests: unknown[] }).manifests).toHaveLength(1)
    const unknown = await get(`/v2/team/app/referrers/sha256:${'1'.repeat(64)}`)
    expect([unknown.status, (unknown.json() as { manifests: unknown[] }).manifests]).toEqual([200, []])
  })

  it('answers what is not there, and what may not be, in the form of registries', async () => {
    const nothing = `sha256:${'1'.repeat(64)}`
    for (const [method, path, status, code] of [
      ['GET', '/v2/team/app/manifests/none', 404, 'MANIFEST_UNKNOWN'],
      ['GET', '/v2/team/app/manifests/.INVALID', 404, 'MANIFEST_UNKNOWN'],
      ['GET', `/v2/team/app/manifests/${nothing}`, 404, 'MANIFEST_UNKNOWN'],
      ['GET', `/v2/team/app/blobs/${nothing}`, 404, 'BLOB_UNKNOWN'],
      ['GET', '/v2/team/app/blobs/latest', 404, 'BLOB_UNKNOWN'],
      ['GET', '/v2/other/tags/list', 404, 'NAME_UNKNOWN'],
      ['GET', '/v2/Team/app/tags/list', 400, 'NAME_INVALID'],
      ['GET', '/v2/team/app/referrers/none', 400, 'DIGEST_INVALID'],
      ['GET', '/v2/team/app/elsewhere/x', 404, 'NAME_UNKNOWN'],
      ['GET', '/v2/team/%2e%2e/manifests/v1', 404, 'NAME_UNKNOWN'],
      ['POST', '/v2/team/app/blobs/uploads', 405, 'UNSUPPORTED'],
      ['PUT', '/v2/team/app/manifests/v1', 405, 'UNSUPPORTED'],
      ['DELETE', `/v2/team/app/manifests/${signed.index.digest}`, 405, 'UNSUPPORTED'],
    ] as const) {
      const answer = await get(path, { method })
      expect([method, path, answer.status, codeOf(answer)]).toEqual([method, path, status, code])
      if (status === 405) expect(answer.headers.allow).toBe('GET, HEAD')
    }
  })

  it('stands in for the registry that a mirror’s client names, and for no other', async () => {
    expect((await get('/v2/team/app/manifests/v1?ns=quay.io')).status).toBe(200)
    expect((await get('/v2/team/app/manifests/v1?ns=docker.io')).status).toBe(404)
  })
})
