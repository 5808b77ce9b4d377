// What has broken other servers and clients of chart repositories, tried on ours from outside. The names are those of the advisories.
import { randomBytes } from 'node:crypto'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect as connectTls } from 'node:tls'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { selfSigned } from '../kit/certificate.ts'
import { buildArchive, buildChart } from '../kit/charts.ts'
import { ask, startServer, type TestServer } from '../kit/server.ts'
import { startProcess } from '../kit/server-process.ts'
import { startUpstream, type TestUpstream } from '../kit/upstream.ts'

const digest = 'a'.repeat(64)
let upstream: TestUpstream
let server: TestServer

beforeEach(async () => {
  upstream = await startUpstream([{ name: 'web' }])
  server = await startServer({ repositories: { local: { kind: 'hosted' }, up: upstream.url } })
})
afterEach(async () => {
  await server.close()
  await upstream.close()
})

interface ServedIndex {
  readonly entries: Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>>
}

async function served(): Promise<ServedIndex> {
  const answer = await server.ask('/up/index.yaml')
  expect(answer.status).toBe(200)
  return answer.json() as ServedIndex
}

/** An index with one good chart, and these lines of its entries beside it. */
function indexWith(entries: string): string {
  return `apiVersion: v1\nentries:\n  web:\n  - {name: web, version: 1.0.0, urls: [web.tgz], digest: ${digest}}\n${entries}`
}

describe('an index of an upstream', () => {
  it.each(['../evil', '.', '..', 'a/b', 'a\\b', 'a\nb', '\u001b[2Jred', ''])(
    'CVE-2024-25620, CVE-2026-35206: names a chart %j, which nobody sees',
    async (name) => {
      const key = JSON.stringify(name)
      upstream.setIndex(indexWith(`  ${key}:\n  - {name: ${key}, version: 1.0.0, urls: [x.tgz], digest: ${digest}}\n`))
      expect(Object.keys((await served()).entries)).toEqual(['web'])
      expect((await server.files()).filter((file) => file.includes('evil'))).toEqual([])
    },
  )

  it('CVE-2024-26147, GHSA-53c4-hhmh-vw5q: has nothing where something should be', async () => {
    upstream.setIndex(
      indexWith(
        '  none:\n  empty: []\n  nulls: [null]\n  bare:\n  - {}\n  typed: {name: web}\n  odd:\n  - {name: odd, version: 1.0.0, urls: null, maintainers: [null], dependencies: [null], annotations: null}\n',
      ),
    )
    const { entries } = await served()
    expect(entries.web).toHaveLength(1)
    for (const chart of ['none', 'empty', 'nulls', 'bare', 'typed']) expect(entries[chart]).toBeUndefined()
    expect((await server.ask('/up/chart/odd')).status).toBeLessThan(500)
  })

  it('GHSA-c38g-469g-cmgx: has sequences that a terminal obeys, which reach no client and no log', async () => {
    const evil = '"\\u001b[2Jgone \\u0007\\u009b31m"'
    upstream.setIndex(
      indexWith(
        `  red:\n  - {name: red, version: 1.0.0, description: ${evil}, appVersion: ${evil}, urls: [r.tgz]}\n  ${evil}: []\n`,
      ),
    )
    const index = await server.ask('/up/index.yaml')
    const page = await server.ask('/up/chart/red')
    for (const text of [index.body.toString(), page.body.toString(), JSON.stringify(server.log)]) {
      expect(text.replaceAll('\n', '')).not.toMatch(/\p{Cc}|\\u00(1b|07|9b)/iu)
    }
    expect((index.json() as ServedIndex).entries.red?.[0]?.description).toContain('gone')
  })

  it('GHSA-jm56-5h66-w453: has a version twice: the first one counts', async () => {
    const again = `  twice:\n  - {name: twice, version: 1.0.0, urls: [first.tgz], digest: ${digest}}\n  - {name: twice, version: 1.0.0, urls: [second.tgz], digest: ${'b'.repeat(64)}}\n`
    upstream.setIndex(indexWith(again))
    expect((await served()).entries.twice?.map((entry) => entry.digest)).toEqual([digest])
    expect(server.log).toContainEqual(expect.objectContaining({ msg: 'index entries skipped', count: 1 }))
  })

  it('names a chart __proto__, which has no power over others', async () => {
    upstream.setIndex(
      indexWith(`  __proto__:\n  - {name: __proto__, version: 1.10.0, urls: [p.tgz], digest: ${digest}}\n`),
    )
    const [entry] = Object.getOwnPropertyDescriptor((await served()).entries, '__proto__')?.value ?? []
    expect(entry).toMatchObject({ name: '__proto__', version: '1.10.0' })
    expect(({} as Record<string, unknown>).version).toBeUndefined()
    expect((await server.ask('/up/chart/__proto__')).status).toBe(200)
  })

  it('has an alias bomb in an entry, which does not go off', async () => {
    const levels = 'bcdefgh'.split('').map((name, at) => `&${name} [${`*${'abcdefg'[at]},`.repeat(9)}]`)
    const bomb = `{k: [&a [x,x,x,x,x,x,x,x,x],${levels.join(',')}]}`
    upstream.setIndex(
      indexWith(
        `  bomb:\n  - {name: bomb, version: 1.0.0, urls: [b.tgz], more: ${bomb}, annotations: ${bomb.replaceAll('&', '&z').replaceAll('*', '*z')}}\n`,
      ),
    )
    const answer = await server.ask('/up/index.yaml')
    expect(answer.body.length).toBeLessThan(100_000)
    expect([answer.status, (await server.ask('/healthz')).status]).toEqual([502, 200])
  })

  it.each([
    ['a depth without end', `annotations: ${'['.repeat(100_000)}`],
    ['HTML', '<!doctype html><title>Sign in</title>'],
    ['nothing', ''],
    ['a gzip of nothing', '\u001f\u008b'],
  ])('is %s: the last good one is served on, and quickly', async (_what, text) => {
    await served()
    upstream.setIndex(text)
    const answer = await server.ask('/up/index.yaml')
    expect([answer.status, answer.headers['x-cache']]).toEqual([200, 'STALE'])
    expect(Object.keys((answer.json() as ServedIndex).entries)).toEqual(['web'])
  })
})

describe('a chart that is pushed', () => {
  const push = async (body: Uint8Array | string) => server.ask('/api/local/charts', { method: 'POST', body })

  it.each(['../evil', '.', '..', 'a/b', 'a\\b', 'a b', ''])(
    'CVE-2019-1000009, CVE-2026-35206: names itself %j and is refused',
    async (name) => {
      const chart = `apiVersion: v2\nname: ${JSON.stringify(name)}\nversion: 1.0.0\n`
      const answer = await push(await buildArchive([{ name: 'x/Chart.yaml', data: chart }]))
      expect(answer.status).toBe(400)
      expect(answer.body.toString()).not.toContain(server.data)
      expect(Object.keys((await server.ask('/api/local/charts')).json() as object)).toEqual([])
    },
  )

  it.each(['../../1.0.0', '1.0.0/../x', 'latest', '1.0.0\n2'])('has the version %j and is refused', async (version) => {
    const chart = `apiVersion: v2\nname: x\nversion: ${JSON.stringify(version)}\n`
    expect((await push(await buildArchive([{ name: 'x/Chart.yaml', data: chart }]))).status).toBe(400)
  })

  it.each([
    ['a symlink out', [{ name: 'x/values.yaml', type: '2', link: '/etc/passwd' }]],
    ['CVE-2025-53547: a Chart.lock that is a symlink', [{ name: 'x/Chart.lock', type: '2', link: '../../../.bashrc' }]],
    ['a hard link', [{ name: 'x/values.yaml', type: '1', link: '/etc/passwd' }]],
    ['a path that leaves it', [{ name: 'x/../../evil', data: 'x' }]],
    ['an absolute path', [{ name: '/etc/evil', data: 'x' }]],
  ] as const)('has %s and is refused', async (_what, entries) => {
    const chart = { name: 'x/Chart.yaml', data: 'apiVersion: v2\nname: x\nversion: 1.0.0\n' }
    const answer = await push(await buildArchive([chart, ...entries]))
    expect(answer.status).toBeGreaterThanOrEqual(400)
    expect(answer.status).toBeLessThan(500)
    expect(Object.keys((await server.ask('/api/local/charts')).json() as object)).toEqual([])
  })

  it('CVE-2025-32386: is a bomb, of which little is unpacked', async () => {
    const bomb = await buildArchive([
      { name: 'x/Chart.yaml', data: 'apiVersion: v2\nname: x\nversion: 1.0.0\n' },
      ...Array.from({ length: 40 }, (_, at) => ({ name: `x/files/${at}`, data: new Uint8Array(5_000_000) })),
    ])
    expect(bomb.length).toBeLessThan(1_000_000)
    expect((await push(bomb)).status).toBe(413)
  })
})

describe('a client', () => {
  it('that sends a body drop by drop is cut off, and holds up nobody', async () => {
    const strict = await startServer({ settings: { requestTimeout: '1s' } })
    const socket = connect(Number(new URL(strict.url).port), '127.0.0.1', () =>
      socket.write('POST /api/local/charts HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000\r\n\r\nslow'),
    )
    let said = ''
    socket.on('data', (piece) => {
      said += piece.toString()
    })
    const closed = new Promise((done) => socket.once('close', done))
    expect((await strict.ask('/local/index.yaml')).status).toBe(200)
    await closed
    expect(said).toMatch(/^HTTP\/1\.1 408 /)
    await strict.close()
  })

  it('of a TLS older than 1.2 is not spoken to', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'chartferry-tls-'))
    const { cert, key } = selfSigned('localhost')
    await writeFile(join(folder, 'cert.pem'), cert)
    await writeFile(join(folder, 'key.pem'), key)
    const secure = await startServer({
      settings: { tls: { certFile: join(folder, 'cert.pem'), keyFile: join(folder, 'key.pem') } },
    })
    const speak = (maxVersion: 'TLSv1.1' | 'TLSv1.2'): Promise<string> =>
      new Promise((done) => {
        const port = Number(new URL(secure.url).port)
        const options = {
          port,
          host: '127.0.0.1',
          ca: cert,
          minVersion: 'TLSv1' as const,
          maxVersion,
          ciphers: 'ALL@SECLEVEL=0',
        }
        const socket = connectTls(options, () => {
          done(socket.getProtocol() ?? '')
          socket.destroy()
        })
        socket.on('error', (error: NodeJS.ErrnoException) => done(error.code ?? error.message))
      })
    expect(await speak('TLSv1.1')).toMatch(/PROTOCOL_VERSION/)
    expect(await speak('TLSv1.2')).toBe('TLSv1.2')
    await secure.close()
    await rm(folder, { recursive: true })
  })
})

describe.runIf(process.platform === 'linux')('a disk that takes no more', () => {
  it('while filling and while publishing: said so, nothing is half there, and what was there is served on', async () => {
    const data = await mkdtemp(join(tmpdir(), 'chartferry-full-'))
    const noise = { 'noise.bin': randomBytes(300_000) }
    await upstream.add({ name: 'large', files: noise })
    const settings = { data, repositories: { local: { kind: 'hosted' }, up: { url: upstream.url } } }
    // No file may grow beyond 64 KiB: writing fails in the midst of it, as on a full disk.
    const full = await startProcess(settings, "trap '' XFSZ; ulimit -f 128")
    const push = async (url: string, body: Uint8Array) =>
      (await ask(url, '/api/local/charts', { method: 'POST', body })).status
    const large = await buildChart({ name: 'large', files: noise })
    try {
      const index = (await ask(full.url, '/up/index.yaml')).json() as { entries: Record<string, { urls: string[] }[]> }
      const archive = (chart: string): string => `/up/${index.entries[chart]?.[0]?.urls[0]}`
      expect((await ask(full.url, archive('web'))).status).toBe(200)
      const refused = await ask(full.url, archive('large'))
      expect([refused.status, refused.json()]).toEqual([503, expect.objectContaining({ code: 'STORE_UNAVAILABLE' })])
      expect(refused.body.toString()).not.toContain(data)
      expect(await push(full.url, large)).toBe(503)
      expect(await push(full.url, await buildChart({ name: 'small' }))).toBe(201)
      upstream.setIndex(`${upstream.files.get('index.yaml')?.toString()}${' '.repeat(100_000)}`)
      const stale = await ask(full.url, '/up/index.yaml')
      expect([stale.status, stale.headers['x-cache']]).toEqual([200, 'STALE'])
      expect((await ask(full.url, archive('web'))).status).toBe(200)
      const files = await readdir(data, { recursive: true, withFileTypes: true })
      const half = files.filter((file) => file.isFile() && /(^|\/)tmp(\/|$)/.test(file.parentPath.slice(data.length)))
      expect(half.map(({ name }) => name)).toEqual([])
      await full.close()
      const later = await startServer({ repositories: settings.repositories, data })
      expect(Object.keys((await later.ask('/api/local/charts')).json() as object)).toEqual(['small'])
      expect(await push(later.url, large)).toBe(201)
      expect((await later.ask(archive('large'))).body).toEqual(
        Buffer.from(upstream.files.get('charts/large-1.0.0.tgz') ?? []),
      )
      await later.close()
    } finally {
      await rm(data, { recursive: true, force: true })
    }
  }, 60_000)
})
