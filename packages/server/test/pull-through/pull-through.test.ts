import { createHash } from 'node:crypto'
import { digestOf } from '@chartferry/core'
import { parseIndexFile } from '@chartferry/core/helm'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { buildChart } from '../../../../test/kit/charts.ts'
import { ask, startServer, type TestServer, type TestServerOptions } from '../../../../test/kit/server.ts'
import { startUpstream, type TestUpstream } from '../../../../test/kit/upstream.ts'

let upstream: TestUpstream
let server: TestServer
const started: { close(): Promise<void> }[] = []

async function start(options: Partial<TestServerOptions> = {}): Promise<TestServer> {
  const made = await startServer({ repositories: { up: upstream.url }, ...options })
  started.push(made)
  return made
}

beforeEach(async () => {
  upstream = await startUpstream([{ name: 'web' }, { name: 'web', version: '1.1.0+b' }])
  server = await start()
})
afterEach(async () => {
  for (const one of started.splice(0)) await one.close()
  await upstream.close()
})

/** The path at which the proxy serves a version. */
async function pathOf(version: string, chart = 'web', at = server): Promise<string> {
  const index = parseIndexFile((await at.ask('/up/index.yaml')).body)
  const url = index.entries.get(chart)?.find((entry) => entry.version === version)?.urls[0]
  if (url === undefined) throw new Error(`no ${chart} ${version} in the index`)
  return `/up/${url}`
}

const archives = 'pulled/'
const kept = async (at = server): Promise<string[]> =>
  (await at.files()).filter((file) => file.startsWith(archives) || file.includes('/files/'))

describe('the index of a proxied repository', () => {
  it('is the upstream’s with our URLs, digests first', async () => {
    const bytes = upstream.files.get('charts/web-1.1.0+b.tgz') ?? Buffer.alloc(0)
    const index = parseIndexFile((await server.ask('/up/index.yaml')).body)
    expect(index.entries.get('web')?.map(({ version }) => version)).toEqual(['1.1.0+b', '1.0.0'])
    expect(index.entries.get('web')?.[0]).toMatchObject({
      digest: digestOf(bytes),
      urls: [`charts/${digestOf(bytes).slice(7, 19)}/web-1.1.0+b.tgz`],
    })
  })

  it('is asked for with validators, and confirmed without being sent again', async () => {
    const first = await server.ask('/up/index.yaml')
    const second = await server.ask('/up/index.yaml')
    expect([first.headers['x-cache'], second.headers['x-cache']]).toEqual(['MISS', 'REVALIDATED'])
    expect(upstream.requests[1]?.headers['if-none-match']).toMatch(/^"/)
    expect(second.headers.etag).toBe(first.headers.etag)
    expect(second.body.equals(first.body)).toBe(true)
  })

  it('is not asked for while it is fresh', async () => {
    const fresh = await start({ settings: { freshFor: '1h' } })
    await fresh.ask('/up/index.yaml')
    const second = await fresh.ask('/up/index.yaml')
    expect(second.headers['x-cache']).toBe('HIT')
    expect(upstream.count('index.yaml')).toBe(1)
  })

  it('follows the upstream, with or without validators', async () => {
    for (const validators of [true, false]) {
      upstream.validators = validators
      const before = await server.ask('/up/index.yaml')
      expect((await server.ask('/up/index.yaml')).headers.etag).toBe(before.headers.etag)
      await upstream.add({ name: `added-${validators}` })
      const after = await server.ask('/up/index.yaml')
      expect(after.headers.etag).not.toBe(before.headers.etag)
      expect(parseIndexFile(after.body).entries.has(`added-${validators}`)).toBe(true)
      expect((await server.files()).filter((file) => file.startsWith('proxy/up/index/'))).toHaveLength(1)
    }
  })

  it('is served stale when the upstream fails, of any age, also after a restart', async () => {
    const before = await server.ask('/up/index.yaml')
    for (const fail of [async () => upstream.fail(500), async () => upstream.fail(403), () => upstream.stop()]) {
      await fail()
      const during = await server.ask('/up/index.yaml')
      expect([during.status, during.headers['x-cache']]).toEqual([200, 'STALE'])
      expect(during.body.equals(before.body)).toBe(true)
      upstream.fail(undefined)
    }
    const later = await start({ data: server.data, now: () => Date.now() + 365 * 86_400_000 })
    const answer = await later.ask('/up/index.yaml')
    expect([answer.status, answer.headers['x-cache']]).toEqual([200, 'STALE'])
    expect(Number(answer.headers.age)).toBeGreaterThan(364 * 86_400)
    await upstream.start()
    expect((await later.ask('/up/index.yaml')).headers['x-cache']).toBe('REVALIDATED')
  })

  it('is served stale after a moment when the upstream does not answer', async () => {
    const impatient = await start({ settings: { patience: '10ms' } })
    await impatient.ask('/up/index.yaml')
    const release = upstream.hold()
    const answers = await Promise.all([1, 2, 3].map(() => impatient.ask('/up/index.yaml')))
    expect(answers.map(({ headers }) => headers['x-cache'])).toEqual(['STALE', 'STALE', 'STALE'])
    release()
  })

  it('is not replaced by one that is none', async () => {
    const before = await server.ask('/up/index.yaml')
    upstream.setIndex('<html>maintenance</html>')
    const during = await server.ask('/up/index.yaml')
    expect([during.status, during.headers['x-cache']]).toEqual([200, 'STALE'])
    expect(during.body.equals(before.body)).toBe(true)
    expect(server.log.find(({ msg }) => String(msg).includes('upstream failed'))).toMatchObject({ repository: 'up' })
  })

  it('is fetched once for 200 clients', async () => {
    const fresh = await start({ settings: { freshFor: '1h' } })
    const answers = await Promise.all(Array.from({ length: 200 }, () => fresh.ask('/up/index.yaml')))
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
    expect(upstream.count('index.yaml')).toBe(1)
  })

  const bomb = Array.from(
    { length: 30 },
    (_, level) =>
      `x${level}: &x${level} [${Array<string>(9)
        .fill(level === 0 ? 'lol' : `*x${level - 1}`)
        .join()}]`,
  )
  it.each([
    ['a page of HTML', '<!DOCTYPE html>', 'INDEX_INVALID'],
    ['an empty mapping', '{}', 'INDEX_INVALID'],
    ['nothing', '', 'INDEX_INVALID'],
    ['no apiVersion', 'entries: {}', 'INDEX_INVALID'],
    [
      'an alias bomb',
      `${bomb.join('\n')}\napiVersion: v1\nentries: {web: [{name: web, version: 1.0.0, x: *x29}]}`,
      'YAML_TOO_COMPLEX',
    ],
    [
      '300,000 versions',
      `{"apiVersion":"v1","entries":{"web":[${'{"name":"web","version":"1.0.0"},'.repeat(300_000)}{}]}}`,
      'INDEX_TOO_LARGE',
    ],
  ])('that is %s is refused, and nothing is kept of it', async (_title, text, code) => {
    upstream.setIndex(text)
    const answer = await server.ask('/up/index.yaml')
    expect(answer.json()).toMatchObject({ code })
    expect(answer.status).toBe(502)
    expect(await server.files()).toEqual([])
  })

  // As long as the machine takes: what is promised is the answer.
  it('of 200,000 versions is served', { timeout: 600_000 }, async () => {
    const versions = Array.from({ length: 200_000 }, (_, patch) => `{"name":"web","version":"1.0.${patch}"}`)
    upstream.setIndex(`{"apiVersion":"v1","entries":{"web":[${versions.join()}]}}`)
    const answer = await server.ask('/up/index.yaml')
    expect(parseIndexFile(answer.body).entries.get('web')).toHaveLength(200_000)
  })

  it('leaves out names and versions that are dangerous, and serves the rest', async () => {
    upstream.setIndex(
      '{"apiVersion":"v1","entries":{"../x":[{"name":"x","version":"1.0.0"}],"web":[{"name":"../web","version":"1.0.0"},{"name":"web","version":"../1.0.0"},{"name":"web","version":"1.0.0"}],"__proto__":[{"name":"p","version":"1.0.0","__proto__":{"polluted":1}}]}}',
    )
    const index = parseIndexFile((await server.ask('/up/index.yaml')).body)
    expect([...index.entries].map(([chart, versions]) => [chart, versions.length])).toEqual([
      ['web', 1],
      ['__proto__', 1],
    ])
    expect(server.log.find(({ msg }) => msg === 'index entries skipped')).toMatchObject({ count: 3 })
  })
})

describe('an archive of a proxied repository', () => {
  it('is fetched once, checked, and served from here', async () => {
    const bytes = upstream.files.get('charts/web-1.0.0.tgz') ?? Buffer.alloc(0)
    const path = await pathOf('1.0.0')
    for (const cache of ['MISS', 'HIT', 'HIT']) {
      const answer = await server.ask(path)
      expect(answer.headers).toMatchObject({
        'x-cache': cache,
        'content-type': 'application/gzip',
        'content-length': String(bytes.length),
        etag: `"${digestOf(bytes).slice(7)}"`,
        'cache-control': 'public, max-age=31536000, immutable',
      })
      expect(answer.headers).not.toHaveProperty('content-encoding')
      expect(answer.body.equals(bytes)).toBe(true)
    }
    expect(upstream.count('charts/web-1.0.0.tgz')).toBe(1)
  })

  it.each(['0B', '1MiB'])(
    'is sent whole and in parts, with %s of memory, also when it is large',
    async (archiveMemory) => {
      const noise = createHash('shake256', { outputLength: 400_000 }).update('noise').digest('base64')
      const big = await upstream.add({ name: 'big', files: { 'noise.txt': noise } })
      expect(big.length).toBeGreaterThan(256 * 1024)
      const own = await start({ settings: { archiveMemory } })
      for (const [chart, bytes] of [
        ['big', big],
        ['web', upstream.files.get('charts/web-1.0.0.tgz') ?? new Uint8Array()],
      ] as const) {
        const path = await pathOf('1.0.0', chart, own)
        for (const cache of ['MISS', 'HIT', 'HIT']) {
          const answer = await own.ask(path)
          expect([answer.headers['x-cache'], answer.body.equals(bytes)]).toEqual([cache, true])
          const part = await own.ask(path, { headers: { range: 'bytes=10-19' } })
          expect(part.body.equals(bytes.subarray(10, 20))).toBe(true)
        }
      }
    },
  )

  it('is fetched once for 200 clients', async () => {
    const path = await pathOf('1.1.0+b')
    const answers = await Promise.all(Array.from({ length: 200 }, () => server.ask(path)))
    const bytes = upstream.files.get('charts/web-1.1.0+b.tgz') ?? Buffer.alloc(0)
    expect(answers.every(({ status, body }) => status === 200 && body.equals(bytes))).toBe(true)
    expect(upstream.count('charts/web-1.1.0+b.tgz')).toBe(1)
  })

  it('is kept even when the client who asked has left', async () => {
    const path = await pathOf('1.0.0')
    const release = upstream.hold()
    const leaving = new AbortController()
    const left = fetch(server.url + path, { signal: leaving.signal }).catch(() => 'left')
    await until(() => upstream.count('charts/web-1.0.0.tgz') === 1)
    leaving.abort()
    expect(await left).toBe('left')
    const stayed = server.ask(path)
    release()
    expect((await stayed).status).toBe(200)
    expect(upstream.count('charts/web-1.0.0.tgz')).toBe(1)
  })

  it('is served when the upstream is gone and the server is new, while others are not', async () => {
    const [fetched, other] = [await pathOf('1.0.0'), await pathOf('1.1.0+b')]
    const bytes = (await server.ask(fetched)).body
    await upstream.stop()
    const later = await start({ data: server.data })
    expect((await later.ask(fetched)).body.equals(bytes)).toBe(true)
    const answer = await later.ask(other)
    expect(answer.status).toBe(502)
    expect(answer.json()).toMatchObject({ code: 'UPSTREAM_UNREACHABLE' })
    expect(answer.headers['cache-control']).toBe('no-store')
  })

  it('is served under its old path after the upstream has dropped it', async () => {
    const credulous = await start({ repositories: { up: { url: upstream.url, indexLoss: '100%' } } })
    const path = await pathOf('1.0.0', 'web', credulous)
    await credulous.ask(path)
    upstream.setIndex('apiVersion: v1\nentries: {}\n')
    expect(parseIndexFile((await credulous.ask('/up/index.yaml')).body).entries.size).toBe(0)
    expect((await credulous.ask(path)).status).toBe(200)
  })

  it('whose bytes were changed is refused, not kept, and fetched again when it is whole', async () => {
    const path = await pathOf('1.0.0')
    upstream.corrupt('charts/web-1.0.0.tgz')
    for (let attempt = 1; attempt <= 2; attempt++) {
      const answer = await server.ask(path)
      expect(answer.status).toBe(502)
      expect(answer.json()).toMatchObject({ code: 'DIGEST_MISMATCH' })
      expect(await kept()).toEqual([])
    }
    upstream.corrupt('charts/web-1.0.0.tgz')
    expect((await server.ask(path)).status).toBe(200)
  })

  it('that was released again makes the index be asked for at once, so that update and pull work', async () => {
    const patient = await start({ settings: { freshFor: '1h', retryAfter: '1h' } })
    const old = await pathOf('1.0.0', 'web', patient)
    upstream.setIndex('apiVersion: v1\nentries: {}\n')
    const again = await startUpstream()
    started.push(again)
    await again.add({ name: 'web', metadata: { description: 'Again' } })
    for (const [path, bytes] of again.files) upstream.files.set(path, bytes)
    upstream.forget()
    const answers = await Promise.all([1, 2, 3, 4].map(() => patient.ask(old)))
    for (const answer of answers) {
      expect(answer.json()).toMatchObject({
        code: 'DIGEST_MISMATCH',
        error: expect.stringContaining('chart web 1.0.0'),
      })
      expect(answer.json()).toMatchObject({ hint: expect.stringContaining('helm repo update') })
    }
    expect([upstream.count('index.yaml'), upstream.count('charts/web-1.0.0.tgz')]).toEqual([1, 1])
    const path = await pathOf('1.0.0', 'web', patient)
    expect(path).not.toBe(old)
    expect((await patient.ask(path)).status).toBe(200)
    expect((await patient.ask(old)).json()).toMatchObject({ code: 'CHART_NOT_FOUND' })
  })

  it.each([
    ['is as it was', () => {}],
    ['cannot be had', () => upstream.fail(500, 'index.yaml')],
    [
      'says the same in other words',
      () => {
        const text = Buffer.from(upstream.files.get('index.yaml') ?? []).toString()
        upstream.setIndex(`${text}\n# made again\n`)
      },
    ],
  ])(
    'that is wrong while the index %s is fetched once in a while, and refused by name meanwhile',
    async (_, change) => {
      const patient = await start({ settings: { freshFor: '10h', retryAfter: '1h' } })
      const path = await pathOf('1.0.0', 'web', patient)
      const other = await pathOf('1.1.0+b', 'web', patient)
      for (const file of ['charts/web-1.0.0.tgz', 'charts/web-1.1.0+b.tgz']) upstream.corrupt(file)
      change()
      upstream.forget()
      for (let attempt = 1; attempt <= 3; attempt++)
        expect((await patient.ask(path)).json()).toMatchObject({
          code: 'DIGEST_MISMATCH',
          error: expect.stringMatching(/^chart web 1\.0\.0: .*expected sha256:.* got sha256:/),
        })
      expect((await patient.ask(other)).status).toBe(502)
      expect(upstream.count('charts/web-1.0.0.tgz')).toBe(1)
      expect((await patient.ask('/up/index.yaml')).headers['x-cache']).toBe('HIT')
    },
  )

  it('that is cut off is refused, not kept, and fetched again when it is whole', async () => {
    const path = await pathOf('1.0.0')
    upstream.truncate('charts/web-1.0.0.tgz', 50)
    const answer = await server.ask(path)
    expect(answer.status).toBe(502)
    expect(answer.json()).toMatchObject({ code: 'UPSTREAM_UNREACHABLE' })
    expect(await kept()).toEqual([])
    upstream.truncate('charts/web-1.0.0.tgz', undefined)
    expect((await server.ask(path)).status).toBe(200)
  })

  it('that is larger than the limit is refused and not kept', async () => {
    const small = await start({ settings: { limits: { archiveBytes: 100 } } })
    const answer = await small.ask(await pathOf('1.0.0', 'web', small))
    expect(answer.json()).toMatchObject({ code: 'ARCHIVE_TOO_LARGE' })
    expect(await kept(small)).toEqual([])
  })

  it('without a digest is believed when it is gzip, and only then', async () => {
    const bytes = await upstream.add({ name: 'plain' }, { entry: { digest: undefined } })
    await upstream.add({ name: 'login' }, { entry: { digest: undefined }, bytes: Buffer.from('<html>log in</html>') })
    const plain = await pathOf('1.0.0', 'plain')
    expect(plain).toMatch(/^\/up\/charts\/url-[0-9a-f]{12}\/plain-1\.0\.0\.tgz$/)
    const answer = await server.ask(plain)
    expect(answer.body.equals(bytes)).toBe(true)
    expect(answer.headers['cache-control']).toBe('public, max-age=300')
    const refused = await server.ask(await pathOf('1.0.0', 'login'))
    expect(refused.json()).toMatchObject({ code: 'UPSTREAM_INVALID' })
    await upstream.stop()
    expect((await server.ask(plain)).body.equals(bytes)).toBe(true)
  })

  it('keeps the file name that the upstream gives it', async () => {
    const bytes = await upstream.add(
      { name: 'odd' },
      { path: 'files/odd v1 (final).tgz', entry: { urls: ['files/odd%20v1%20(final).tgz?raw=true'] } },
    )
    const path = await pathOf('1.0.0', 'odd')
    expect(path).toMatch(/\/odd%20v1%20\(final\)\.tgz$/)
    expect((await server.ask(path)).body.equals(bytes)).toBe(true)
  })

  it('on another host is fetched without our credentials', async () => {
    const releases = await startUpstream()
    started.push(releases)
    const bytes = await buildChart({ name: 'far' })
    releases.files.set('download/far-1.0.0.tgz', bytes)
    await upstream.add({ name: 'far' }, { bytes, entry: { urls: [`${releases.url}/download/far-1.0.0.tgz`] } })
    const private_ = await start({
      repositories: { up: { url: upstream.url, username: 'u', password: 'p', private: true } },
    })
    const path = await pathOf('1.0.0', 'far', private_)
    expect((await private_.ask(path)).body.equals(bytes)).toBe(true)
    expect(upstream.requests.at(-1)?.headers.authorization).toMatch(/^Basic /)
    expect(releases.requests[0]?.headers).not.toHaveProperty('authorization')
  })

  it('is fetched from the next URL when the first one fails', async () => {
    const bytes = await upstream.add(
      { name: 'mirrored' },
      { entry: { urls: ['gone/mirrored-1.0.0.tgz', 'charts/mirrored-1.0.0.tgz'] } },
    )
    expect((await server.ask(await pathOf('1.0.0', 'mirrored'))).body.equals(bytes)).toBe(true)
  })

  it('is fetched from the next URL when the first one sends other bytes, or half of them', async () => {
    const bytes = await buildChart({ name: 'mirrored' })
    const urls = ['wrong/mirrored-1.0.0.tgz', 'half/mirrored-1.0.0.tgz', 'charts/mirrored-1.0.0.tgz']
    await upstream.add({ name: 'mirrored' }, { bytes, entry: { urls } })
    upstream.files.set('wrong/mirrored-1.0.0.tgz', await buildChart({ name: 'mirrored', values: 'a: 1\n' }))
    upstream.files.set('half/mirrored-1.0.0.tgz', bytes)
    upstream.truncate('half/mirrored-1.0.0.tgz', 50)
    expect((await server.ask(await pathOf('1.0.0', 'mirrored'))).body.equals(bytes)).toBe(true)
    expect(urls.map((url) => upstream.count(url))).toEqual([1, 1, 1])
  })

  it('that the upstream does not have is not asked for again for a while', async () => {
    const patient = await start({ settings: { retryAfter: '1h' } })
    const path = await pathOf('1.0.0', 'web', patient)
    upstream.files.delete('charts/web-1.0.0.tgz')
    for (let attempt = 1; attempt <= 2; attempt++)
      expect((await patient.ask(path)).json()).toMatchObject({ code: 'CHART_NOT_FOUND' })
    expect(upstream.count('charts/web-1.0.0.tgz')).toBe(1)
  })

  it('that does not come to an end in time is given up', async () => {
    const hasty = await start({ settings: { fillTimeout: '300ms' } })
    const path = await pathOf('1.0.0', 'web', hasty)
    const release = upstream.hold()
    const answer = await hasty.ask(path)
    release()
    expect(answer.status).toBe(504)
    expect(answer.json()).toMatchObject({ code: 'UPSTREAM_TIMEOUT' })
    expect((await hasty.ask(path)).status).toBe(200)
  })

  it.each(['localhost', '127.0.0.1', '[::ffff:127.0.0.1]'])(
    'on %s is fetched only for a repository that is marked private',
    async (host) => {
      const other = await startUpstream()
      started.push(other)
      const url = `${other.url.replace('127.0.0.1', host)}/inner-1.0.0.tgz`
      const bytes = await upstream.add({ name: 'inner' }, { entry: { urls: [url] } })
      other.files.set('inner-1.0.0.tgz', bytes)
      const answer = await server.ask(await pathOf('1.0.0', 'inner'))
      expect(answer.json()).toMatchObject({ error: expect.stringContaining('address not allowed') })
      expect(other.requests).toEqual([])
      if (host.startsWith('[')) return
      const inside = await start({ repositories: { up: { url: upstream.url, private: true } } })
      expect((await inside.ask(await pathOf('1.0.0', 'inner', inside))).body.equals(bytes)).toBe(true)
    },
  )

  it('is not fetched from the machine’s own network', async () => {
    await upstream.add({ name: 'inner' }, { entry: { urls: ['http://169.254.169.254/latest/inner-1.0.0.tgz'] } })
    const answer = await server.ask(await pathOf('1.0.0', 'inner'))
    expect(answer.json()).toMatchObject({
      code: 'UPSTREAM_UNREACHABLE',
      error: expect.stringContaining('address not allowed'),
    })
  })

  it('that nobody has is not found', async () => {
    const answer = await server.ask('/up/charts/000000000000/web-1.0.0.tgz')
    expect(answer.status).toBe(404)
    expect(answer.json()).toMatchObject({ code: 'CHART_NOT_FOUND' })
  })
})

describe('a provenance file of a proxied repository', () => {
  const text = '-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\nname: signed\r\n...'

  it('is served byte for byte, and without the upstream', async () => {
    await upstream.add({ name: 'signed' }, { provenance: text })
    const path = `${await pathOf('1.0.0', 'signed')}.prov`
    expect((await server.ask(path)).body.toString()).toBe(text)
    await upstream.stop()
    const answer = await server.ask(path)
    expect(answer.body.toString()).toBe(text)
    expect(answer.headers).toMatchObject({ 'content-type': 'application/pgp-signature', 'x-cache': 'HIT' })
  })

  it('that is not there is not asked for again for a while', async () => {
    const patient = await start({ settings: { retryAfter: '1h' } })
    const path = `${await pathOf('1.0.0', 'web', patient)}.prov`
    for (let attempt = 1; attempt <= 2; attempt++) expect((await patient.ask(path)).status).toBe(404)
    expect(upstream.count('charts/web-1.0.0.tgz.prov')).toBe(1)
  })

  it('that is a page of HTML is refused', async () => {
    await upstream.add({ name: 'signed' }, { provenance: '<html></html>' })
    const answer = await server.ask(`${await pathOf('1.0.0', 'signed')}.prov`)
    expect(answer.json()).toMatchObject({ code: 'UPSTREAM_INVALID' })
    expect(await kept()).toEqual([])
  })

  it('is asked for before the query of the archive’s URL', async () => {
    await upstream.add(
      { name: 'signed' },
      { provenance: text, entry: { urls: [`${upstream.url}/charts/signed-1.0.0.tgz?raw=true`] } },
    )
    expect((await server.ask(`${await pathOf('1.0.0', 'signed')}.prov`)).body.toString()).toBe(text)
    expect(upstream.requests.at(-1)?.path).toBe('/charts/signed-1.0.0.tgz.prov?raw=true')
  })
})

describe('the list of repositories', () => {
  it('tells how each one is', async () => {
    const states = async (): Promise<string | undefined> => (await server.running.repositories())[0]?.state
    expect(await states()).toBe('not fetched yet')
    await upstream.stop()
    await server.ask('/up/index.yaml')
    expect(await states()).toBe('unreachable (refused) · will retry')
    await upstream.start()
    await server.ask('/up/index.yaml')
    expect(await states()).toBe('1 chart · checked just now')
    upstream.fail(401)
    await server.ask('/up/index.yaml')
    expect(await states()).toBe('1 chart · checked just now · refuses us (status 401) · will retry')
  })
})

/** Waits for something that another process of the event loop brings about. */
async function until(done: () => boolean): Promise<void> {
  while (!done()) await ask(server.url, '/healthz')
}
