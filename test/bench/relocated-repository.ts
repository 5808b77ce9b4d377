// Proof that a relocated repository gives the same bytes from every replica, and those of the command line: all charts of
// a folder through three servers on one store, each asked in an order of its own. Prints cold and warm times.
//
// usage: node --conditions=@chartferry/source test/bench/relocated-repository.ts CHARTS [OUT] [COUNT]
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { createInterface } from 'node:readline'
import { readChartArchive } from '@chartferry/core'
import { parseIndexFile } from '@chartferry/core/helm'
import { ask } from '../kit/server.ts'

const [charts = '', out = await mkdtemp(join(tmpdir(), 'relocated-')), most = '1000'] = process.argv.slice(2)
const replicas = 3
const bin = join(import.meta.dirname, '../../packages/cli/src/bin.ts')
const node = ['--conditions=@chartferry/source', bin]

interface Source {
  readonly url: string
  close(): void
}

/** A repository of the archives of a folder. */
async function openSource(): Promise<Source> {
  const entries: Record<string, object[]> = {}
  const all = (await readdir(charts)).filter((name) => name.endsWith('.tgz'))
  const step = Math.max(1, all.length / Number(most))
  const files = all.filter((_, at) => Math.floor(at / step) !== Math.floor((at - 1) / step))
  for (const file of files) {
    const bytes = await readFile(join(charts, file))
    const archive = await readChartArchive(bytes).catch(() => undefined)
    if (archive === undefined) continue
    const { name, version } = archive.chart.metadata
    entries[name] ??= []
    entries[name].push({ apiVersion: 'v2', name, version, digest: archive.digest.slice(7), urls: [`charts/${file}`] })
  }
  const index = JSON.stringify({ apiVersion: 'v1', generated: '2026-01-01T00:00:00Z', entries })
  const server = createServer((request, response) => {
    const name = basename(decodeURIComponent(request.url ?? ''))
    if (name === 'index.yaml') response.end(index)
    else createReadStream(join(charts, name)).pipe(response)
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}`, close: () => server.close() }
}

/** A registry that has every image: what it is asked for by name is there. */
async function openTarget(): Promise<{ readonly host: string; close(): void }> {
  const digest = `sha256:${createHash('sha256').update('{}').digest('hex')}`
  const server = createServer((request, response) => {
    const [, reference = ''] = /\/manifests\/([^/]+)$/.exec(request.url ?? '') ?? []
    const headers = { 'content-type': 'application/vnd.oci.image.manifest.v1+json', 'content-length': '2' }
    response.writeHead(200, {
      ...headers,
      'docker-content-digest': reference.startsWith('sha256:') ? decodeURIComponent(reference) : digest,
    })
    response.end(request.method === 'HEAD' ? undefined : '{}')
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  return { host: `127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => server.close() }
}

interface Replica {
  readonly url: string
  close(): void
}

/** One replica in a process of its own, on the store of the others. */
async function openReplica(upstream: string, to: string, place: number): Promise<Replica> {
  const file = join(out, `server-${place}.yaml`)
  const config = {
    listen: '127.0.0.1:0',
    data: join(out, 'data'),
    logLevel: 'error',
    relocation: { processes: 1, within: '10m' },
    repositories: {
      up: { url: upstream },
      corp: { kind: 'relocated', of: 'up', to, registry: { plainHttp: true } },
    },
  }
  await writeFile(file, JSON.stringify(config))
  const child = spawn(process.execPath, [...node, 'serve', '--config', file], { stdio: ['ignore', 'pipe', 'inherit'] })
  for await (const line of createInterface({ input: child.stdout })) {
    const url = /(http:\/\/127[\d.]+:\d+)/.exec(line)?.[1]
    if (url === undefined) continue
    child.stdout.resume()
    return { url, close: () => void child.kill() }
  }
  throw new Error('a server ended before it had begun')
}

function run(command: string, args: readonly string[]): Promise<{ readonly code: number; readonly words: string }> {
  return new Promise((done) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    const words: Buffer[] = []
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => void words.push(chunk))
    child.on('close', (code) => done({ code: code ?? 1, words: Buffer.concat(words).toString() }))
  })
}

interface Got {
  /** `200 sha256:…`, or the status and the code. */
  readonly outcome: string
  readonly milliseconds: number
  readonly begun: number
  readonly bytes: Buffer
}

async function get(replica: Replica, path: string): Promise<Got> {
  const begun = performance.now()
  const { status, body } = await ask(replica.url, path)
  const told =
    status === 200
      ? createHash('sha256').update(body).digest('hex')
      : (/"because":"(\w+)"/.exec(body.toString())?.[1] ?? body.toString())
  return { outcome: `${status} ${told}`, milliseconds: performance.now() - begun, begun, bytes: body }
}

const shuffled = <Item>(items: readonly Item[]): readonly Item[] =>
  items
    .map((item) => ({ item, order: Math.random() }))
    .sort((a, b) => a.order - b.order)
    .map(({ item }) => item)

function spread(times: readonly number[]): string {
  const sorted = times.toSorted((a, b) => a - b)
  const at = (share: number): string => (sorted[Math.floor(share * (sorted.length - 1))] ?? 0).toFixed(1)
  return `median ${at(0.5)} ms, p90 ${at(0.9)} ms, worst ${at(1)} ms`
}

const source = await openSource()
const registry = await openTarget()
const to = `${registry.host}/mirror`
await mkdir(join(out, 'cli'), { recursive: true })
const servers = await Promise.all(Array.from({ length: replicas }, (_, at) => openReplica(source.url, to, at)))
const [first] = servers
if (first === undefined) throw new Error('there is no server')
const index = parseIndexFile((await ask(first.url, '/corp/index.yaml')).body.toString())
const paths = [...index.entries.values()].flat().map(({ urls }) => `/corp/${urls[0]}`)
console.log(`${paths.length} charts through ${replicas} servers, each in an order of its own; archives in ${out}`)

// One question after the other, so that times are those of one chart; every fifth chart is asked of all at once.
const asked = servers.map(() => new Map<string, Got>())
const queue = shuffled(
  shuffled(paths).flatMap((path, at) =>
    at % 5 === 0
      ? [{ path, at: servers.map((_, place) => place) }]
      : servers.map((_, place) => ({ path, at: [place] })),
  ),
)
for (const { path, at } of queue)
  await Promise.all(
    at.map(async (place) => {
      const server = servers[place]
      if (server !== undefined) asked[place]?.set(path, await get(server, path))
    }),
  )
let differing = 0
let unlike = 0
const cold: number[] = []
const warm: number[] = []
const refused: string[] = []
for (const path of paths) {
  const answers = asked.flatMap((found) => found.get(path) ?? [])
  const [earliest] = answers.toSorted((a, b) => a.begun - b.begun)
  if (new Set(answers.map(({ outcome }) => outcome)).size > 1) {
    differing += 1
    console.log(`DIFFERS ${path}: ${answers.map(({ outcome }) => outcome).join(' | ')}`)
  }
  if (earliest === undefined) continue
  cold.push(earliest.milliseconds)
  const again = shuffled(servers)[0] ?? first
  warm.push((await get(again, path)).milliseconds)
  const name = decodeURIComponent(basename(path))
  const made = await run(process.execPath, [
    ...node,
    'relocate',
    join(charts, name),
    '--to',
    to,
    '-d',
    join(out, 'cli'),
    '--quiet',
  ])
  if (!earliest.outcome.startsWith('200')) {
    refused.push(`${name}: ${earliest.outcome.slice(0, 300)} (command line: exit ${made.code})`)
    continue
  }
  const own = await readFile(join(out, 'cli', name)).catch(() => Buffer.from(made.words))
  if (own.equals(earliest.bytes)) continue
  unlike += 1
  console.log(`UNLIKE THE COMMAND LINE ${name}: exit ${made.code} ${made.words.slice(0, 300)}`)
}
console.log(
  `made:    ${paths.length - refused.length} of ${paths.length}; ${differing} differ among servers, ${unlike} from the command line`,
)
console.log(`cold:    ${spread(cold)}`)
console.log(`warm:    ${spread(warm)}`)
console.log(`refused: ${refused.length}\n${refused.map((line) => `  ${line}`).join('\n')}`)
for (const server of servers) server.close()
registry.close()
source.close()
if (process.argv[3] === undefined) await rm(out, { recursive: true, force: true })
