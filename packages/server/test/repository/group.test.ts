import { digestOf } from '@chartferry/core'
import { parseIndexFile } from '@chartferry/core/helm'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { buildChart } from '../../../../test/kit/charts.ts'
import { startServer, type TestServer } from '../../../../test/kit/server.ts'
import { startUpstream, type TestUpstream } from '../../../../test/kit/upstream.ts'
import type { ChartRepository } from '../../src/repository/chart-repository.ts'
import { groupRepositories } from '../../src/repository/group.ts'
import { indexSnapshot } from '../../src/repository/index-snapshot.ts'

let first: TestUpstream
let second: TestUpstream
let server: TestServer

beforeEach(async () => {
  first = await startUpstream([{ name: 'web' }, { name: 'web', version: '1.1.0' }])
  second = await startUpstream([
    { name: 'web', values: 'other: true\n' },
    { name: 'web', version: '2.0.0' },
    { name: 'api' },
    { name: 'acme-db' },
  ])
  server = await startServer({
    repositories: {
      local: { kind: 'hosted' },
      first: first.url,
      second: { url: second.url, filter: { deny: ['hidden'] } },
      all: { kind: 'group', members: ['local', 'first', 'second'], reserved: { local: ['acme-*', 'hidden'] } },
    },
  })
})
afterEach(async () => {
  for (const one of [server, first, second]) await one.close()
})

/** The URLs by name and version. */
async function shown(): Promise<Map<string, string>> {
  const { entries } = parseIndexFile((await server.ask('/all/index.yaml')).body)
  return new Map(
    [...entries].flatMap(([chart, versions]) =>
      versions.map(({ version, urls }) => [`${chart} ${version}`, `/all/${urls[0]}`] as const),
    ),
  )
}

const push = async (name: string): Promise<Uint8Array> => {
  const bytes = await buildChart({ name })
  await server.ask('/api/local/charts', { method: 'POST', body: bytes })
  return bytes
}

describe('a group', () => {
  it('has the versions of all members, newest first; of equal ones the first member’s', async () => {
    const urls = await shown()
    expect([...urls.keys()]).toEqual(['web 2.0.0', 'web 1.1.0', 'web 1.0.0', 'api 1.0.0'])
    const { body } = await server.ask(urls.get('web 1.0.0') ?? '')
    expect(body.equals(first.files.get('charts/web-1.0.0.tgz') ?? Buffer.alloc(0))).toBe(true)
    const other = await server.ask(urls.get('web 2.0.0') ?? '')
    expect(digestOf(other.body)).toBe(digestOf(second.files.get('charts/web-2.0.0.tgz') ?? Buffer.alloc(0)))
  })

  it('takes reserved names from their owner alone, whether it has them or not', async () => {
    expect([...(await shown()).keys()]).not.toContain('acme-db 1.0.0')
    const bytes = await push('acme-db')
    const { body } = await server.ask((await shown()).get('acme-db 1.0.0') ?? '')
    expect(body.equals(bytes)).toBe(true)
  })

  it('takes no reserved name that hides under another key of the index', async () => {
    second.setIndex(
      JSON.stringify({
        apiVersion: 'v1',
        entries: { harmless: [{ name: 'acme-db', version: '9.0.0', urls: ['x.tgz'] }] },
      }),
    )
    expect([...(await shown()).keys()]).not.toContain('harmless 9.0.0')
  })

  it('follows its members', async () => {
    const before = await server.ask('/all/index.yaml')
    expect((await server.ask('/all/index.yaml')).headers.etag).toBe(before.headers.etag)
    await second.add({ name: 'new' })
    await push('pushed')
    expect([...(await shown()).keys()]).toEqual(expect.arrayContaining(['new 1.0.0', 'pushed 1.0.0']))
  })

  it('goes on without a member that gives nothing, and says so', async () => {
    await second.stop()
    const answer = await server.ask('/all/index.yaml')
    expect([answer.status, answer.headers['x-cache']]).toEqual([200, 'STALE'])
    expect([...(await shown()).keys()]).toEqual(['web 1.1.0', 'web 1.0.0'])
    expect(server.log.find(({ member }) => member === 'second')).toMatchObject({ repository: 'all' })
  })

  it('hands no name of a member that gives nothing to those behind it, and says so', async () => {
    await first.stop()
    const { status, body } = await server.ask('/all/index.json')
    expect([status, [...parseIndexFile(body).entries.keys()]]).toEqual([200, []])
    await push('own')
    expect([...(await shown()).keys()]).toEqual(['own 1.0.0'])
    expect((await server.running.repositories()).at(-1)?.state).toBe(
      '3 members · first gives nothing; charts of the members behind it are hidden meanwhile',
    )
    expect((await server.ask('/second/index.yaml')).status).toBe(200)
    await first.start()
    expect([...(await shown()).keys()]).toContain('api 1.0.0')
    expect((await server.running.repositories()).at(-1)?.state).toBe('3 members')
  })

  it('whose first members give nothing is an error that says how the others can be shown', async () => {
    const both = await startServer({
      repositories: {
        first: first.url,
        second: second.url,
        closed: { kind: 'group', members: ['first', 'second'] },
        kept: { kind: 'group', members: ['first', 'second'], reserved: { second: ['api'] } },
        open: { kind: 'group', members: ['first', 'second'], passNamesOn: true },
      },
    })
    try {
      await first.stop()
      const closed = await both.ask('/closed/index.yaml')
      expect(closed.json()).toMatchObject({
        code: 'UPSTREAM_UNREACHABLE',
        error: expect.stringContaining('member "first" gives nothing'),
        hint: expect.stringContaining('passNamesOn'),
      })
      const entriesOf = async (group: string): Promise<string[]> => [
        ...parseIndexFile((await both.ask(`/${group}/index.yaml`)).body).entries.keys(),
      ]
      expect(await entriesOf('kept')).toEqual(['api'])
      expect(await entriesOf('open')).toEqual(['web', 'api', 'acme-db'])
    } finally {
      await both.close()
    }
  })

  it('hands no chart that waits in quarantine to the members behind', async () => {
    const gated = await startServer({
      repositories: {
        first: { url: first.url, filter: { gate: 'sh -c "exit 75"' } },
        second: second.url,
        all: { kind: 'group', members: ['first', 'second'] },
      },
      settings: { patience: '1ms' },
    })
    try {
      const { entries } = parseIndexFile((await gated.ask('/all/index.yaml')).body)
      expect([...entries.keys()]).toEqual(['api', 'acme-db'])
    } finally {
      await gated.close()
    }
  })

  it('goes on with what it had of a member that fails later', async () => {
    const before = await shown()
    first.fail(503)
    expect(await shown()).toEqual(before)
  })

  it('gives nothing of a repository that is no member, and nothing that a member hides', async () => {
    await second.add({ name: 'hidden' })
    await server.ask('/second/index.yaml')
    const digest = digestOf(second.files.get('charts/hidden-1.0.0.tgz') ?? Buffer.alloc(0)).slice(7, 19)
    for (const path of [
      `/all/charts/second/${digest}/hidden-1.0.0.tgz`,
      '/all/charts/other/000000000000/web-1.0.0.tgz',
      '/all/charts/second',
      '/all/charts/all/first/web-1.0.0.tgz',
    ]) {
      const answer = await server.ask(path)
      expect(answer.status).toBe(404)
    }
    expect(second.count('charts/hidden-1.0.0.tgz')).toBe(0)
  })

  it('takes no pushes', async () => {
    const answer = await server.ask('/api/all/charts', { method: 'POST', body: await buildChart({ name: 'x' }) })
    expect(answer.json()).toMatchObject({ code: 'REPOSITORY_NOT_FOUND' })
  })

  it('shows in the list of repositories, and the changes of its members', async () => {
    expect((await server.running.repositories()).at(-1)).toEqual({
      name: 'all',
      kind: 'group',
      source: 'local, first, second',
      state: '3 members',
    })
    expect((await server.ask('/api/all/changes')).json()).toEqual({ changes: [] })
  })
})

describe('the index of a group whose members are told by their revisions', () => {
  it('is made once, and again when a member has another one', async () => {
    const asked: string[] = []
    const revisions = new Map([
      ['a', '1'],
      ['b', '1'],
    ])
    const unused = async (): Promise<never> => {
      throw new Error('not asked for in this test')
    }
    const members: ChartRepository = {
      index: async (name) => {
        asked.push(name)
        const text = `{"apiVersion":"v1","entries":{"${name}":[{"name":"${name}","version":"1.0.${revisions.get(name)}"}]}}`
        return { snapshot: indexSnapshot(parseIndexFile(text), 0), cache: 'HIT', age: 5 }
      },
      revision: async (name) => ({
        revision: revisions.get(name) ?? '',
        cache: name === 'b' ? 'STALE' : 'HIT',
        age: 7,
      }),
      archive: unused,
      provenance: unused,
      changes: unused,
      status: unused,
    }
    const everything = { pull: ['anyone'], push: [], delete: [] }
    const group = groupRepositories({
      groups: new Map([
        ['all', { kind: 'group', members: ['a', 'b'], reserved: new Map(), passNamesOn: false, access: everything }],
      ]),
      access: { allows: () => true },
      memory: 1000,
      members,
      warn: () => {},
    })
    const first = await group.index('all')
    const again = await group.index('all')
    expect(asked).toEqual(['a', 'b'])
    expect(again.snapshot).toBe(first.snapshot)
    // As good as the worst of its members, told by what they are now.
    expect([again.cache, again.age]).toEqual(['STALE', 7])
    revisions.set('b', '2')
    const changed = await group.index('all')
    expect(asked).toEqual(['a', 'b', 'a', 'b'])
    expect([...changed.snapshot.index.entries.values()].flat().map(({ version }) => version)).toEqual([
      '1.0.1',
      '1.0.2',
    ])
    // Many at a time make it once.
    revisions.set('a', '3')
    const many = await Promise.all(Array.from({ length: 5 }, () => group.index('all')))
    expect(new Set(many.map(({ snapshot }) => snapshot)).size).toBe(1)
  })
})
