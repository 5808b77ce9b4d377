import { afterEach, describe, expect, it } from 'vitest'
import { buildChart } from '../../../../test/kit/charts.ts'
import { startServer, type TestServer } from '../../../../test/kit/server.ts'
import type { HostedVersion } from '../../src/hosted/repository-state.ts'
import { droppedVersions } from '../../src/hosted/retention.ts'

const day = 86_400_000
const versions = [5, 4, 3, 2, 1].map(
  (age, at) =>
    ({ name: 'web', version: `${5 - at}.0.0`, created: new Date((6 - age) * day).toISOString() }) as HostedVersion,
)
// Newest first: 5.0.0 was pushed on day 1, 1.0.0 on day 5; it is day 10.
const gone = (keep: Parameters<typeof droppedVersions>[1], pulled: Readonly<Record<string, number>> = {}): string[] =>
  droppedVersions(versions, keep, ({ version }) => (pulled[version] ?? 0) * day, 10 * day).map(({ version }) => version)

describe('droppedVersions', () => {
  it('keeps so many of the newest', () => {
    expect(gone({ newest: 3 })).toEqual(['2.0.0', '1.0.0'])
    expect(gone({ newest: 9 })).toEqual([])
  })

  it('keeps the newest in any case', () => {
    expect(gone({ newerThan: 1 })).toEqual(['4.0.0', '3.0.0', '2.0.0', '1.0.0'])
  })

  it('keeps what is new or was pulled, for each reason alone', () => {
    expect(gone({ newerThan: 7 * day })).toEqual(['4.0.0', '3.0.0'])
    expect(gone({ pulledWithin: 3 * day }, { '2.0.0': 8, '3.0.0': 7 })).toEqual(['4.0.0', '3.0.0', '1.0.0'])
    expect(gone({ newest: 2, newerThan: 6 * day, pulledWithin: 3 * day }, { '2.0.0': 8 })).toEqual(['3.0.0'])
  })
})

describe('a repository that keeps a part', () => {
  let server: TestServer
  afterEach(() => server.close())
  let time = Date.UTC(2026, 0, 1)

  const push = async (version: string): Promise<void> => {
    const answer = await server.ask('/api/local/charts', {
      method: 'POST',
      body: await buildChart({ name: 'web', version }),
    })
    expect(answer.status).toBe(201)
  }
  const listed = async (): Promise<string[]> => {
    const { entries } = (await server.ask('/local/index.json')).json() as { entries: { web: { version: string }[] } }
    return entries.web.map(({ version }) => version)
  }
  const tidy = async (): Promise<void> => {
    expect((await server.ask('/admin/tidy', { method: 'POST' })).status).toBe(200)
  }

  it('takes away what was not pulled of late, and tells', async () => {
    server = await startServer({
      repositories: { local: { kind: 'hosted', keep: { pulledWithin: '30d' } } },
      now: () => time,
    })
    for (const version of ['1.0.0', '1.1.0', '1.2.0']) await push(version)
    time += 29 * day
    await tidy()
    expect(await listed()).toEqual(['1.2.0', '1.1.0', '1.0.0'])
    time += 2 * day
    await tidy()
    expect(await listed()).toEqual(['1.2.0', '1.1.0', '1.0.0'])
    expect((await server.ask('/local/charts/web-1.0.0.tgz')).status).toBe(200)
    time += 29 * day
    await tidy()
    expect(await listed()).toEqual(['1.2.0', '1.0.0'])
    time += 2 * day
    await tidy()
    expect(await listed()).toEqual(['1.2.0'])
    const told = server.log.filter(({ who }) => who === 'retention')
    expect(told.map(({ changed }) => changed)).toEqual([['web 1.1.0'], ['web 1.0.0']])
  })
})
