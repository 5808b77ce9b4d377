import { digestOf } from '@chartferry/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Answer, startServer, type TestServer } from '../../../../test/kit/server.ts'
import { startUpstream, type TestUpstream } from '../../../../test/kit/upstream.ts'

let upstream: TestUpstream
let server: TestServer
let archive: Uint8Array
const provenance = '-----BEGIN PGP SIGNED MESSAGE-----\n'

beforeEach(async () => {
  upstream = await startUpstream()
  archive = await upstream.add({ name: 'web', metadata: { description: 'A page', home: 'https://example.com' } })
  await upstream.add({ name: 'web', version: '1.1.0+build.2' }, { provenance })
  await upstream.add({ name: 'Upper' })
  server = await startServer({
    repositories: {
      local: { kind: 'hosted' },
      up: { url: upstream.url, filter: { deny: ['secret-*'] } },
      all: { kind: 'group', members: ['local', 'up'] },
    },
  })
})
afterEach(async () => {
  await server.close()
  await upstream.close()
})

interface Manifest {
  readonly config: { readonly digest: string; readonly mediaType: string }
  readonly layers: readonly { readonly digest: string; readonly mediaType: string; readonly size: number }[]
}

const manifestOf = async (name: string, reference: string): Promise<Manifest & { readonly digest: string }> => {
  const answer = await server.ask(`/v2/${name}/manifests/${reference}`)
  expect(answer.status).toBe(200)
  return { ...(answer.json() as Manifest), digest: answer.headers['docker-content-digest'] ?? '' }
}
const blob = (name: string, digest: string | undefined): Promise<Answer> => server.ask(`/v2/${name}/blobs/${digest}`)

describe('the charts of the server as a registry', () => {
  it('has a tag for each version, and says of which charts there are none', async () => {
    expect((await server.ask('/v2/up/web/tags/list')).json()).toEqual({
      name: 'up/web',
      tags: ['1.0.0', '1.1.0_build.2'],
    })
    for (const name of ['up/none', 'nowhere/web', 'up'])
      expect([name, (await server.ask(`/v2/${name}/tags/list`)).status]).toEqual([name, 404])
  })

  it('makes a manifest as helm push does: the same one each time, after a restart too', async () => {
    const { digest, config, layers } = await manifestOf('up/web', '1.0.0')
    expect(layers).toEqual([
      {
        mediaType: 'application/vnd.cncf.helm.chart.content.v1.tar+gzip',
        digest: digestOf(archive),
        size: archive.length,
      },
    ])
    expect(config.mediaType).toBe('application/vnd.cncf.helm.config.v1+json')
    expect((await blob('up/web', config.digest)).json()).toEqual({
      name: 'web',
      home: 'https://example.com',
      version: '1.0.0',
      description: 'A page',
      apiVersion: 'v2',
    })
    expect((await blob('up/web', layers[0]?.digest)).body.equals(archive)).toBe(true)
    upstream.forget()
    expect((await manifestOf('up/web', digest)).digest).toBe(digest)
    expect((await manifestOf('up/web', '1.0.0')).digest).toBe(digest)
    expect(upstream.count('charts/web-1.0.0.tgz')).toBe(0)

    const { data } = server
    const again = await startServer({ repositories: { up: upstream.url }, data })
    await upstream.stop()
    try {
      expect((await again.ask(`/v2/up/web/manifests/${digest}`)).status).toBe(200)
      expect((await again.ask(`/v2/up/web/blobs/${config.digest}`)).status).toBe(200)
      expect((await again.ask('/v2/up/web/manifests/1.0.0')).headers['docker-content-digest']).toBe(digest)
    } finally {
      await again.close()
    }
  })

  it('has the provenance as a layer, and goes without where nobody can be asked for it', async () => {
    const { layers } = await manifestOf('up/web', '1.1.0_build.2')
    expect(layers.map(({ mediaType }) => mediaType)).toEqual([
      'application/vnd.cncf.helm.chart.content.v1.tar+gzip',
      'application/vnd.cncf.helm.chart.provenance.v1.prov',
    ])
    expect((await blob('up/web', layers[1]?.digest)).body.toString()).toBe(provenance)
    expect(
      (await server.ask(`/v2/up/web/blobs/${layers[1]?.digest}`, { headers: { range: 'bytes=5-9' } })).body,
    ).toEqual(Buffer.from(provenance.slice(5, 10)))
    upstream.fail(500, 'charts/web-1.0.0.tgz.prov')
    expect((await manifestOf('up/web', '1.0.0')).layers).toHaveLength(1)
  })

  it('gives a blob only under the chart that has it', async () => {
    const { layers } = await manifestOf('up/web', '1.0.0')
    expect((await blob('up/other', layers[0]?.digest)).status).toBe(404)
    expect((await blob('local/web', layers[0]?.digest)).status).toBe(404)
  })

  it('serves pushed charts, and those of a group', async () => {
    const pushed = await server.ask('/api/local/charts', { method: 'POST', body: archive })
    expect(pushed.status).toBe(201)
    const own = await manifestOf('local/web', '1.0.0')
    expect((await manifestOf('up/web', '1.0.0')).digest).toBe(own.digest)
    expect((await manifestOf('all/web', '1.0.0')).digest).toBe(own.digest)
    expect((await blob('all/web', own.layers[0]?.digest)).body.equals(archive)).toBe(true)
    expect((await server.ask('/v2/all/web/tags/list')).json()).toMatchObject({ tags: ['1.0.0', '1.1.0_build.2'] })
  })

  it('is no mirror for images', async () => {
    expect((await server.ask('/v2/up/web/manifests/1.0.0?ns=docker.io')).status).toBe(404)
  })

  it('hides what the filter hides, by digest too', async () => {
    await upstream.add({ name: 'secret-web' })
    const open = await startServer({ repositories: { up: upstream.url }, data: server.data })
    const found = await open.ask('/v2/up/secret-web/manifests/1.0.0')
    await open.close()
    expect(found.status).toBe(200)
    for (const reference of ['1.0.0', found.headers['docker-content-digest']])
      expect((await server.ask(`/v2/up/secret-web/manifests/${reference}`)).status).toBe(404)
    expect((await blob('up/secret-web', (found.json() as Manifest).layers[0]?.digest)).status).toBe(404)
  })

  it('tells an upstream that is down from a version that is not there', async () => {
    await server.ask('/v2/up/web/tags/list')
    await upstream.stop()
    expect((await server.ask('/v2/up/web/tags/list')).status).toBe(200)
    expect((await server.ask('/v2/up/web/manifests/9.9.9')).status).toBe(404)
    const unreachable = await server.ask('/v2/up/web/manifests/1.0.0')
    expect(unreachable.status).toBe(502)
    expect(unreachable.json()).toMatchObject({
      errors: [{ code: 'UNKNOWN', detail: { code: 'UPSTREAM_UNREACHABLE' } }],
    })
  })
})
