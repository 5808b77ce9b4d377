// The server beside nginx, a bare Koa and a bare node:http, by wrk, in turns: processor time a request, and requests a second. The server
// logs each request and counts it; rules of access are on.
// node --conditions=@chartferry/source test/bench/beside-nginx.ts [SECONDS]
import { execFile, spawn } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'
import { noise } from '../kit/images.ts'
import { startProcess } from '../kit/server-process.ts'
import { startUpstream } from '../kit/upstream.ts'

const seconds = Number(process.argv[2] ?? 3)
const rounds = 3
const execute = promisify(execFile)

/** 208 KB of index, an archive of 54 KB. */
const upstream = await startUpstream()
for (let at = 0; at < 620; at++) {
  const bytes = Buffer.from(`archive ${at}`)
  await upstream.add(
    { name: `chart-${at % 60}`, version: `1.${at}.0` },
    { bytes, entry: { description: 'what it is for '.repeat(2) } },
  )
}
const filler = noise('filler', 54_000)
const archive = await upstream.add({ name: 'web', files: { 'noise.bin': filler } })
const server = await startProcess({
  freshFor: '1h',
  repositories: { up: { url: upstream.url, access: { pull: ['anyone'] } } },
  auth: { users: { robot: { password: 'a-password' } } },
})
const index = Buffer.from(await (await fetch(`${server.url}/up/index.yaml`)).arrayBuffer())
const { entries } = JSON.parse(index.toString()) as { entries: { web: { urls: string[] }[] } }
/** The validator of the plain form: a compressed one has its own. */
async function etagOf(url: string): Promise<string> {
  const plain = { 'accept-encoding': 'identity' }
  const etag = (await fetch(url, { headers: plain })).headers.get('etag') ?? ''
  const { status } = await fetch(url, { headers: { ...plain, 'if-none-match': etag } })
  if (status !== 304) throw new Error(`${url}: ${status} for its own ${etag}`)
  return etag
}
const etag = await etagOf(`${server.url}/up/index.yaml`)

const folder = await mkdtemp(join(tmpdir(), 'chartferry-beside-'))
const root = join(folder, 'root')
await execute('mkdir', ['-p', root])
await writeFile(join(root, 'index.yaml'), index)
await writeFile(join(root, 'index.yaml.gz'), gzipSync(index))
await writeFile(join(root, 'web.tgz'), archive)

interface Contestant {
  readonly name: string
  readonly pid: () => Promise<number>
  readonly index: string
  readonly archive: string
  readonly etag: string
}

const nodePort = 18_431
const koaPort = 18_432
const nginxPort = 18_433
const require = join(import.meta.dirname, '../../packages/server/package.json')
await writeFile(
  join(folder, 'bare.mjs'),
  `import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import { readFileSync } from 'node:fs'
const files = { '/index.yaml': readFileSync('${root}/index.yaml'), '/web.tgz': readFileSync('${root}/web.tgz') }
const zipped = readFileSync('${root}/index.yaml.gz')
const etag = '"bare"'
createServer((request, response) => {
  const body = files[request.url]
  response.setHeader('ETag', etag)
  if (request.headers['if-none-match'] === etag) { response.statusCode = 304; response.end(); return }
  const gzip = request.url === '/index.yaml' && /gzip/.test(request.headers['accept-encoding'] ?? '')
  if (gzip) response.setHeader('Content-Encoding', 'gzip')
  const sent = gzip ? zipped : body
  response.setHeader('Content-Length', sent.length)
  response.end(sent)
}).listen(${nodePort}, '127.0.0.1')
const Koa = createRequire('${require}')('koa')
const app = new Koa()
app.use((ctx) => {
  ctx.set('ETag', etag)
  if (ctx.get('if-none-match') === etag) { ctx.status = 304; return }
  const gzip = ctx.path === '/index.yaml' && ctx.acceptsEncodings('gzip', 'identity') === 'gzip'
  if (gzip) ctx.set('Content-Encoding', 'gzip')
  ctx.body = gzip ? zipped : files[ctx.path]
})
if (process.argv[2] === 'koa') app.listen(${koaPort}, '127.0.0.1')
`,
)
await writeFile(
  join(folder, 'nginx.conf'),
  `worker_processes 1; daemon off; pid ${folder}/nginx.pid; error_log /dev/null;
events { worker_connections 512; }
http { access_log ${folder}/access.log; client_body_temp_path ${folder}; proxy_temp_path ${folder}; fastcgi_temp_path ${folder}; uwsgi_temp_path ${folder}; scgi_temp_path ${folder};
  sendfile on; keepalive_requests 10000000;
  server { listen 127.0.0.1:${nginxPort}; root ${root}; gzip_static on; default_type application/octet-stream; } }
`,
)
const children = [
  spawn(process.execPath, [join(folder, 'bare.mjs'), 'koa'], { stdio: 'ignore' }),
  spawn('nginx', ['-c', join(folder, 'nginx.conf')], { stdio: 'ignore' }),
]
for (const port of [nodePort, koaPort, nginxPort])
  while ((await fetch(`http://127.0.0.1:${port}/index.yaml`).catch(() => undefined)) === undefined);

const bare = async (): Promise<number> => children[0]?.pid ?? 0
const nginxWorker = async (): Promise<number> => {
  const { stdout } = await execute('pgrep', ['-P', String(children[1]?.pid)])
  return Number(stdout.trim().split('\n')[0])
}
const nginxEtag = await etagOf(`http://127.0.0.1:${nginxPort}/index.yaml`)
const contestants: readonly Contestant[] = [
  {
    name: 'chartferry',
    pid: async () => server.pid,
    index: `${server.url}/up/index.yaml`,
    archive: `${server.url}/up/${entries.web[0]?.urls[0]}`,
    etag,
  },
  {
    name: 'koa',
    pid: bare,
    index: `http://127.0.0.1:${koaPort}/index.yaml`,
    archive: `http://127.0.0.1:${koaPort}/web.tgz`,
    etag: '"bare"',
  },
  {
    name: 'node:http',
    pid: bare,
    index: `http://127.0.0.1:${nodePort}/index.yaml`,
    archive: `http://127.0.0.1:${nodePort}/web.tgz`,
    etag: '"bare"',
  },
  {
    name: 'nginx',
    pid: nginxWorker,
    index: `http://127.0.0.1:${nginxPort}/index.yaml`,
    archive: `http://127.0.0.1:${nginxPort}/web.tgz`,
    etag: nginxEtag,
  },
]

async function processor(pid: number): Promise<number> {
  const fields = (await readFile(`/proc/${pid}/stat`, 'utf8')).split(') ')[1]?.split(' ') ?? []
  return (Number(fields[11]) + Number(fields[12])) * 10_000
}

interface Measured {
  /** Microseconds a request. */
  readonly cost: number
  readonly rate: number
}

async function measure(pid: number, url: string, headers: readonly string[]): Promise<Measured> {
  const before = await processor(pid)
  const { stdout } = await execute('wrk', [
    '-t1',
    '-c32',
    `-d${seconds}s`,
    ...headers.flatMap((header) => ['-H', header]),
    url,
  ])
  const used = (await processor(pid)) - before
  const requests = Number(/(\d+) requests in/.exec(stdout)?.[1])
  if (/Non-2xx/.test(stdout)) throw new Error(`${url}: ${stdout}`)
  return { cost: used / requests, rate: requests / seconds }
}

const kinds: readonly {
  readonly name: string
  readonly url: (of: Contestant) => string
  readonly headers: (of: Contestant) => readonly string[]
}[] = [
  { name: `index ${Math.round(index.length / 1000)} KB`, url: (of) => of.index, headers: () => [] },
  { name: 'index, gzip', url: (of) => of.index, headers: () => ['Accept-Encoding: gzip'] },
  { name: 'index, 304', url: (of) => of.index, headers: (of) => [`If-None-Match: ${of.etag}`] },
  { name: `archive ${Math.round(archive.length / 1000)} KB`, url: (of) => of.archive, headers: () => [] },
]
const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
console.log(`us of processor a request (requests a second), wrk -t1 -c32, ${rounds} turns of ${seconds} s, medians`)
for (const kind of kinds) {
  const results = new Map<string, Measured[]>()
  for (let round = 0; round < rounds; round++) {
    for (const contestant of contestants) {
      const measured = await measure(await contestant.pid(), kind.url(contestant), kind.headers(contestant))
      results.set(contestant.name, [...(results.get(contestant.name) ?? []), measured])
    }
  }
  const cost = (name: string): number => median(results.get(name)?.map((one) => one.cost) ?? [])
  const cells = contestants.map(
    ({ name }) =>
      `${name} ${cost(name).toFixed(0)} (${(median(results.get(name)?.map((one) => one.rate) ?? []) / 1000).toFixed(1)}k)`,
  )
  console.log(
    `${kind.name.padEnd(16)} ${cells.join('   ')}   ratio to Koa ${(cost('chartferry') / cost('koa')).toFixed(2)}`,
  )
}
for (const child of children) child.kill('SIGTERM')
await server.close()
await upstream.close()
await rm(folder, { recursive: true, force: true })
