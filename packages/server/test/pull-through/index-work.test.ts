import { truncate } from 'node:fs/promises'
import { join } from 'node:path'
import { formatIndexFile, parseIndexFile } from '@chartferry/core/helm'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startServer, type TestServer, type TestServerOptions } from '../../../../test/kit/server.ts'
import { startUpstream, type TestUpstream } from '../../../../test/kit/upstream.ts'

// Indexes larger than what is held in memory, and than what is read without a thread: what is counted is work.
const upstreams: TestUpstream[] = []
const servers: TestServer[] = []

const size = 1200

function indexOf(name: string, ...more: readonly string[]): string {
  const charts = [...Array.from({ length: size }, (_, at) => `${name}-${at}`), ...more]
  const entries = charts.map((chart) => [
    chart,
    [
      {
        name: chart,
        version: '1.0.0',
        urls: [`${chart}-1.0.0.tgz`],
        digest: 'ab'.repeat(32),
        description: 'x'.repeat(100),
      },
    ],
  ])
  return JSON.stringify({ apiVersion: 'v1', entries: Object.fromEntries(entries) })
}

async function start(options: Partial<TestServerOptions> = {}): Promise<TestServer> {
  const [a, b, c] = upstreams
  const server = await startServer({
    repositories: {
      a: a?.url ?? '',
      b: b?.url ?? '',
      c: { url: c?.url ?? '', filter: { deny: ['c-1'] } },
      all: { kind: 'group', members: ['a', 'b', 'c'] },
    },
    settings: { indexMemory: '1KiB', freshFor: '0s' },
    ...options,
  })
  servers.push(server)
  return server
}

beforeEach(async () => {
  for (const name of ['a', 'b', 'c']) {
    const upstream = await startUpstream()
    upstream.setIndex(indexOf(name))
    upstreams.push(upstream)
  }
})
afterEach(async () => {
  for (const one of [...servers.splice(0), ...upstreams.splice(0)]) await one.close()
})

/** What was read and merged so far. */
async function work(server: TestServer): Promise<Record<string, number>> {
  const text = (await server.ask('/metrics')).body.toString()
  const counted = (name: string): number =>
    [...text.matchAll(new RegExp(`^${name}\\{.*\\} (\\d+)$`, 'gm'))].reduce((sum, [, count]) => sum + Number(count), 0)
  return { reads: counted('chartferry_index_reads_total'), merged: counted('chartferry_group_charts_merged_total') }
}

describe('indexes that are larger than the memory for them', () => {
  it('are read once, and merged once', async () => {
    const server = await start()
    const first = await server.ask('/all/index.yaml')
    expect(parseIndexFile(first.body).entries.size).toBe(3 * size - 1)
    expect(await work(server)).toEqual({ reads: 3, merged: 3 * size - 1 })
    const again = await server.ask('/all/index.yaml')
    expect(again.body.equals(first.body)).toBe(true)
    await server.ask('/a/index.yaml')
    await server.ask('/c/index.yaml')
    expect(await work(server)).toEqual({ reads: 3, merged: 3 * size - 1 })
  })

  it('are merged anew where a member changed, and there alone', async () => {
    const server = await start()
    await server.ask('/all/index.yaml')
    upstreams[1]?.setIndex(indexOf('b', 'new'))
    const { entries } = parseIndexFile((await server.ask('/all/index.yaml')).body)
    expect(entries.get('new')?.[0]?.urls[0]).toMatch(/^charts\/b\//)
    expect(await work(server)).toEqual({ reads: 4, merged: 3 * size })
  })

  it('are not merged for the charts of a few', async () => {
    const server = await start()
    const { entries } = parseIndexFile((await server.ask('/all/only/a-7,c-9/index.yaml')).body)
    expect([...entries.keys()]).toEqual(['a-7', 'c-9'])
    expect((await server.ask('/all/only/c-1/index.yaml')).status).toBe(404)
    expect(await work(server)).toEqual({ reads: 3, merged: 0 })
  })

  it('are not read after a restart, unless what was made of them is damaged', async () => {
    const server = await start()
    const first = await server.ask('/a/index.yaml')
    const made = (await server.files()).filter((file) => file.startsWith('proxy/a/compact/'))
    expect(made).toHaveLength(1)
    const later = await start({ data: server.data })
    expect((await later.ask('/a/index.yaml')).body.equals(first.body)).toBe(true)
    expect(await work(later)).toEqual({ reads: 0, merged: 0 })
    await truncate(join(server.data, made[0] ?? ''), 1000)
    const last = await start({ data: server.data })
    expect((await last.ask('/a/index.yaml')).body.equals(first.body)).toBe(true)
    expect(await work(last)).toEqual({ reads: 1, merged: 0 })
  })

  it('leave one file for what was made of them', async () => {
    const server = await start()
    await server.ask('/a/index.yaml')
    upstreams[0]?.setIndex(indexOf('a', 'new'))
    await server.ask('/a/index.yaml')
    const files = await server.files()
    expect(files.filter((file) => file.startsWith('proxy/a/compact/'))).toHaveLength(1)
    expect(files.filter((file) => file.startsWith('proxy/a/index/'))).toHaveLength(1)
  })

  it('give ranges and gzip of the same text', async () => {
    const server = await start()
    const { body } = await server.ask('/all/index.yaml')
    const part = await server.ask('/all/index.yaml', { headers: { range: `bytes=100-${body.length - 100}` } })
    expect([part.status, part.body.equals(body.subarray(100, body.length - 99))]).toEqual([206, true])
    const yaml = formatIndexFile(parseIndexFile(body), 'yaml')
    expect(parseIndexFile(yaml).entries.size).toBe(3 * size - 1)
  })
})
