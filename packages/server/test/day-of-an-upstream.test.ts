// A day in the life of a proxied repository: whatever its upstream does, clients get right bytes, and never an error where a good
// answer was held.
import { digestOf } from '@chartferry/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildChart } from '../../../test/kit/charts.ts'
import { startServer, type TestServer } from '../../../test/kit/server.ts'
import { startUpstream, type TestUpstream } from '../../../test/kit/upstream.ts'

interface Entry {
  readonly version: string
  readonly digest: string
  readonly urls: readonly string[]
}
type Entries = Readonly<Record<string, readonly Entry[]>>

const charts = Array.from({ length: 12 }, (_, at) => `chart-${at}`)
const versions = ['1.0.0', '1.1.0', '2.0.0+build.1']
/** What is rewritten under its name goes on as it was in the one, and is taken over in the other. */
const repositories = ['strict', 'open'] as const

let upstream: TestUpstream
let server: TestServer
/** By `chart version`: the digests that its bytes may have. */
const truth = new Map<string, Set<string>>()
/** Paths that were answered well once, with the digest of the answer. */
const held = new Map<string, string>()
const faults: string[] = []
let rounds = 0

beforeAll(async () => {
  upstream = await startUpstream()
  for (const name of charts) {
    for (const version of versions) note(name, version, await upstream.add({ name, version }))
  }
  const settings = { url: upstream.url, indexLoss: '20%', retain: true }
  server = await startServer({
    repositories: { strict: { ...settings, whenChanged: 'refuse' }, open: settings },
    settings: { patience: '300ms' },
  })
})
afterAll(async () => {
  await server.close()
  await upstream.close()
})

function note(chart: string, version: string, bytes: Uint8Array): void {
  const known = truth.get(`${chart} ${version}`) ?? new Set()
  truth.set(`${chart} ${version}`, known.add(digestOf(bytes)))
}

async function entriesOf(repository: string): Promise<Entries | undefined> {
  const answer = await server.ask(`/${repository}/index.yaml`)
  if (answer.status === 200) return (answer.json() as { entries: Entries }).entries
  faults.push(`${repository}: the index is ${answer.status}`)
  return undefined
}

/** What one client does: looks at the index, which must have all there ever was, and takes every archive, of today's and of earlier indexes. */
async function visit(repository: string, isKnown: (chart: string, version: string) => boolean): Promise<void> {
  const entries = await entriesOf(repository)
  if (entries === undefined) return
  for (const name of charts) {
    const missing = versions.filter((version) => !entries[name]?.some((entry) => entry.version === version))
    if (missing.length > 0) faults.push(`${repository}: the index lacks ${name} ${missing.join(', ')}`)
  }
  const paths = new Set([...held.keys()].filter((path) => path.startsWith(`/${repository}/`)))
  for (const [name, list] of Object.entries(entries)) {
    for (const { version, digest, urls } of list) {
      const path = `/${repository}/${urls[0]}`
      if (isKnown(name, version)) paths.add(path)
      const full = `sha256:${digest.replace('sha256:', '')}`
      if (truth.get(`${name} ${version}`)?.has(full) !== true) faults.push(`${path}: the index has another digest`)
    }
  }
  for (const path of paths) await take(path)
  rounds++
}

async function take(path: string): Promise<void> {
  const answer = await server.ask(path)
  if (answer.status !== 200) {
    faults.push(`${path}: ${answer.status}`)
    return
  }
  const digest = digestOf(answer.body)
  const [, name, version] = /\/(chart-\d+)-([\d.]+(?:\+build\.1)?)\.tgz$/.exec(path) ?? []
  if (truth.get(`${name} ${version}`)?.has(digest) !== true) faults.push(`${path}: wrong bytes`)
  if ((held.get(path) ?? digest) !== digest) faults.push(`${path}: other bytes than before`)
  held.set(path, digest)
}

/** Six clients at the same time, who take all that was there in the morning. */
async function clients(): Promise<void> {
  const isKnown = (chart: string, version: string): boolean => charts.includes(chart) && versions.includes(version)
  await Promise.all([0, 1, 2, 3, 4, 5].map((at) => visit(repositories[at % 2] ?? 'open', isKnown)))
  expect(faults).toEqual([])
}

const morning = (): string => Buffer.from(upstream.files.get('index.yaml') ?? []).toString()

describe('a day in the life', () => {
  let index = ''
  let rewritten: Uint8Array

  it('begins well', async () => {
    await clients()
    index = morning()
    expect(held.size).toBe(charts.length * versions.length * repositories.length)
  })

  it('the upstream dies', async () => {
    await upstream.stop()
    await clients()
    expect((await server.ask('/open/index.yaml')).headers['x-cache']).toBe('STALE')
    await upstream.start()
  })

  it('it answers with a login page', async () => {
    upstream.setIndex('<!doctype html><html><body>Please log in</body></html>')
    for (const path of [...upstream.files.keys()].filter((name) => name.endsWith('.tgz')))
      upstream.fail(200, path, { 'content-type': 'text/html' })
    await clients()
    for (const path of upstream.files.keys()) upstream.fail(undefined, path)
  })

  it('it has lost half of its charts, and then all, and then the end of its index', async () => {
    const document = JSON.parse(index) as { entries: Record<string, unknown> }
    const half = Object.fromEntries(Object.entries(document.entries).slice(0, charts.length / 2))
    for (const text of [
      JSON.stringify({ ...document, entries: half }),
      JSON.stringify({ ...document, entries: {} }),
      index.slice(0, index.length / 2),
      '',
    ]) {
      upstream.setIndex(text)
      await clients()
    }
    expect((await server.running.repositories())[0]?.state).toMatch(/will retry$/)
    upstream.setIndex(index)
    await clients()
  })

  it('it drops a version, which stays', async () => {
    const document = JSON.parse(index) as { entries: Record<string, { version: string }[]> }
    const kept = document.entries['chart-3']?.filter(({ version }) => version !== '1.1.0') ?? []
    upstream.setIndex(JSON.stringify({ ...document, entries: { ...document.entries, 'chart-3': kept } }))
    upstream.files.delete('charts/chart-3-1.1.0.tgz')
    await clients()
    upstream.setIndex(index)
  })

  it('it rewrites a version', async () => {
    rewritten = await buildChart({ name: 'chart-5', version: '1.0.0', values: 'rewritten: true\n' })
    note('chart-5', '1.0.0', rewritten)
    const document = JSON.parse(index) as { entries: Record<string, { version: string; digest: string }[]> }
    const list = document.entries['chart-5']?.map((entry) =>
      entry.version === '1.0.0' ? { ...entry, digest: digestOf(rewritten).slice('sha256:'.length) } : entry,
    )
    index = JSON.stringify({ ...document, entries: { ...document.entries, 'chart-5': list } })
    upstream.setIndex(index)
    upstream.files.set('charts/chart-5-1.0.0.tgz', rewritten)
    await clients()
    const digestIn = async (repository: string) =>
      (await entriesOf(repository))?.['chart-5']
        ?.find(({ version }) => version === '1.0.0')
        ?.digest.replace('sha256:', '')
    const first = digestOf(await buildChart({ name: 'chart-5', version: '1.0.0' })).slice('sha256:'.length)
    expect(await digestIn('open')).toBe(digestOf(rewritten).slice('sha256:'.length))
    expect(await digestIn('strict')).toBe(first)
    for (const repository of repositories)
      expect((await server.ask(`/api/${repository}/changes`)).json()).toMatchObject({
        changes: [{ chart: 'chart-5', version: '1.0.0' }],
      })
  })

  it('it sends a new archive cut off, then spoilt: that one cannot be had, and nothing of it is kept', async () => {
    const bytes = await upstream.add({ name: 'chart-0', version: '3.0.0' })
    const { entries } = JSON.parse(morning()) as { entries: Record<string, { version: string }[]> }
    const document = JSON.parse(index) as { entries: Record<string, unknown> }
    index = JSON.stringify({ ...document, entries: { ...document.entries, 'chart-0': entries['chart-0'] } })
    upstream.setIndex(index)
    note('chart-0', '3.0.0', bytes)
    const url = (await entriesOf('open'))?.['chart-0']?.find(({ version }) => version === '3.0.0')?.urls[0]
    const path = 'charts/chart-0-3.0.0.tgz'
    upstream.truncate(path, 100)
    expect((await server.ask(`/open/${url}`)).status).toBe(502)
    upstream.truncate(path, undefined)
    upstream.corrupt(path)
    expect((await server.ask(`/open/${url}`)).status).toBe(502)
    await clients()
    upstream.corrupt(path)
    await take(`/open/${url}`)
    expect(faults).toEqual([])
  })

  it('it slows to a crawl: nobody waits for it who need not', async () => {
    const release = upstream.hold()
    // All are answered while the upstream still holds its answers back.
    await clients()
    release()
  })

  it('and comes back', async () => {
    const bytes = await buildChart({ name: 'chart-1', version: '3.0.0' })
    note('chart-1', '3.0.0', bytes)
    await upstream.add({ name: 'chart-1', version: '3.0.0' }, { bytes })
    await clients()
    for (const repository of repositories) {
      const entries = await entriesOf(repository)
      const url = entries?.['chart-1']?.find(({ version }) => version === '3.0.0')?.urls[0]
      await take(`/${repository}/${url}`)
    }
    expect(faults).toEqual([])
    expect(rounds).toBeGreaterThanOrEqual(6 * 12)
    expect(server.log.filter(({ code }) => code === 'INTERNAL')).toEqual([])
  })
})
