// Three servers on one bucket with a Redis and an nginx, and many clients, while everything breaks: servers are killed every 20 seconds,
// Redis is gone for a while and comes back empty, the bucket answers 503 and 409 and slowly. Counts what must not be: an acknowledged
// version that is not listed or not served, two digests of one relocated version, wrong bytes, a request without an end.
// node --conditions=@chartferry/source test/bench/replica-chaos.ts [SECONDS] [CLIENTS]
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { digestOf } from '@chartferry/core'
import { parseIndexFile } from '@chartferry/core/helm'
import { openRegistries } from '@chartferry/core/oci'
import { locateTool } from '../../scripts/tools.ts'
import { buildChart } from '../kit/charts.ts'
import { freePort } from '../kit/free-port.ts'
import { layerOf, pushImage } from '../kit/images.ts'
import { prepareRedis } from '../kit/redis.ts'
import { prepareReplica } from '../kit/replicas.ts'
import { startS3 } from '../kit/s3.ts'
import { startS3Proxy } from '../kit/s3-proxy.ts'
import { type Answer, ask } from '../kit/server.ts'
import { startUpstream } from '../kit/upstream.ts'

const seconds = Number(process.argv[2] ?? 900)
const clients = Number(process.argv[3] ?? 200)
const killEvery = 20_000
/** Milliseconds for which another server may lack what one has acknowledged. */
const mayLag = 2000
/** Milliseconds after which a request counts as one without an end. */
const patience = 60_000

const [nginx, redisServer] = [locateTool('nginx'), locateTool('redis-server')]
if (nginx === undefined || redisServer === undefined) throw new Error('needs nginx and redis-server')

const pod =
  'apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: a, image: "{{ .Values.image }}"}]}\n'
const upstream = await startUpstream(
  Array.from({ length: 40 }, (_, at) => ({
    name: `up-${at % 8}`,
    version: `1.${at}.0`,
    values: `image: quay.io/acme/web:${at}\n`,
    templates: { 'pod.yaml': pod },
  })),
)
const s3 = await startS3()
const proxy = await startS3Proxy(s3.options.endpoint)
const redis = await prepareRedis(redisServer)
await redis.start()
const { bucket, region, credentials } = s3.options
const replicas = await Promise.all(
  Array.from({ length: 3 }, () =>
    prepareReplica({
      settings: {
        s3: { bucket, region, endpoint: proxy.url },
        redisUrl: redis.url,
        freshFor: '2s',
        logLevel: 'warn',
        // What comes through nginx is no program of this machine.
        access: { pull: ['anyone'], push: ['anyone'] },
        images: { registries: { 'quay.io': {} } },
        relocation: { processes: 1, memory: '256MiB' },
        repositories: {
          local: { kind: 'hosted' },
          up: { url: upstream.url },
          corp: { kind: 'relocated', of: 'up', to: 'images.corp', images: 'pull-through' },
        },
      },
      environment: { AWS_ACCESS_KEY_ID: credentials.accessKeyId, AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey },
    }),
  ),
)
for (const replica of replicas) await replica.start()
const front = await startNginx(nginx)

const acknowledged = new Map<string, { readonly digest: string; readonly at: number }>()
const images = new Map<string, { readonly digest: string; readonly at: number }>()
const relocated = new Map<string, Set<string>>()
const times: number[] = []
const outcome = {
  kills: 0,
  answers: 0,
  refused: 0,
  cut: 0,
  saidStale: 0,
  unlisted: 0,
  unserved: 0,
  wrong: 0,
  endless: 0,
}
let isOver = false
let next = 0

async function startNginx(command: string): Promise<{ readonly url: string; close(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'chartferry-nginx-'))
  const port = await freePort()
  const servers = replicas.map(({ url }) => `server ${url.slice(7)} max_fails=1 fail_timeout=1s;`).join(' ')
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
  await mkdir(join(folder, 'logs'))
  await writeFile(
    join(folder, 'nginx.conf'),
    `daemon off; worker_processes 1; pid ${folder}/pid; error_log /dev/null;
events { worker_connections 2048; }
http { access_log off; ${temporary.map((name) => `${name}_temp_path ${folder}/${name};`).join(' ')}
  client_max_body_size 0; proxy_request_buffering off; proxy_buffering off;
  upstream servers { ${servers} }
  server { listen 127.0.0.1:${port};
    location / { proxy_pass http://servers; proxy_set_header Host $http_host; proxy_next_upstream error timeout http_503; } } }
`,
  )
  const child = spawn(command, ['-p', folder, '-c', join(folder, 'nginx.conf')], { stdio: 'ignore' })
  const url = `http://127.0.0.1:${port}`
  while ((await ask(url, '/healthz').catch(() => undefined)) === undefined);
  return {
    url,
    close: async () => {
      const ended = once(child, 'exit')
      child.kill('SIGTERM')
      await ended
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** An answer that counts; undefined for a refusal that says so (5xx, 429) or a connection that was cut. */
async function answerOf(path: string, asked: Parameters<typeof ask>[2] = {}): Promise<Answer | undefined> {
  const began = performance.now()
  const timer = new AbortController()
  const late = wait(patience, 'late' as const, { signal: timer.signal }).catch(() => 'late' as const)
  const answer = await Promise.race([ask(front.url, path, asked).catch(() => 'cut' as const), late])
  timer.abort()
  times.push(performance.now() - began)
  if (answer === 'late') outcome.endless += 1
  else if (answer === 'cut') outcome.cut += 1
  else if (answer.status >= 500 || answer.status === 429) outcome.refused += 1
  else {
    outcome.answers += 1
    return answer
  }
  return undefined
}

const anyOf = <Value>(values: Iterable<Value>): Value | undefined => {
  const all = [...values]
  return all[Math.floor(Math.random() * all.length)]
}

async function pushOne(): Promise<void> {
  const number = next++
  const [name, version] = [`chart-${number % 9}`, `1.0.${number}`]
  const body = await buildChart({ name, version, values: `n: ${number}\n` })
  const key = `${name}-${version}`
  for (let tries = 0; tries < 20; tries++) {
    const answer = await answerOf('/api/local/charts', { method: 'POST', body })
    // A push whose answer was lost may have been taken: then the next one says so.
    if (answer?.status === 201 || (answer?.status === 409 && tries > 0)) {
      acknowledged.set(key, { digest: digestOf(body), at: performance.now() })
      return
    }
    await wait(100 * tries)
  }
}

async function pushImageOnce(client: number): Promise<void> {
  const name = `local/app-${client}`
  const into = openRegistries({ plainHttp: true }).repository(`${front.url.slice(7)}/${name}`)
  const tag = `v${next++}`
  try {
    const { digest } = await pushImage(into, { layers: [layerOf(`${name}:${tag}`, 3000)], tag })
    images.set(`${name}/manifests/${tag}`, { digest, at: performance.now() })
  } catch {
    outcome.cut += 1
  }
}

async function pullOne(): Promise<void> {
  const [key, { digest, at }] = anyOf(acknowledged) ?? ['', { digest: '', at: 0 }]
  if (key === '' || performance.now() - at < mayLag) return
  const answer = await answerOf(`/local/charts/${key}.tgz`)
  if (answer === undefined) return
  if (answer.status !== 200) outcome.unserved += 1
  else if (digestOf(answer.body) !== digest) outcome.wrong += 1
}

async function pullImage(): Promise<void> {
  const [path, { digest, at }] = anyOf(images) ?? ['', { digest: '', at: 0 }]
  if (path === '' || performance.now() - at < mayLag) return
  const answer = await answerOf(`/v2/${path}`)
  if (answer === undefined) return
  if (answer.status !== 200) outcome.unserved += 1
  else if (digestOf(answer.body) !== digest) outcome.wrong += 1
}

async function refresh(): Promise<void> {
  const mustHave = [...acknowledged].filter(([, { at }]) => performance.now() - at > mayLag).map(([key]) => key)
  const answer = await answerOf('/local/index.yaml')
  if (answer?.status !== 200) return
  if (answer.headers['x-cache'] === 'STALE') {
    outcome.saidStale += 1
    return
  }
  const text = answer.body.toString()
  outcome.unlisted += mustHave.filter((key) => !text.includes(`${key}.tgz`)).length
}

async function pullRelocated(): Promise<void> {
  const index = await answerOf('/corp/index.yaml')
  if (index?.status !== 200) return
  const entries = [...parseIndexFile(index.body.toString()).entries.values()].flat()
  const entry = anyOf(entries)
  if (entry === undefined) return
  const answer = await answerOf(`/corp/${entry.urls[0]}`)
  if (answer === undefined) return
  if (answer.status !== 200) outcome.unserved += 1
  else noteRelocated(`${entry.name}-${entry.version}`, answer.body)
}

function noteRelocated(key: string, body: Buffer): void {
  const all = relocated.get(key) ?? new Set<string>()
  relocated.set(key, all.add(digestOf(body)))
}

async function client(number: number): Promise<void> {
  const acts = [pushOne, pullOne, pullOne, pullOne, refresh, pullRelocated, pullRelocated, pullImage] as const
  for (let at = number; !isOver; at++) {
    await (at % 25 === 0 ? pushImageOnce(number) : (acts[at % acts.length] ?? pullOne)())
    await wait(Math.random() * 200)
  }
}

async function killInTurn(): Promise<void> {
  for (let at = 0; !isOver; at++) {
    await wait(killEvery)
    if (isOver) return
    const replica = replicas[at % replicas.length]
    await replica?.signal('SIGKILL')
    outcome.kills += 1
    await replica?.start()
  }
}

async function breakThings(): Promise<void> {
  const part = seconds * 1000
  await wait(part * 0.2)
  await redis.stop()
  console.log('redis is gone')
  await wait(part * 0.15)
  await redis.start()
  console.log('redis is back, and empty')
  await wait(part * 0.15)
  proxy.fault = ({ method, headers }) => {
    const dice = Math.random()
    if (dice < 0.1) return { status: 503 }
    if (dice < 0.2 && method === 'PUT' && headers['if-none-match'] === '*') return { status: 409 }
    return dice > 0.9 ? { delay: 1500 } : undefined
  }
  console.log('the bucket fails')
  await wait(part * 0.2)
  proxy.fault = undefined
  console.log('the bucket is well')
}

const began = performance.now()
const killing = killInTurn()
const breaking = breakThings()
const working = Array.from({ length: clients }, (_, number) => client(number))
await wait(seconds * 1000)
isOver = true
await Promise.all([...working, killing, breaking])
const ran = (performance.now() - began) / 1000

/** In the end each server must know everything. */
const atTheEnd = { unlisted: 0, unserved: 0, wrong: 0 }
await wait(mayLag)
for (const { url } of replicas) {
  const text = (await ask(url, '/local/index.yaml')).body.toString()
  for (const [key, { digest }] of acknowledged) {
    if (!text.includes(`${key}.tgz`)) atTheEnd.unlisted += 1
    const { status, body } = await ask(url, `/local/charts/${key}.tgz`)
    if (status !== 200) atTheEnd.unserved += 1
    else if (digestOf(body) !== digest) atTheEnd.wrong += 1
  }
  for (const [path, { digest }] of images) {
    const { status, body } = await ask(url, `/v2/${path}`)
    if (status !== 200) atTheEnd.unserved += 1
    else if (digestOf(body) !== digest) atTheEnd.wrong += 1
  }
  const index = parseIndexFile((await ask(url, '/corp/index.yaml')).body.toString())
  for (const entry of [...index.entries.values()].flat()) {
    const { status, body } = await ask(url, `/corp/${entry.urls[0]}`)
    if (status === 200) noteRelocated(`${entry.name}-${entry.version}`, body)
    else atTheEnd.unserved += 1
  }
}
const twice = [...relocated.values()].filter((digests) => digests.size > 1).length
times.sort((a, b) => a - b)
const time = (share: number): string =>
  `${Math.round(times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0)} ms`
console.log(
  `${clients} clients, ${Math.round(ran)} s, ${outcome.kills} kills, ${proxy.counts.requests} requests to the bucket, ${proxy.counts.faults} of them failed or slow`,
)
console.log(`${acknowledged.size} charts and ${images.size} images acknowledged, ${relocated.size} versions relocated`)
console.log(
  `${outcome.answers} answers, ${outcome.refused} refused with 5xx, ${outcome.cut} cut off, ${outcome.saidStale} indexes that said STALE; p50 ${time(0.5)}, p99 ${time(0.99)}, slowest ${time(1)}`,
)
console.log(
  `must be 0, meanwhile: unlisted ${outcome.unlisted}, unserved ${outcome.unserved}, wrong bytes ${outcome.wrong}, without an end ${outcome.endless}`,
)
console.log(
  `must be 0, at each server in the end: unlisted ${atTheEnd.unlisted}, unserved ${atTheEnd.unserved}, wrong bytes ${atTheEnd.wrong}; relocated versions with two digests ${twice}`,
)
const faults = [outcome.unlisted, outcome.unserved, outcome.wrong, outcome.endless, ...Object.values(atTheEnd), twice]
// Who has taken nothing has lost nothing.
const hasWorked = acknowledged.size > 0 && images.size > 0 && relocated.size > 0
process.exitCode = hasWorked && faults.every((count) => count === 0) ? 0 : 1
await front.close()
for (const replica of replicas) await replica.close()
await redis.stop()
await proxy.close()
await s3.close()
await upstream.close()
