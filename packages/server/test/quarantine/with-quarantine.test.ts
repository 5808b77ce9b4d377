import { chmod, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { digestOf } from '@chartferry/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { buildChart } from '../../../../test/kit/charts.ts'
import { type Answer, startServer, type TestServer, type TestServerOptions } from '../../../../test/kit/server.ts'
import { startUpstream, type TestUpstream } from '../../../../test/kit/upstream.ts'
import type { QuarantinedVersion } from '../../src/quarantine/with-quarantine.ts'

let upstream: TestUpstream
let first: TestServer
const started: TestServer[] = []

beforeEach(async () => {
  upstream = await startUpstream([{ name: 'web' }, { name: 'web', version: '1.1.0' }, { name: 'evil' }])
  first = await startServer()
})
afterEach(async () => {
  for (const one of [...started.splice(0), first]) await one.close()
  await upstream.close()
})

/** A script that notes what it is asked, and decides by the name of the chart. */
async function startGated(script: string, options: Partial<TestServerOptions> = {}): Promise<TestServer> {
  const gate = join(first.data, 'gate.sh')
  await writeFile(gate, `#!/bin/sh\necho "$CHARTFERRY_CHART $CHARTFERRY_VERSION" >> "${first.data}/asked"\n${script}\n`)
  await chmod(gate, 0o700)
  const server = await startServer({
    repositories: { up: { url: upstream.url, filter: { gate, gateTimeout: '5s' } } },
    ...options,
  })
  started.push(server)
  return server
}

const asked = async (): Promise<string[]> =>
  (await readFile(join(first.data, 'asked'), 'utf8').catch(() => '')).trim().split('\n').sort()
async function versions(server: TestServer): Promise<string[]> {
  const { entries } = (await server.ask('/up/index.yaml')).json() as { entries: Record<string, { version: string }[]> }
  return Object.entries(entries).flatMap(([chart, list]) => list.map(({ version }) => `${chart} ${version}`))
}
async function quarantined(server: TestServer): Promise<readonly QuarantinedVersion[]> {
  return ((await server.ask('/api/up/quarantine')).json() as { versions: QuarantinedVersion[] }).versions
}
/** Until nothing waits any more. */
async function settled(server: TestServer): Promise<void> {
  while ((await quarantined(server)).some(({ state }) => state === 'waiting'));
}

describe('a gate', () => {
  it('shows a version once it has passed, and says why it refuses another', async () => {
    const server = await startGated(
      'test -f "$1" && case "$CHARTFERRY_CHART" in evil) echo "finds a miner in it"; exit 3;; esac',
    )
    await server.ask('/up/index.yaml')
    await settled(server)
    expect(await versions(server)).toEqual(['web 1.1.0', 'web 1.0.0'])
    expect(await quarantined(server)).toEqual([
      expect.objectContaining({
        chart: 'evil',
        version: '1.0.0',
        state: 'refused',
        reason: 'exit 3: finds a miner in it',
      }),
    ])
    expect((await server.running.repositories())[0]?.state).toMatch(/ · 1 in quarantine$/)
    expect(await asked()).toEqual(['evil 1.0.0', 'web 1.0.0', 'web 1.1.0'])
  })

  it('hides a version by its path and its digest too, and quarantines a new one anew', async () => {
    const open = await startServer({ repositories: { up: upstream.url }, data: first.data })
    started.push(open)
    const { entries } = (await open.ask('/up/index.yaml')).json() as { entries: Record<string, { urls: string[] }[]> }
    const manifest = (await open.ask('/v2/up/evil/manifests/1.0.0')).headers['docker-content-digest']
    const server = await startGated('test "$CHARTFERRY_CHART" = web', { data: first.data })
    await server.ask('/up/index.yaml')
    await settled(server)
    expect((await server.ask(`/up/${entries.web?.[0]?.urls[0]}`)).status).toBe(200)
    const refused = await server.ask(`/up/${entries.evil?.[0]?.urls[0]}`)
    expect([refused.status, JSON.stringify(refused.json())]).toEqual([404, expect.stringContaining('quarantine')])
    expect((await server.ask(`/up/${entries.evil?.[0]?.urls[0]}.prov`)).status).toBe(404)
    for (const reference of ['1.0.0', manifest])
      expect((await server.ask(`/v2/up/evil/manifests/${reference}`)).status).toBe(404)
    await upstream.add({ name: 'web', version: '2.0.0' })
    expect(await versions(server)).toEqual(['web 1.1.0', 'web 1.0.0'])
    await settled(server)
    expect(await versions(server)).toEqual(['web 2.0.0', 'web 1.1.0', 'web 1.0.0'])
  })

  it('is asked once about the same bytes, after a restart too, and again when its rules change', async () => {
    const server = await startGated('true', { data: first.data })
    await server.ask('/up/index.yaml')
    await settled(server)
    const before = await asked()
    const again = await startGated('true', { data: first.data })
    expect(await versions(again)).toHaveLength(3)
    expect(await asked()).toEqual(before)
    const other = await startServer({
      repositories: { up: { url: upstream.url, filter: { gate: 'exit 1 #' } } },
      data: first.data,
    })
    started.push(other)
    await other.ask('/up/index.yaml')
    await settled(other)
    expect(await versions(other)).toEqual([])
  })

  it('that gives no verdict leaves a version waiting, and so does an archive that cannot be had', async () => {
    upstream.fail(500, 'charts/web-1.1.0.tgz')
    const server = await startGated(`test -f "${first.data}/ready" || exit 75`, { settings: { patience: '100ms' } })
    expect(await versions(server)).toEqual([])
    expect((await quarantined(server)).map(({ state }) => state)).toEqual(['waiting', 'waiting', 'waiting'])
    await writeFile(join(first.data, 'ready'), '')
    upstream.fail(undefined, 'charts/web-1.1.0.tgz')
    await settled(server)
    expect(await versions(server)).toHaveLength(3)
  })

  it('is ended when it takes too long, with all that it has started', async () => {
    const server = await startServer({
      repositories: { up: { url: upstream.url, filter: { gate: 'sleep 600; true', gateTimeout: '50ms' } } },
      settings: { patience: '10s', retryAfter: '1h' },
    })
    started.push(server)
    expect(await versions(server)).toEqual([])
    expect(server.log.filter(({ msg }) => msg === 'inspection put off').length).toBe(3)
  })

  it('gets the name of an archive as it is, and never as a part of its command line', async () => {
    await upstream.add({ name: 'odd' }, { path: 'charts/$(touch hacked);`touch hacked`.tgz' })
    const server = await startGated('case "$1" in *touch*) exit 4;; esac')
    await server.ask('/up/index.yaml')
    await settled(server)
    expect((await quarantined(server)).map(({ chart, reason }) => `${chart}: ${reason}`)).toEqual(['odd: exit 4'])
    expect((await first.files()).filter((name) => name.includes('hacked'))).toEqual([])
  })

  it('that leaves something running gives its verdict when it has ended itself', async () => {
    // What runs on holds the output open, and is no longer in the group that is ended.
    const server = await startGated('setsid sleep 20 & exit 0', { settings: { patience: '60s' } })
    await server.ask('/up/index.yaml')
    await settled(server)
    expect(await versions(server)).toHaveLength(3)
  })
})

describe('a verdict', () => {
  const index =
    '{"apiVersion":"v1","entries":{"web":[{"name":"web","version":"1.0.0","urls":["charts/web-1.0.0.tgz"]}]}}'
  const path = async (server: TestServer): Promise<string> => {
    const { entries } = (await server.ask('/up/index.json')).json() as { entries: Record<string, { urls: string[] }[]> }
    return `/up/${entries.web?.[0]?.urls[0]}`
  }
  // Asked as nobody has before: otherwise the answer of a moment ago may be given once more.
  let questions = 0
  const again = (server: TestServer, url: string): Promise<Answer> =>
    server.ask(url, { headers: { accept: `application/x-${questions++}` } })
  const dropFiles = async (): Promise<void> => {
    for (const file of await first.files()) if (file.includes('/files/')) await rm(join(first.data, file))
  }

  it('is about the bytes that were inspected, not about the place that they came from', async () => {
    upstream.setIndex(index)
    const server = await startGated('tar xzOf "$1" | grep -q miner && { echo miner; exit 1; }; exit 0', {
      data: first.data,
      settings: { archiveMemory: '1KiB', patience: '60s' },
    })
    const url = await path(server)
    expect((await server.ask(url)).status).toBe(200)
    // The same place, other bytes; what we had is gone.
    upstream.files.set('charts/web-1.0.0.tgz', await buildChart({ name: 'web', files: { 'NOTES.md': 'miner' } }))
    await dropFiles()
    const answer = await again(server, url)
    expect([answer.status, answer.json()]).toMatchObject([404, { code: 'CHART_NOT_FOUND' }])
    await settled(server)
    expect(await quarantined(server)).toEqual([expect.objectContaining({ state: 'refused', reason: 'exit 1: miner' })])
    expect((await again(server, url)).status).toBe(404)
  })

  it('on other bytes that are harmless too shows them after their own inspection', async () => {
    upstream.setIndex(index)
    const server = await startGated('exit 0', {
      data: first.data,
      settings: { archiveMemory: '1KiB', patience: '60s' },
    })
    const url = await path(server)
    expect((await server.ask(url)).status).toBe(200)
    const other = await buildChart({ name: 'web', files: { 'NOTES.md': 'other' } })
    upstream.files.set('charts/web-1.0.0.tgz', other)
    await dropFiles()
    expect((await again(server, url)).status).toBe(404)
    await settled(server)
    expect((await again(server, url)).body.equals(other)).toBe(true)
    expect(await asked()).toEqual(['web 1.0.0', 'web 1.0.0'])
  })

  it('on one of two entries of the same path says nothing about the other', async () => {
    // The first 12 digits of a digest stand in the path: two that share them are made in minutes.
    const good = await buildChart({ name: 'web' })
    const digest = digestOf(good)
    const twin = `${digest.slice(0, 'sha256:'.length + 12)}${'0'.repeat(52)}`
    const entry = (of: string): string =>
      `{"name":"web","version":"1.0.0","urls":["charts/web-1.0.0.tgz"],"digest":"${of.slice('sha256:'.length)}"}`
    upstream.setIndex(`{"apiVersion":"v1","entries":{"a":[${entry(twin)}],"b":[${entry(digest)}]}}`)
    upstream.files.set('charts/web-1.0.0.tgz', good)
    const server = await startGated('exit 0', { settings: { patience: '60s', retryAfter: '1h' } })
    const { entries } = (await server.ask('/up/index.json')).json() as { entries: Record<string, { urls: string[] }[]> }
    expect(Object.keys(entries)).not.toContain('a')
  })
})
