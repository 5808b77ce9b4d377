// Servers on one bucket when something is wrong: a store that lies or lists late, a clock that is an hour off, a Redis that
// is wiped, servers that are paused.
import { execFileSync } from 'node:child_process'
import { digestOf } from '@chartferry/core'
import { parseIndexFile } from '@chartferry/core/helm'
import { openRegistries } from '@chartferry/core/oci'
import { expect, it } from 'vitest'
import { buildChart } from '../kit/charts.ts'
import { closesAfterEach } from '../kit/closing.ts'
import { layerOf, pushImage } from '../kit/images.ts'
import { prepareRedis } from '../kit/redis.ts'
import { prepareReplica, type Replica } from '../kit/replicas.ts'
import { startS3, type TestS3 } from '../kit/s3.ts'
import { type S3Proxy, startS3Proxy } from '../kit/s3-proxy.ts'
import { type Answer, ask } from '../kit/server.ts'
import { describeWithTools } from '../kit/tools.ts'

const closeLater = closesAfterEach()
const pod =
  'apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: a, image: "{{ .Values.image }}"}]}\n'

const repositories = {
  local: { kind: 'hosted' },
  corp: { kind: 'relocated', of: 'local', to: 'images.corp', images: 'pull-through' },
}
const chartOf = (version: string, more = ''): Promise<Uint8Array> =>
  buildChart({ name: 'web', version, values: `image: quay.io/acme/web:1\n${more}`, templates: { 'pod.yaml': pod } })
const push = (url: string, body: Uint8Array): Promise<Answer> => ask(url, '/api/local/charts', { method: 'POST', body })

async function bucket(): Promise<{ readonly s3: TestS3; readonly proxy: S3Proxy }> {
  const s3 = await startS3()
  closeLater(() => s3.close())
  const proxy = await startS3Proxy(s3.options.endpoint)
  closeLater(() => proxy.close())
  return { s3, proxy }
}

async function replica(
  s3: TestS3,
  more: { endpoint?: string; settings?: object; environment?: Readonly<Record<string, string>> } = {},
): Promise<Replica> {
  const { credentials, bucket: name, region, endpoint } = s3.options
  const opened = await prepareReplica({
    settings: {
      s3: { bucket: name, region, endpoint: more.endpoint ?? endpoint, pollEvery: '0s' },
      images: { registries: { 'quay.io': {} } },
      repositories,
      ...more.settings,
    },
    environment: {
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
      ...more.environment,
    },
  })
  closeLater(() => opened.close())
  await opened.start()
  return opened
}

async function versionsAt(url: string): Promise<readonly string[]> {
  const index = parseIndexFile((await ask(url, '/local/index.yaml')).body.toString())
  return (index.entries.get('web') ?? []).map(({ version }) => version).sort()
}

/** The bytes of a relocated version, at a server that knows of it. */
async function relocatedAt(url: string, version: string): Promise<string> {
  const index = parseIndexFile((await ask(url, '/corp/index.yaml')).body.toString())
  const path = index.entries.get('web')?.find((entry) => entry.version === version)?.urls[0]
  const { status, body } = await ask(url, `/corp/${path}`)
  return status === 200 ? digestOf(body) : `${status} ${body.toString()}`
}

describeWithTools('servers on one bucket', ['versitygw'], () => {
  it('refuse a store that lets two writers win, with its name and what to do', async () => {
    const { s3, proxy } = await bucket()
    proxy.liesOnCreate = true
    await expect(replica(s3, { endpoint: proxy.url })).rejects.toThrow(
      /the bucket charts at http:\/\/127\.0\.0\.1:\d+ lets several writers create one object[\s\S]*Use a service that refuses/,
    )
  }, 60_000)

  it('are right where listings are late', async () => {
    const { s3, proxy } = await bucket()
    const [first, late] = await Promise.all([replica(s3), replica(s3, { endpoint: proxy.url })])
    const [ours, theirs] = [first, late].map(({ url }) =>
      openRegistries({ plainHttp: true }).repository(`${url.slice(7)}/local/app`),
    )
    if (ours === undefined || theirs === undefined) throw new Error('two servers')
    proxy.staleLists = /./
    // The late one has listed all of it while it was empty.
    expect(await versionsAt(late.url)).toEqual([])
    expect((await ask(late.url, '/v2/local/app/manifests/v1')).status).toBe(404)
    expect((await push(first.url, await chartOf('1.0.0'))).status).toBe(201)
    const { digest } = await pushImage(ours, { layers: [layerOf('one', 2000)], tag: 'v1' })
    expect(await versionsAt(late.url)).toEqual(['1.0.0'])
    const found = await ask(late.url, '/v2/local/app/manifests/v1', { method: 'HEAD' })
    expect([found.status, found.headers['docker-content-digest']]).toEqual([200, digest])
    // It moves the tag on from what it cannot list.
    const next = await pushImage(theirs, { layers: [layerOf('two', 2000)], tag: 'v1' })
    const moved = await ask(first.url, '/v2/local/app/manifests/v1', { method: 'HEAD' })
    expect(moved.headers['docker-content-digest']).toBe(next.digest)
    expect((await push(late.url, await chartOf('1.0.0', 'other: true\n'))).status).toBe(409)
    expect(await relocatedAt(late.url, '1.0.0')).toBe(await relocatedAt(first.url, '1.0.0'))
    expect(proxy.counts.stale).toBeGreaterThan(0)
  }, 60_000)

  it('go on when some of them are paused, and the paused ones know everything afterwards', async () => {
    const { s3 } = await bucket()
    const [one, two, three] = await Promise.all([replica(s3), replica(s3), replica(s3)])
    for (const { url } of [one, two, three]) expect(await versionsAt(url)).toEqual([])
    await Promise.all([two.signal('SIGSTOP'), three.signal('SIGSTOP')])
    // It arrives at one that sleeps, and is decided when that one wakes up.
    const asleep = push(two.url, await chartOf('1.0.0', 'writer: two\n'))
    const bytes = await chartOf('1.0.0')
    for (const body of [bytes, await chartOf('1.1.0')]) expect((await push(one.url, body)).status).toBe(201)
    const made = await relocatedAt(one.url, '1.0.0')
    await Promise.all([two.signal('SIGCONT'), three.signal('SIGCONT')])
    expect((await asleep).status).toBe(409)
    for (const { url } of [two, three]) {
      expect(await versionsAt(url)).toEqual(['1.0.0', '1.1.0'])
      expect((await ask(url, '/local/charts/web-1.0.0.tgz')).body.equals(bytes)).toBe(true)
      expect(await relocatedAt(url, '1.0.0')).toBe(made)
    }
    expect((await push(three.url, await chartOf('1.2.0'))).status).toBe(201)
    expect(await versionsAt(one.url)).toEqual(['1.0.0', '1.1.0', '1.2.0'])
  }, 60_000)
})

describeWithTools('servers on one bucket, one of them an hour ahead', ['versitygw', 'faketime'], ({ faketime }) => {
  it('list, serve and keep the same, and its housekeeping takes nothing of the others', async () => {
    const { s3 } = await bucket()
    // As the wrapper would, without its shared memory, which ends with it.
    const preload = execFileSync(faketime, ['-f', '+1h', 'printenv', 'LD_PRELOAD'], { encoding: 'utf8' }).trim()
    const environment = { LD_PRELOAD: preload, FAKETIME: '+1h', FAKETIME_DONT_FAKE_MONOTONIC: '1' }
    const [right, ahead] = await Promise.all([replica(s3), replica(s3, { environment })])
    const now = async (url: string): Promise<number> =>
      new Date((await ask(url, '/healthz')).headers.date ?? '').getTime()
    expect((await now(ahead.url)) - (await now(right.url))).toBeGreaterThan(3_500_000)
    expect((await push(ahead.url, await chartOf('1.0.0'))).status).toBe(201)
    expect((await push(right.url, await chartOf('1.1.0'))).status).toBe(201)
    const pushed = openRegistries({ plainHttp: true }).repository(`${right.url.slice(7)}/local/app`)
    const { digest } = await pushImage(pushed, { layers: [layerOf('one', 2000)], tag: 'v1' })
    expect((await ask(ahead.url, '/admin/tidy', { method: 'POST' })).status).toBe(200)
    for (const { url } of [right, ahead]) {
      expect(await versionsAt(url)).toEqual(['1.0.0', '1.1.0'])
      const image = await ask(url, '/v2/local/app/manifests/v1', { method: 'HEAD' })
      expect(image.headers['docker-content-digest']).toBe(digest)
    }
    expect((await push(right.url, await chartOf('1.0.0', 'other: true\n'))).status).toBe(409)
    expect(await relocatedAt(ahead.url, '1.1.0')).toBe(await relocatedAt(right.url, '1.1.0'))
  }, 60_000)
})

describeWithTools('servers with a Redis', ['versitygw', 'redis-server'], (tools) => {
  it('are right when it is wiped, frozen and gone', async () => {
    const { s3 } = await bucket()
    const redis = await prepareRedis(tools['redis-server'])
    await redis.start()
    closeLater(() => redis.stop())
    const settings = { redisUrl: redis.url, freshFor: '1h' }
    const [one, two] = await Promise.all([replica(s3, { settings }), replica(s3, { settings })])
    expect((await push(one.url, await chartOf('1.0.0'))).status).toBe(201)
    const made = await relocatedAt(one.url, '1.0.0')
    // What it held is gone with it.
    await redis.stop()
    await redis.start()
    expect(await relocatedAt(two.url, '1.0.0')).toBe(made)
    redis.freeze()
    expect((await push(two.url, await chartOf('1.1.0'))).status).toBe(201)
    expect(await versionsAt(one.url)).toEqual(['1.0.0', '1.1.0'])
    redis.goOn()
    await redis.stop()
    expect((await push(one.url, await chartOf('1.2.0'))).status).toBe(201)
    expect(await versionsAt(two.url)).toEqual(['1.0.0', '1.1.0', '1.2.0'])
    expect(await relocatedAt(two.url, '1.2.0')).toBe(await relocatedAt(one.url, '1.2.0'))
  }, 60_000)
})
