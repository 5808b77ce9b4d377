// Images pulled through a registry that is well, slow, down, and lying.
import { openRegistries } from '@chartferry/core/oci'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { layerOf, pushImage, pushSignedIndex } from '../../../../test/kit/images.ts'
import { startRegistry, type TestRegistry } from '../../../../test/kit/registry.ts'
import { type Answer, type AskOptions, startServer, type TestServer } from '../../../../test/kit/server.ts'

const registries = openRegistries({ plainHttp: true })
const big = layerOf('big', 3_000_000)
let upstream: TestRegistry
let server: TestServer
let digest: string
let layer: string

/** Starts a server that pulls through the upstream as `lab`. */
async function start(
  images: Readonly<Record<string, unknown>> = {},
  settings: Readonly<Record<string, unknown>> = {},
): Promise<TestServer> {
  const { registry = {}, ...more } = images as { registry?: object }
  return startServer({
    settings: {
      images: { registries: { lab: { host: upstream.host, plainHttp: true, ...registry } }, freshFor: '0s', ...more },
      patience: '30s',
      ...settings,
    },
  })
}

beforeEach(async () => {
  upstream = await startRegistry()
  const pushed = await pushImage(registries.repository(`${upstream.host}/team/web`), { layers: [big], tag: 'v1' })
  digest = pushed.digest
  layer =
    [...(upstream.repositories.get('team/web')?.blobs ?? [])].find(
      (each) => upstream.blobs.get(each)?.length === big.length,
    ) ?? ''
  upstream.forget()
  server = await start()
})
afterEach(async () => {
  await server.close()
  await upstream.close()
})

const get = (path: string, options?: AskOptions): Promise<Answer> => server.ask(`/v2/lab/team/web/${path}`, options)
const codeOf = (answer: Answer): string | undefined => (answer.json() as { errors: { code: string }[] }).errors[0]?.code
/** Clients have the last byte before the blob is safe. */
async function kept(blob: string): Promise<void> {
  for (let looks = 0; looks < 1000; looks++)
    if ((await get(`blobs/${blob}`, { method: 'HEAD' })).headers['x-cache'] === 'HIT') return
  throw new Error(`${blob} was not kept`)
}
const blobRequests = (): number => upstream.count(/^GET .*\/blobs\//)

/** Answers of the upstream that begin as they should and end after so many bytes. */
function cutBlobs(after: number, times: number): void {
  let left = times
  upstream.intercept = (request, response) => {
    if (request.method !== 'GET' || !request.url?.includes('/blobs/') || left === 0) return false
    left -= 1
    const from = Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0)
    const bytes = big.subarray(from)
    response.writeHead(from === 0 ? 200 : 206, {
      'content-length': bytes.length,
      ...(from === 0 ? {} : { 'content-range': `bytes ${from}-${big.length - 1}/${big.length}` }),
    })
    response.write(bytes.subarray(0, after), () => response.destroy())
    return true
  }
}

describe('an image that is pulled through', () => {
  it('is there whole, and is not fetched again', async () => {
    const manifest = await get('manifests/v1')
    expect([manifest.status, manifest.headers['x-cache'], manifest.headers['docker-content-digest']]).toEqual([
      200,
      'MISS',
      digest,
    ])
    const blob = await get(`blobs/${layer}`)
    expect([blob.status, blob.headers['x-cache'], blob.body.equals(big)]).toEqual([200, 'MISS', true])
    await kept(layer)
    upstream.forget()
    for (const path of [`manifests/${digest}`, `blobs/${layer}`])
      expect((await get(path)).headers['x-cache']).toBe('HIT')
    expect(upstream.requests).toEqual([])
    expect((await get('manifests/v1')).headers['x-cache']).toBe('REVALIDATED')
    // Asked by HEAD, which registries do not count as a pull.
    expect(upstream.requests.map(({ method }) => method)).toEqual(['HEAD'])
  })

  it('has the same head for HEAD, and fetches no blob for it', async () => {
    await get('manifests/v1')
    const head = await get(`blobs/${layer}`, { method: 'HEAD' })
    expect([head.status, head.headers['content-length'], head.body.length]).toEqual([200, String(big.length), 0])
    expect(blobRequests()).toBe(0)
  })

  it('is fetched once for twenty clients at once, each of whom gets all of it, or the part they want', async () => {
    await get('manifests/v1')
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, at) =>
        get(`blobs/${layer}`, at % 2 === 0 ? {} : { headers: { range: `bytes=${at * 1000}-` } }),
      ),
    )
    for (const [at, { body }] of answers.entries())
      expect(body.equals(big.subarray(at % 2 === 0 ? 0 : at * 1000))).toBe(true)
    expect(blobRequests()).toBe(1)
  })

  it('gives its first bytes while the last ones are not there', async () => {
    await get('manifests/v1')
    const rest = Promise.withResolvers<void>()
    upstream.intercept = async (request, response) => {
      if (request.method !== 'GET' || !request.url?.includes('/blobs/')) return false
      response.writeHead(200, { 'content-length': big.length })
      response.write(big.subarray(0, 1_000_000))
      await rest.promise
      response.end(big.subarray(1_000_000))
      return true
    }
    const answer = await fetch(`${server.url}/v2/lab/team/web/blobs/${layer}`)
    const reader = answer.body?.getReader()
    const first = await reader?.read()
    expect(first?.value?.length).toBeGreaterThan(0)
    // A client that leaves stops nobody.
    await reader?.cancel()
    const other = get(`blobs/${layer}`)
    rest.resolve()
    expect((await other).body.equals(big)).toBe(true)
    expect(blobRequests()).toBe(1)
  })

  it('goes on by range where the registry broke off', async () => {
    await get('manifests/v1')
    cutBlobs(1_000_000, 2)
    expect((await get(`blobs/${layer}`)).body.equals(big)).toBe(true)
    expect(upstream.requests.flatMap(({ headers }) => headers.range ?? [])).toHaveLength(2)
  })

  it('brings its signatures along, by the list of referrers', async () => {
    const signed = await pushSignedIndex(registries.repository(`${upstream.host}/team/web`), 'signed')
    const listed = (await get(`referrers/${signed.index.digest}`)).json() as { manifests: { digest: string }[] }
    expect(listed.manifests.length).toBeGreaterThan(0)
    for (const referrer of listed.manifests) expect((await get(`manifests/${referrer.digest}`)).status).toBe(200)
    await upstream.close()
    expect((await get(`referrers/${signed.index.digest}`)).json()).toEqual(listed)
  })
})

describe('a tag', () => {
  it('is served stale, and says so, while its registry is down or limits us', async () => {
    await get('manifests/v1')
    upstream.intercept = (_, response) => {
      response.writeHead(429, { 'retry-after': '60' }).end()
      return true
    }
    const limited = await get('manifests/v1')
    expect([limited.status, limited.headers['x-cache']]).toEqual([200, 'STALE'])
    await upstream.close()
    const down = await get('manifests/v1')
    expect([down.status, down.headers['x-cache']]).toEqual([200, 'STALE'])
    expect(server.log.filter(({ msg }) => msg === 'an older image is served')).toHaveLength(2)
    expect((await get('tags/list')).json()).toEqual({ name: 'lab/team/web', tags: ['v1'] })
  })

  it('is not asked for while it is fresh', async () => {
    await server.close()
    server = await start({ freshFor: '1h' })
    await get('manifests/v1')
    upstream.forget()
    expect((await get('manifests/v1')).headers['x-cache']).toBe('HIT')
    expect(upstream.requests).toEqual([])
  })

  it('follows its registry to another image, and is gone when it is gone there', async () => {
    await get('manifests/v1')
    const next = await pushImage(registries.repository(`${upstream.host}/team/web`), {
      layers: [layerOf('next', 10)],
      tag: 'v1',
    })
    expect((await get('manifests/v1')).headers).toMatchObject({
      'docker-content-digest': next.digest,
      'x-cache': 'MISS',
    })
    upstream.repositories.get('team/web')?.tags.delete('v1')
    expect((await get('manifests/v1')).status).toBe(404)
  })
})

describe('a registry that', () => {
  it.each([401, 403])('answers %i makes a pull fail, and is not well', async (status) => {
    upstream.intercept = (_, response) => {
      response.writeHead(status).end('{}')
      return true
    }
    const answer = await get('manifests/v1')
    expect([answer.status, codeOf(answer)]).toEqual([502, 'UNKNOWN'])
  })

  it.each([500, 502, 503])('answers %i makes a pull fail so that it is tried again', async (status) => {
    upstream.intercept = (_, response) => {
      response.writeHead(status, { 'retry-after': '0' }).end('{}')
      return true
    }
    const answer = await get('manifests/v1')
    expect(answer.status).toBeGreaterThanOrEqual(502)
    expect(answer.headers['retry-after']).toBeDefined()
  })

  it('sends other bytes for a manifest is not believed', async () => {
    upstream.intercept = (request, response) => {
      if (!request.url?.includes('/manifests/') || request.method !== 'GET') return false
      response
        .writeHead(200, { 'content-type': 'application/vnd.oci.image.manifest.v1+json' })
        .end('{"schemaVersion":2,"layers":[]}')
      return true
    }
    expect((await get('manifests/v1')).status).toBe(502)
    upstream.intercept = undefined
    expect((await get('manifests/v1')).headers['docker-content-digest']).toBe(digest)
  })

  it('sends other bytes for a blob gives nobody a whole answer, and nothing is kept', async () => {
    await get('manifests/v1')
    upstream.intercept = (request, response) => {
      if (request.method !== 'GET' || !request.url?.includes('/blobs/')) return false
      const wrong = Buffer.from(big)
      wrong[wrong.length - 1] = (wrong.at(-1) ?? 0) ^ 1
      response.writeHead(200, { 'content-length': wrong.length }).end(wrong)
      return true
    }
    await expect(get(`blobs/${layer}`)).rejects.toThrow()
    upstream.intercept = undefined
    const again = await get(`blobs/${layer}`)
    expect([again.headers['x-cache'], again.body.equals(big)]).toEqual(['MISS', true])
  })

  it.each([
    ['more bytes than it said', Buffer.concat([big, Buffer.from('more')])],
    ['fewer bytes than it said', big.subarray(0, -1)],
  ])('sends %s is not believed', async (_, body) => {
    await get('manifests/v1')
    upstream.intercept = (request, response) => {
      if (request.method !== 'GET' || !request.url?.includes('/blobs/')) return false
      response.writeHead(200, { 'content-length': body.length }).end(body)
      return true
    }
    expect((await get(`blobs/${layer}`)).status).toBe(502)
  })

  it('leads to an address in a private network is not followed there', async () => {
    await get('manifests/v1')
    upstream.intercept = (request, response) => {
      if (request.method !== 'GET' || !request.url?.includes('/blobs/')) return false
      response.writeHead(307, { location: 'http://169.254.169.254/latest/meta-data' }).end()
      return true
    }
    expect((await get(`blobs/${layer}`)).status).toBe(502)
  })

  it('leads from one address to the next is not followed for ever', async () => {
    await get('manifests/v1')
    upstream.intercept = (request, response) => {
      if (!request.url?.includes('/blobs/')) return false
      response.writeHead(307, { location: request.url }).end()
      return true
    }
    expect((await get(`blobs/${layer}`)).status).toBe(502)
  })

  it('wants credentials gets those that were configured, and never those of a client', async () => {
    await server.close()
    await upstream.close()
    upstream = await startRegistry({ auth: 'basic' })
    server = await start({ registry: { username: 'me', password: 'secret' } })
    const known = openRegistries({
      plainHttp: true,
      credentials: { credentialFor: async () => ({ kind: 'basic', username: 'me', password: 'secret' }) },
    })
    await pushImage(known.repository(`${upstream.host}/team/web`), { layers: [big], tag: 'v1' })
    await known.close()
    upstream.forget()
    const authorization = `Basic ${Buffer.from('node:of-the-node').toString('base64')}`
    expect((await get('manifests/v1', { headers: { authorization } })).status).toBe(200)
    expect(upstream.requests.some(({ headers }) => headers.authorization === authorization)).toBe(false)
  })
})

describe('what may be pulled', () => {
  it('is what `allow` and `deny` let through', async () => {
    await server.close()
    server = await start({ registry: { allow: ['team/*', 'open'], deny: ['team/secret*'] } })
    expect((await get('manifests/v1')).status).toBe(200)
    for (const path of ['team/secret-app', 'other/web']) {
      const answer = await server.ask(`/v2/lab/${path}/manifests/v1`)
      expect([answer.status, codeOf(answer)]).toEqual([403, 'DENIED'])
    }
  })

  it('is what the rules of a path allow to whom', async () => {
    await server.close()
    server = await start(
      { registry: { access: { pull: ['anyone'] }, paths: [{ match: ['team/*'], pull: ['ci'] }] } },
      { auth: { users: { ci: { password: 'the-password' } } } },
    )
    const authorization = `Basic ${Buffer.from('ci:the-password').toString('base64')}`
    expect((await get('manifests/v1')).status).toBe(403)
    expect((await get('manifests/v1', { headers: { authorization } })).status).toBe(200)
    expect((await server.ask('/v2/lab/other/manifests/v1')).status).toBe(404)
  })

  it('is not a blob of another repository, though its bytes are here', async () => {
    await get('manifests/v1')
    await get(`blobs/${layer}`)
    expect((await server.ask(`/v2/lab/team/other/blobs/${layer}`)).status).toBe(404)
  })

  it('is nothing below a registry that nobody configured, nor can anything be pushed or deleted', async () => {
    expect((await server.ask('/v2/quay.io/team/web/manifests/v1')).status).toBe(404)
    expect((await server.ask('/v2/team/web/manifests/v1?ns=quay.io')).status).toBe(404)
    for (const [method, path] of [
      ['PUT', 'manifests/v1'],
      ['POST', 'blobs/uploads/'],
      ['DELETE', 'manifests/v1'],
    ] as const)
      expect((await get(path, { method })).status).toBe(404)
  })
})

describe('a client of a mirror', () => {
  it('says by `ns` which registry it means', async () => {
    const answer = await server.ask(`/v2/team/web/manifests/v1?ns=${encodeURIComponent(upstream.host)}`)
    expect([answer.status, answer.headers['docker-content-digest']]).toEqual([200, digest])
    expect(
      (await server.ask(`/v2/team/web/blobs/${layer}?ns=${encodeURIComponent(upstream.host)}`)).body.equals(big),
    ).toBe(true)
  })
})

describe('a prefetch', () => {
  it('fetches images with their platforms and what refers to them, and says what became of each', async () => {
    const signed = await pushSignedIndex(registries.repository(`${upstream.host}/team/signed`), 'v1')
    const images = [
      `${upstream.host}/team/signed:v1`,
      `${upstream.host}/team/web:v1`,
      'quay.io/team/web:v1',
      `${upstream.host}/team/none:v1`,
    ]
    const answer = await server.ask('/admin/prefetch', { method: 'POST', body: JSON.stringify({ images }) })
    const lines = answer.body
      .toString()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>)
    expect(lines).toMatchObject([
      { image: images[0], digest: signed.index.digest },
      { image: images[1], digest, fetched: 2 },
      { image: images[2], error: expect.stringContaining('quay.io is not pulled through') },
      { image: images[3], error: expect.stringContaining('there is no') },
    ])
    await upstream.close()
    for (const child of signed.children)
      expect((await server.ask(`/v2/lab/team/signed/manifests/${child.digest}`)).status).toBe(200)
    expect((await get(`blobs/${layer}`)).body.equals(big)).toBe(true)
  })

  it('of something that is no list of images is refused', async () => {
    for (const body of ['x', '{}', '{"images":[1]}'])
      expect((await server.ask('/admin/prefetch', { method: 'POST', body })).status).toBe(400)
  })
})

describe('room', () => {
  it('is made by what nobody asked for the longest time, and never by what is being pulled', async () => {
    await server.close()
    let time = Date.now()
    server = await startServer({
      now: () => time,
      settings: {
        images: { registries: { lab: { host: upstream.host, plainHttp: true } }, freshFor: '0s', space: '4MiB' },
      },
    })
    const second = await pushImage(registries.repository(`${upstream.host}/team/two`), {
      layers: [layerOf('two', 2_500_000)],
      tag: 'v1',
    })
    await get('manifests/v1')
    await get(`blobs/${layer}`)
    await kept(layer)
    time += 3 * 3_600_000
    await server.ask('/v2/lab/team/two/manifests/v1')
    const manifest = (await server.ask(`/v2/lab/team/two/manifests/${second.digest}`)).json() as {
      layers: { digest: string }[]
    }
    await server.ask(`/v2/lab/team/two/blobs/${manifest.layers[0]?.digest}`)
    await server.running.close()
    const bytes = (await server.files()).filter((path) => path.startsWith('images/pulled-bytes/'))
    expect(bytes.some((path) => path.endsWith(layer.slice('sha256:'.length)))).toBe(false)
    expect(bytes.some((path) => path.endsWith(manifest.layers[0]?.digest.slice('sha256:'.length) ?? 'x'))).toBe(true)
  })
})

it('counts by registry what was here and what was not', async () => {
  await get('manifests/v1')
  await get(`blobs/${layer}`)
  await kept(layer)
  await get(`blobs/${layer}`)
  const text = (await server.ask('/metrics')).body.toString()
  expect(text).toContain('chartferry_answers_total{repository="lab",kind="manifest",outcome="MISS"} 1')
  expect(text).toContain(`chartferry_image_bytes_total{registry="lab",outcome="HIT"} ${big.length}`)
  expect(text).toContain('chartferry_upstream_requests_total{repository="lab",kind="blob",outcome="OK"} 1')
})
