import { createHash } from 'node:crypto'
import { digestOf } from '@chartferry/core'
import { parseIndexFile } from '@chartferry/core/helm'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { buildChart } from '../../../../test/kit/charts.ts'
import { ask, startServer, type TestServer } from '../../../../test/kit/server.ts'
import { startUpstream, type TestUpstream } from '../../../../test/kit/upstream.ts'

const day = 86_400_000
let upstream: TestUpstream
let server: TestServer
let time: number

const noise = (of: string): string => createHash('shake256', { outputLength: 30_000 }).update(of).digest('base64')

beforeEach(async () => {
  time = Date.UTC(2026, 0, 1)
  upstream = await startUpstream()
  for (const name of ['one', 'two', 'three', 'four']) await upstream.add({ name, files: { 'noise.txt': noise(name) } })
})
afterEach(async () => {
  await server.close()
  await upstream.close()
})

async function startWith(settings: Readonly<Record<string, unknown>>, repository: object = {}): Promise<void> {
  server = await startServer({
    repositories: { local: { kind: 'hosted' }, up: { url: upstream.url, ...repository } },
    settings,
    now: () => time,
  })
}

async function pull(chart: string): Promise<void> {
  const { entries } = parseIndexFile((await server.ask('/up/index.yaml')).body)
  expect((await server.ask(`/up/${entries.get(chart)?.[0]?.urls[0]}`)).status).toBe(200)
}

const size = (name: string): number => upstream.files.get(`charts/${name}-1.0.0.tgz`)?.length ?? 0

/** The charts whose archives are there. */
async function kept(): Promise<string[]> {
  const files = await server.files()
  return ['one', 'two', 'three', 'four'].filter((name) => {
    const digest = digestOf(upstream.files.get(`charts/${name}-1.0.0.tgz`) ?? Buffer.alloc(0)).slice(7)
    return files.includes(`pulled/sha256/${digest.slice(0, 2)}/${digest}`)
  })
}

/** Waits until something is so; between two looks the server does its work. */
async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await ask(server.url, '/healthz')
}

describe('eviction', () => {
  it('lets those go that were not asked for the longest time', async () => {
    await startWith({ archiveSpace: Math.round(size('one') * 3.5) })
    for (const name of ['one', 'two', 'three']) {
      await pull(name)
      time += 2 * day
    }
    await pull('one')
    expect(await kept()).toEqual(['one', 'two', 'three'])
    await pull('four')
    await until(async () => (await kept()).length === 3)
    expect(await kept()).toEqual(['one', 'three', 'four'])
    await pull('two')
    expect(upstream.count('charts/two-1.0.0.tgz')).toBe(2)
  })

  it('takes nothing that is retained, and nothing that was pushed', async () => {
    await startWith({ archiveSpace: Math.round(size('one') * 2.5) }, { retain: true })
    await server.ask('/api/local/charts', {
      method: 'POST',
      body: upstream.files.get('charts/two-1.0.0.tgz') ?? (await buildChart({ name: 'two' })),
    })
    await pull('one')
    const document = JSON.parse(Buffer.from(upstream.files.get('index.yaml') ?? []).toString())
    document.entries.one = undefined
    upstream.setIndex(JSON.stringify(document))
    for (const name of ['two', 'three', 'four']) {
      time += 2 * day
      await pull(name)
    }
    await until(async () => !(await kept()).includes('three'))
    expect(await kept()).toEqual(['one', 'four'])
    expect((await server.ask('/local/charts/two-1.0.0.tgz')).status).toBe(200)
    await pull('one')
    expect(upstream.count('charts/one-1.0.0.tgz')).toBe(1)
  })
})
