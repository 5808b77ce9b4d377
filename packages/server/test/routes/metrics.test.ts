import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startServer, type TestServer } from '../../../../test/kit/server.ts'
import { startUpstream, type TestUpstream } from '../../../../test/kit/upstream.ts'

let upstream: TestUpstream
let server: TestServer
let time = Date.UTC(2026, 0, 1)

beforeEach(async () => {
  upstream = await startUpstream([{ name: 'web' }, { name: 'web', version: '1.1.0' }])
  server = await startServer({ repositories: { local: { kind: 'hosted' }, up: upstream.url }, now: () => time })
})
afterEach(async () => {
  await server.close()
  await upstream.close()
})

/** The samples by name and labels. */
async function samples(): Promise<Map<string, number>> {
  const answer = await server.ask('/metrics')
  expect(answer.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8')
  const lines = answer.body.toString().split('\n')
  return new Map(
    lines.flatMap((line) => {
      const match = /^([^# ].*) (\S+)$/.exec(line)
      return match === null ? [] : [[match[1] ?? '', Number(match[2])] as const]
    }),
  )
}

describe('/metrics', () => {
  it('tells whether the cache works, which upstream is ill, and what is stale', async () => {
    await server.ask('/up/index.yaml')
    await server.ask('/up/index.yaml')
    upstream.fail(500)
    time += 60_000
    await server.ask('/up/index.yaml')
    await server.ask('/local/index.yaml')
    await server.ask('/secret-name/index.yaml')
    const found = await samples()
    for (const [name, value] of [
      ['chartferry_answers_total{repository="up",kind="index",outcome="MISS"}', 1],
      ['chartferry_answers_total{repository="up",kind="index",outcome="REVALIDATED"}', 1],
      ['chartferry_answers_total{repository="up",kind="index",outcome="STALE"}', 1],
      ['chartferry_answers_total{repository="local",kind="index",outcome="OK"}', 1],
      ['chartferry_upstream_requests_total{repository="up",kind="index",outcome="OK"}', 2],
      ['chartferry_upstream_requests_total{repository="up",kind="index",outcome="UPSTREAM_UNREACHABLE"}', 1],
      ['chartferry_upstream_seconds_count{repository="up",kind="index"}', 3],
      ['chartferry_upstream_failing{repository="up"}', 1],
      ['chartferry_upstream_failing{repository="local"}', 0],
      ['chartferry_index_age_seconds{repository="up"}', 60],
      ['chartferry_index_charts{repository="up"}', 1],
      ['chartferry_index_versions{repository="up"}', 2],
      ['chartferry_requests_total{method="GET",route="index",status="200"}', 4],
      ['chartferry_requests_total{method="GET",route="index",status="404"}', 1],
    ] as const) {
      expect(found.get(name), name).toBe(value)
    }
    expect([...found.keys()].join('\n')).not.toContain('secret-name')
    upstream.fail(undefined)
    await server.ask('/up/index.yaml')
    const after = await samples()
    expect(after.get('chartferry_upstream_failing{repository="up"}')).toBe(0)
    expect(after.get('chartferry_index_age_seconds{repository="up"}')).toBe(0)
  })
})
