// What a server on a bucket with a Redis costs a request and a byte: processor time of the server, requests to the bucket, commands to
// Redis. `simulate-scale.ts` reckons with what this prints.
// node --conditions=@chartferry/source test/bench/request-cost.ts [REQUESTS]
import { once } from 'node:events'
import { Agent, request } from 'node:http'
import { connect } from 'node:net'
import { openRegistries } from '@chartferry/core/oci'
import { locateTool } from '../../scripts/tools.ts'
import { buildChart } from '../kit/charts.ts'
import { layerOf, noise, pushImage } from '../kit/images.ts'
import { prepareRedis } from '../kit/redis.ts'
import { startRegistry } from '../kit/registry.ts'
import { startS3 } from '../kit/s3.ts'
import { startS3Proxy } from '../kit/s3-proxy.ts'
import { startProcess } from '../kit/server-process.ts'
import { startUpstream } from '../kit/upstream.ts'

const requests = Number(process.argv[2] ?? 2000)
const blobBytes = 64 * 1024 * 1024
const redisServer = locateTool('redis-server')
if (redisServer === undefined) throw new Error('needs redis-server')
const agent = new Agent({ keepAlive: true, maxSockets: 8 })

const upstream = await startUpstream()
for (let at = 0; at < 620; at++) {
  const bytes = Buffer.from(`archive ${at}`)
  await upstream.add(
    { name: `chart-${at % 60}`, version: `1.${at}.0` },
    { bytes, entry: { description: 'what it is for '.repeat(2) } },
  )
}
await upstream.add({ name: 'web', files: { 'noise.bin': noise('filler', 54_000) } })
/** 10,000 versions; each time it is asked for it is another text. */
const large = await startUpstream()
const manyVersions = 10_000
let generation = 0
function renewLarge(): void {
  const entries: Record<string, object[]> = {}
  for (let at = 0; at < manyVersions; at++) {
    const name = `chart-${at % 200}`
    const entry = {
      name,
      version: `1.${at}.0`,
      apiVersion: 'v2',
      urls: [`${name}-1.${at}.0.tgz`],
      digest: String(at).padStart(64, '0'),
      description: 'what it is for '.repeat(20),
      created: '2026-01-01T00:00:00Z',
    }
    entries[name] = [...(entries[name] ?? []), entry]
  }
  large.setIndex(
    JSON.stringify({ apiVersion: 'v1', generated: `2026-01-01T00:00:${10 + (generation++ % 50)}Z`, entries }),
  )
}
renewLarge()
const registry = await startRegistry()
const origin = openRegistries({ plainHttp: true }).repository(`${registry.host}/team/web`)
const image = await pushImage(origin, { layers: [layerOf('large', blobBytes)], tag: 'v1' })
const s3 = await startS3()
const proxy = await startS3Proxy(s3.options.endpoint)
const redis = await prepareRedis(redisServer)
await redis.start()
const { bucket, region, endpoint, credentials } = s3.options
process.env.AWS_ACCESS_KEY_ID = credentials.accessKeyId
process.env.AWS_SECRET_ACCESS_KEY = credentials.secretAccessKey
const settings = {
  redisUrl: redis.url,
  freshFor: '1h',
  images: { registries: { lab: { host: registry.host, plainHttp: true } }, freshFor: '1h' },
  access: { pull: ['anyone'], push: ['anyone'] },
  repositories: {
    up: { url: upstream.url },
    large: { url: large.url, freshFor: '0s' },
    local: { kind: 'hosted' },
  },
}

interface Asked {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Uint8Array
}

/** Reads an answer to its end; gives its bytes, and its head. */
function fetched(
  url: string,
  { method = 'GET', headers = {}, body }: Asked = {},
): Promise<{ bytes: number; status: number; head: NodeJS.Dict<string | string[]> }> {
  return new Promise((done, fail) => {
    const sent = request(url, { agent, method, headers }, (response) => {
      let bytes = 0
      response.on('data', (piece: Buffer) => {
        bytes += piece.length
      })
      response.on('end', () => done({ bytes, status: response.statusCode ?? 0, head: response.headers }))
      response.on('error', fail)
    })
    sent.on('error', fail)
    sent.end(body)
  })
}

/** Commands that Redis has been given so far. */
async function redisCommands(): Promise<number> {
  const socket = connect(Number(new URL(redis.url).port), '127.0.0.1')
  socket.end('INFO stats\r\n')
  let text = ''
  socket.on('data', (piece: Buffer) => {
    text += piece.toString()
  })
  await once(socket, 'close')
  return Number(/total_commands_processed:(\d+)/.exec(text)?.[1])
}

interface Kind {
  readonly name: string
  readonly count: number
  readonly ask: (url: string, at: number) => Promise<{ readonly bytes: number; readonly status: number }>
}

let pushes = 0
const manifest = '/v2/lab/team/web/manifests'
const accept = { accept: 'application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.index.v1+json' }
const { layers } = JSON.parse(
  registry.repositories.get('team/web')?.manifests.get(image.digest)?.bytes.toString() ?? '',
) as { layers: { digest: string }[] }
let etag = ''
let archive = ''
const kinds: readonly Kind[] = [
  {
    name: 'index, 304',
    count: requests,
    ask: (url) => fetched(`${url}/up/index.yaml`, { headers: { 'if-none-match': etag } }),
  },
  {
    name: 'index of 208 KB, gzip',
    count: requests,
    ask: (url) => fetched(`${url}/up/index.yaml`, { headers: { 'accept-encoding': 'gzip' } }),
  },
  { name: 'chart archive of 54 KB', count: requests, ask: (url) => fetched(`${url}/up/${archive}`) },
  {
    name: 'manifest by tag',
    count: requests,
    ask: (url) => fetched(`${url}${manifest}/v1`, { method: 'HEAD', headers: accept }),
  },
  {
    name: 'manifest by digest',
    count: requests,
    ask: (url) => fetched(`${url}${manifest}/${image.digest}`, { headers: accept }),
  },
  { name: 'blob of 64 MiB', count: 16, ask: (url) => fetched(`${url}/v2/lab/team/web/blobs/${layers[0]?.digest}`) },
  {
    name: `new index of ${manyVersions} versions`,
    count: 8,
    ask: (url) => {
      renewLarge()
      return fetched(`${url}/large/index.yaml`)
    },
  },
  {
    name: 'chart pushed',
    count: Math.min(200, requests),
    ask: async (url) =>
      fetched(`${url}/api/local/charts`, {
        method: 'POST',
        body: await buildChart({ name: 'pushed', version: `1.0.${pushes++}` }),
      }),
  },
]

async function measure(
  through: string,
): Promise<Map<string, { cpu: number; s3: number; redis: number; bytes: number }>> {
  const server = await startProcess({
    ...settings,
    s3: { bucket, region, endpoint: through, prefix: through === endpoint ? 'a' : 'b' },
  })
  etag = String((await fetched(`${server.url}/up/index.yaml`)).head.etag)
  const index = (await (await fetch(`${server.url}/up/index.json`)).json()) as {
    entries: { web: { urls: string[] }[] }
  }
  archive = index.entries.web[0]?.urls[0] ?? ''
  const results = new Map<string, { cpu: number; s3: number; redis: number; bytes: number }>()
  for (const { name, count, ask } of kinds) {
    // What is fetched once is not what is measured.
    for (let at = 0; at < Math.min(20, count / 4); at++) await ask(server.url, at)
    const before = { cpu: server.processor(), s3: proxy.counts.requests, redis: await redisCommands() }
    let bytes = 0
    let begun = 0
    const worker = async (): Promise<void> => {
      while (begun < count) {
        const answer = await ask(server.url, begun++)
        if (answer.status >= 400) throw new Error(`${name}: ${answer.status}`)
        bytes += answer.bytes
      }
    }
    await Promise.all(Array.from({ length: name.startsWith('new') ? 1 : 8 }, worker))
    results.set(name, {
      cpu: ((server.processor() - before.cpu) * 1e6) / count,
      s3: (proxy.counts.requests - before.s3) / count,
      redis: ((await redisCommands()) - before.redis) / count,
      bytes: bytes / count,
    })
  }
  console.error(`${server.peakMemory()} MB at most`)
  await server.close()
  return results
}

// The processor time without anything between, the requests to the bucket with what counts them.
const plain = await measure(endpoint)
const counted = await measure(proxy.url)
console.log('| request | processor, us | bytes | requests to the bucket | commands to Redis |')
console.log('|---|---|---|---|---|')
for (const { name } of kinds) {
  const [{ cpu, bytes } = { cpu: 0, bytes: 0 }, { s3: toBucket, redis: toRedis } = { s3: 0, redis: 0 }] = [
    plain.get(name),
    counted.get(name),
  ]
  console.log(
    `| ${name} | ${Math.round(cpu)} | ${Math.round(bytes)} | ${toBucket.toFixed(2)} | ${toRedis.toFixed(2)} |`,
  )
}
agent.destroy()
await proxy.close()
await s3.close()
await redis.stop()
await registry.close()
await large.close()
await upstream.close()
