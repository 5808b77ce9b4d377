import { digestOf } from '@chartferry/core'
import { parseIndexFile } from '@chartferry/core/helm'
import { digestHex } from '@chartferry/core/internal'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { buildChart } from '../../../../test/kit/charts.ts'
import { startServer, type TestServer, type TestServerOptions } from '../../../../test/kit/server.ts'
import { startUpstream, type TestUpstream } from '../../../../test/kit/upstream.ts'

let upstream: TestUpstream
const started: TestServer[] = []

async function start(settings: object = {}, options: Partial<TestServerOptions> = {}): Promise<TestServer> {
  const made = await startServer({ repositories: { up: { url: upstream.url, ...settings } }, ...options })
  started.push(made)
  return made
}

beforeEach(async () => {
  upstream = await startUpstream()
  for (const version of ['1.0.0', '1.1.0', '1.2.0', '1.3.0']) await upstream.add({ name: 'web', version })
})
afterEach(async () => {
  for (const one of started.splice(0)) await one.close()
  await upstream.close()
})

type Entry = Record<string, unknown> & { readonly version: string }

/** Serves the upstream's index without some versions, or with entries changed. */
function edit(change: (entry: Entry) => Entry | undefined): void {
  const document = JSON.parse(Buffer.from(upstream.files.get('index.yaml') ?? []).toString()) as {
    entries: Record<string, Entry[]>
  }
  document.entries.web = (document.entries.web ?? []).map(change).filter((entry) => entry !== undefined)
  upstream.setIndex(JSON.stringify(document))
}

const drop = (...versions: readonly string[]): void =>
  edit((entry) => (versions.includes(entry.version) ? undefined : entry))

/** The versions in the index, newest first, and their URLs. */
async function versionsOf(server: TestServer): Promise<Map<string, string>> {
  const { entries } = parseIndexFile((await server.ask('/up/index.yaml')).body)
  return new Map(entries.get('web')?.map(({ version, urls }) => [version, `/up/${urls[0]}`]))
}

describe('an index that shrinks', () => {
  it.each([
    ['is empty', '{"apiVersion":"v1","entries":{}}'],
    ['has no entries at all', 'apiVersion: v1\n'],
    ['is cut off where it still is YAML', 'apiVersion: v1\nentries:\n  web:\n  - {name: web, version: 1.0.0}\n'],
    ['is another repository’s', 'apiVersion: v1\nentries:\n  other:\n  - {name: other, version: 1.0.0}\n'],
  ])('is not believed when it %s', async (_title, text) => {
    const server = await start()
    const before = await server.ask('/up/index.yaml')
    upstream.setIndex(text)
    const during = await server.ask('/up/index.yaml')
    expect([during.status, during.headers['x-cache']]).toEqual([200, 'STALE'])
    expect(during.body.equals(before.body)).toBe(true)
    expect((await server.running.repositories())[0]?.state).toMatch(/sends an index that lacks [34] of 4 versions/)
    expect(server.log.find(({ msg }) => String(msg).includes('upstream failed'))).toMatchObject({
      error: expect.stringMatching(/lacks [34] of the 4 versions of the last one/),
    })
    const later = await start({}, { data: server.data })
    expect((await later.ask('/up/index.yaml')).headers['x-cache']).toBe('STALE')
  })

  it('is believed when it loses no more than may be', async () => {
    const server = await start()
    await server.ask('/up/index.yaml')
    drop('1.0.0', '1.1.0')
    expect([...(await versionsOf(server)).keys()]).toEqual(['1.3.0', '1.2.0'])
  })

  it('is believed when the repository says so, and grows again', async () => {
    const server = await start({ indexLoss: '100%' })
    await server.ask('/up/index.yaml')
    const whole = upstream.files.get('index.yaml') ?? new Uint8Array()
    upstream.setIndex('{"apiVersion":"v1","entries":{}}')
    expect((await versionsOf(server)).size).toBe(0)
    upstream.files.set('index.yaml', whole)
    expect((await versionsOf(server)).size).toBe(4)
  })

  it('may lose nothing where the repository says 0%', async () => {
    const server = await start({ indexLoss: '0%' })
    await server.ask('/up/index.yaml')
    drop('1.0.0')
    expect((await versionsOf(server)).size).toBe(4)
    await upstream.add({ name: 'web', version: '2.0.0' })
    expect((await versionsOf(server)).size).toBe(5)
  })
})

describe('a version that changes under its name', () => {
  /** Builds 1.0.0 anew upstream; gives its bytes before and after. */
  async function rewrite(): Promise<{ readonly before: Uint8Array; readonly after: Uint8Array }> {
    const before = upstream.files.get('charts/web-1.0.0.tgz') ?? new Uint8Array()
    const after = await buildChart({ name: 'web', version: '1.0.0', values: 'changed: true\n' })
    upstream.files.set('charts/web-1.0.0.tgz', after)
    edit((entry) => (entry.version === '1.0.0' ? { ...entry, digest: digestHex(digestOf(after)) } : entry))
    return { before, after }
  }
  const changes = async (server: TestServer): Promise<unknown> => (await server.ask('/api/up/changes')).json()

  it('is recorded and served where it is accepted', async () => {
    const server = await start({}, { now: () => Date.UTC(2026, 0, 2) })
    expect(await changes(server)).toEqual({ changes: [] })
    const old = (await versionsOf(server)).get('1.0.0') ?? ''
    const { before, after } = await rewrite()
    const path = (await versionsOf(server)).get('1.0.0') ?? ''
    expect(path).not.toBe(old)
    expect((await server.ask(path)).body.equals(after)).toBe(true)
    await server.ask('/up/index.yaml')
    expect(await changes(server)).toEqual({
      changes: [
        {
          chart: 'web',
          version: '1.0.0',
          before: digestOf(before),
          after: digestOf(after),
          seenAt: '2026-01-02T00:00:00.000Z',
          outcome: 'accepted',
        },
      ],
    })
    const lines = server.log.filter(({ msg }) => msg === 'versions changed under their names')
    expect(lines).toMatchObject([{ repository: 'up', count: 1, first: ['web 1.0.0'] }])
  })

  it('stays as it was where that is refused, also when it was never pulled, and after a restart', async () => {
    const server = await start({ whenChanged: 'refuse' })
    const [pulled, other] = [(await versionsOf(server)).get('1.0.0') ?? '', (await versionsOf(server)).get('1.1.0')]
    await server.ask(pulled)
    const { before } = await rewrite()
    upstream.corrupt('charts/web-1.1.0.tgz')
    const bytes = upstream.files.get('charts/web-1.1.0.tgz') ?? new Uint8Array()
    edit((entry) => (entry.version === '1.1.0' ? { ...entry, digest: digestHex(digestOf(bytes)) } : entry))
    const later = await start({ whenChanged: 'refuse' }, { data: server.data })
    for (const one of [server, later]) {
      const versions = await versionsOf(one)
      expect([versions.get('1.0.0'), versions.get('1.1.0')]).toEqual([pulled, other])
      expect((await one.ask(pulled)).body.equals(before)).toBe(true)
      expect((await one.ask(other ?? '')).json()).toMatchObject({ code: 'DIGEST_MISMATCH' })
      expect(await changes(one)).toMatchObject({ changes: [{ outcome: 'refused' }, { outcome: 'refused' }] })
    }
    await upstream.add({ name: 'web', version: '2.0.0' })
    await rewrite()
    expect((await versionsOf(server)).get('1.0.0')).toBe(pulled)
    const accepting = await start({}, { data: server.data })
    expect((await versionsOf(accepting)).get('1.0.0')).not.toBe(pulled)
  })

  it('is one that lost its digest, too', async () => {
    const server = await start({ whenChanged: 'refuse' })
    const path = (await versionsOf(server)).get('1.0.0')
    edit((entry) => (entry.version === '1.0.0' ? { ...entry, digest: undefined } : entry))
    expect((await versionsOf(server)).get('1.0.0')).toBe(path)
    expect(await changes(server)).toMatchObject({ changes: [{ version: '1.0.0', after: null }] })
  })

  it('is one that was dropped, retained, and came back otherwise', async () => {
    const server = await start({ retain: true, whenChanged: 'refuse' })
    const path = (await versionsOf(server)).get('1.0.0') ?? ''
    const { body } = await server.ask(path)
    const whole = upstream.files.get('index.yaml') ?? new Uint8Array()
    drop('1.0.0')
    await server.ask('/up/index.yaml')
    upstream.files.set('index.yaml', whole)
    await rewrite()
    expect((await versionsOf(server)).get('1.0.0')).toBe(path)
    expect((await server.ask(path)).body.equals(body)).toBe(true)
  })

  it('is never one that was pushed', async () => {
    const server = await startServer()
    started.push(server)
    expect((await server.ask('/api/local/changes')).json()).toEqual({ changes: [] })
    expect((await server.ask('/api/none/changes')).status).toBe(404)
  })
})

describe('a repository that retains', () => {
  it('keeps what was pulled in the index, and nothing else', async () => {
    const server = await start({ retain: true })
    const path = (await versionsOf(server)).get('1.1.0') ?? ''
    const { body } = await server.ask(path)
    drop('1.0.0', '1.1.0')
    const after = await versionsOf(server)
    expect([...after.keys()]).toEqual(['1.3.0', '1.2.0', '1.1.0'])
    expect(after.get('1.1.0')).toBe(path)
    const later = await start({ retain: true }, { data: server.data })
    await upstream.stop()
    expect([...(await versionsOf(later)).keys()]).toEqual(['1.3.0', '1.2.0', '1.1.0'])
    expect((await later.ask(path)).body.equals(body)).toBe(true)
  })

  it('keeps a chart whose last version is dropped', async () => {
    await upstream.add({ name: 'rare' })
    const server = await start({ retain: true })
    const index = parseIndexFile((await server.ask('/up/index.yaml')).body)
    await server.ask(`/up/${index.entries.get('rare')?.[0]?.urls[0]}`)
    const document = JSON.parse(Buffer.from(upstream.files.get('index.yaml') ?? []).toString())
    document.entries.rare = undefined
    upstream.setIndex(JSON.stringify(document))
    const after = parseIndexFile((await server.ask('/up/index.yaml')).body)
    expect(after.entries.get('rare')).toEqual(index.entries.get('rare'))
  })

  it('takes the upstream’s own entry when the version comes back', async () => {
    const server = await start({ retain: true })
    await server.ask((await versionsOf(server)).get('1.0.0') ?? '')
    const whole = upstream.files.get('index.yaml') ?? new Uint8Array()
    drop('1.0.0')
    expect((await versionsOf(server)).size).toBe(4)
    upstream.files.set('index.yaml', whole)
    edit((entry) => ({ ...entry, description: 'again' }))
    const { entries } = parseIndexFile((await server.ask('/up/index.yaml')).body)
    expect(entries.get('web')?.map(({ fields }) => fields.description)).toEqual(Array(4).fill('again'))
  })

  it('drops what the upstream drops where it does not retain', async () => {
    const server = await start()
    await server.ask((await versionsOf(server)).get('1.0.0') ?? '')
    drop('1.0.0')
    expect((await versionsOf(server)).has('1.0.0')).toBe(false)
  })
})
