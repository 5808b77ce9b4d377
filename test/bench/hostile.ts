// A hundred thousand requests, a tenth of them hostile, to a server in a process of its own: its memory on the way, how it answered, and
// whether a secret reached its log.
// node --conditions=@chartferry/source test/bench/hostile.ts [REQUESTS]
import { Agent, request } from 'node:http'
import { connect } from 'node:net'
import { startProcess } from '../kit/server-process.ts'
import { startUpstream } from '../kit/upstream.ts'

const total = Number(process.argv[2] ?? 100_000)
const secrets = [
  'hunter2-of-upstream',
  'hunter2-in-query',
  'hunter2-in-header',
  'hunter2-in-userinfo',
  'hunter2-of-pusher',
]
const upstream = await startUpstream()
for (let at = 0; at < 40; at++)
  await upstream.add({ name: `chart-${at}`, files: { 'noise.txt': `${at} `.repeat(3000) } })
await upstream.add(
  { name: 'lost' },
  { entry: { urls: [`${upstream.url.replace('//', '//user:hunter2-in-userinfo@')}/none.tgz`] } },
)
const server = await startProcess({
  freshFor: '1s',
  repositories: {
    up: { url: upstream.url, username: 'robot', password: 'hunter2-of-upstream' },
    down: { url: 'http://user:hunter2-in-userinfo@127.0.0.1:1/charts' },
    local: { kind: 'hosted' },
    all: { kind: 'group', members: ['local', 'up'] },
  },
})
const agent = new Agent({ keepAlive: true, maxSockets: 32 })
const counts = new Map<string, number>()
const count = (key: string): void => void counts.set(key, (counts.get(key) ?? 0) + 1)

interface Sent {
  readonly method?: string
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
}

function send({ method = 'GET', path, headers = {}, body }: Sent): Promise<{ status: number; body: Buffer }> {
  const { hostname, port } = new URL(server.url)
  return new Promise((done) => {
    const sent = request({ hostname, port, path, method, headers: { ...headers }, agent }, (response) => {
      const pieces: Buffer[] = []
      response.on('data', (piece: Buffer) => pieces.push(piece))
      response.on('close', () => done({ status: response.statusCode ?? 0, body: Buffer.concat(pieces) }))
    })
    sent.on('error', () => done({ status: 0, body: Buffer.alloc(0) }))
    sent.end(body)
  })
}

/** Bytes that are no request, or only the beginning of one; the connection is left open for a moment. */
function sendRaw(text: string): Promise<{ status: number; body: Buffer }> {
  const { hostname, port } = new URL(server.url)
  return new Promise((done) => {
    const pieces: Buffer[] = []
    const socket = connect(Number(port), hostname, () => socket.write(text, 'latin1'))
    const end = (): void => {
      socket.destroy()
      const body = Buffer.concat(pieces)
      done({ status: Number(/^HTTP\/1\.1 (\d+)/.exec(body.toString('latin1'))?.[1] ?? 0), body })
    }
    socket.setTimeout(50, end)
    socket.on('data', (piece) => pieces.push(piece))
    socket.on('error', end)
    socket.on('end', end)
  })
}

const index = JSON.parse((await send({ path: '/up/index.yaml' })).body.toString()) as {
  entries: Record<string, { urls: string[] }[]>
}
const archives = Object.entries(index.entries)
  .filter(([chart]) => chart !== 'lost')
  .map(([, [entry]]) => `/up/${entry?.urls[0]}`)
const honest: readonly ((at: number) => Sent)[] = [
  () => ({ path: '/up/index.yaml' }),
  () => ({ path: '/all/index.yaml', headers: { 'accept-encoding': 'gzip' } }),
  (at) => ({ path: archives[at % archives.length] ?? '/' }),
  (at) => ({ path: archives[at % archives.length] ?? '/', headers: { range: 'bytes=0-99' } }),
  (at) => ({ path: `/v2/up/chart-${at % 40}/manifests/1.0.0` }),
  () => ({ path: '/', headers: { accept: 'text/html' } }),
  () => ({ path: '/local/index.yaml', method: 'HEAD' }),
]
const long = 'a'.repeat(7000)
const hostile: readonly ((at: number) => Promise<{ status: number; body: Buffer }>)[] = [
  () => send({ path: '/up/charts/../../../../etc/passwd' }),
  () => send({ path: '/up/charts/%2e%2e%2f%2e%2e%2fetc%2fpasswd' }),
  () => send({ path: '/up/charts/..%5c..%5cwindows' }),
  () => send({ path: '/up/charts/%00' }),
  () => send({ path: '/%ff%fe/index.yaml' }),
  (at) => send({ path: `/nowhere-${at}/index.yaml` }),
  (at) => send({ path: `/up/charts/${at}/none-${at}.tgz` }),
  (at) => send({ path: `/up/only/none-${at},${long}/index.yaml` }),
  () => send({ path: '/up/index.yaml?token=hunter2-in-query' }),
  () => send({ path: '/up/index.yaml', headers: { authorization: 'Bearer hunter2-in-header' } }),
  () => send({ path: '/down/index.yaml', headers: { cookie: 'session=hunter2-in-header' } }),
  () => send({ path: `/up/${index.entries.lost?.[0]?.urls[0]}` }),
  (at) => send({ path: archives[0] ?? '/', headers: { range: `bytes=${at}999999-,1-2,${long}` } }),
  (at) => send({ path: archives[0] ?? '/', headers: { 'if-none-match': `"${at}", `.repeat(500) } }),
  () => send({ path: '/up/index.yaml', headers: { host: 'evil"><script>', 'x-request-id': 'a\tb'.repeat(10) } }),
  () =>
    send({
      path: '/api/local/charts',
      method: 'POST',
      body: 'no archive at all',
      headers: { authorization: 'Basic hunter2-of-pusher' },
    }),
  () =>
    send({
      path: '/api/local/charts',
      method: 'POST',
      body: Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 1, 2, 3]),
    }),
  () => send({ path: '/api/local/prov', method: 'POST', body: '-----BEGIN PGP SIGNED MESSAGE-----\n'.repeat(100) }),
  () => send({ path: '/up/index.yaml', method: 'DELETE' }),
  (at) => send({ path: `/v2/up/${'x/'.repeat(60)}y/manifests/${at}` }),
  (at) => send({ path: `/v2/up/chart-1/blobs/sha256:${String(at).padStart(64, '0')}` }),
  () => send({ path: '/v2/up/chart-1/tags/list?n=-1&last=%00&last=x' }),
  () => send({ path: '/v2/up/chart-1/blobs/uploads/', method: 'POST' }),
  (at) => send({ path: `/up?q=${encodeURIComponent('<script>alert(1)</script>'.repeat(50))}${at}` }),
  () => sendRaw('GET /up/index.yaml HTTP/1.1\r\nHost: x\r\nX: '),
  () => sendRaw('GET  HTTP/9\r\n\r\n\x00\x01\x02'),
  () => sendRaw(`GET /up/index.yaml HTTP/1.1\r\nHost: x\r\nX: ${'y'.repeat(40_000)}\r\n\r\n`),
  () =>
    sendRaw(
      'POST /api/local/charts HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    ),
  () => sendRaw('POST /api/local/charts HTTP/1.1\r\nHost: x\r\nContent-Length: 999999999999\r\n\r\nabc'),
]

const memory: number[] = []
/** What lives at each quarter, everything collected. */
const live: string[] = []
let at = 0
const client = async (): Promise<void> => {
  while (at < total) {
    const turn = at++
    if (turn % Math.ceil(total / 10) === 0) memory.push(server.memory())
    if (turn % Math.ceil(total / 4) === 0) live.push(await living())
    const isHostile = turn % 10 === 9
    const { status, body } = isHostile
      ? ((await (hostile[Math.floor(turn / 10) % hostile.length] ?? hostile[0])?.(turn)) ?? {
          status: 0,
          body: Buffer.alloc(0),
        })
      : await send((honest[turn % honest.length] ?? honest[0])?.(turn) ?? { path: '/' })
    count(`${isHostile ? 'hostile' : 'honest'} ${status === 0 ? 'connection closed' : status}`)
    for (const secret of secrets) if (body.includes(secret)) count(`SECRET in an answer: ${secret}`)
  }
}
async function living(): Promise<string> {
  const { heap, external } = await server.live()
  return `${heap} + ${external}`
}
const began = performance.now()
await Promise.all(Array.from({ length: 24 }, client))
const seconds = (performance.now() - began) / 1000
memory.push(server.memory())
live.push(await living())
agent.destroy()
const alive = await fetch(`${server.url}/healthz`)
console.log(
  `${total} requests in ${seconds.toFixed(0)} s, ${((server.processor() / total) * 1e6).toFixed(0)} us of processor each; afterwards /healthz answers ${alive.status}`,
)
console.log(`MB at each tenth: ${memory.join(' ')}, ${server.peakMemory()} at most`)
console.log(`MB that live at each quarter, objects + bytes outside of the heap: ${live.join(', ')}`)
for (const [key, number] of [...counts].sort(([a], [b]) => (a < b ? -1 : 1)))
  console.log(`  ${key.padEnd(34)} ${number}`)
const log = await server.log()
const leaked = secrets.filter(
  (secret) => log.includes(secret) || log.includes(Buffer.from(`robot:${secret}`).toString('base64')),
)
console.log(
  `log: ${(log.length / 1e6).toFixed(1)} MB, ${leaked.length === 0 ? 'no secret in it' : `SECRETS: ${leaked.join(', ')}`}, ${(log.match(/"INTERNAL"/g) ?? []).length} faults of the server`,
)
await server.close()
await upstream.close()
if (leaked.length > 0) process.exitCode = 1
