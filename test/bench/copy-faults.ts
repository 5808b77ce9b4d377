// Copies a set of images through a proxy that fails at random, with a seed: ours beside crane and skopeo. Usage: node --conditions=@chartferry/source test/bench/copy-faults.ts [COPIES] [SHARE]
import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { openRegistries } from '../../packages/core/src/oci/client/registries.ts'
import { locateTool } from '../../scripts/tools.ts'
import { runChartferry } from '../kit/command.ts'
import { layerOf, pushImage } from '../kit/images.ts'
import { type RealRegistry, startRealRegistry } from '../kit/real-registries.ts'

const run = promisify(execFile)
const copies = Number(process.argv[2] ?? 500)
const share = Number(process.argv[3] ?? 0.03)
const images = 10
const faults = ['500', '503', '429', '502', 'cut', 'slow', 'half', 'garbage'] as const

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}

/** A proxy before a registry that does something else than it should with a share of the requests. */
async function startFaulty(
  registry: RealRegistry,
  seed: number,
): Promise<{ readonly host: string; readonly server: Server }> {
  const random = randomOf(seed)
  const [hostname = '', port = ''] = registry.host.split(':')
  const server = createServer((asked, answer) => {
    const fault = random() < share ? faults[Math.floor(random() * faults.length)] : undefined
    if (fault === 'cut') return void asked.socket.destroy()
    if (fault === 'garbage') {
      asked.resume()
      return void answer
        .writeHead(200, { 'content-type': 'text/html', connection: 'close' })
        .end('<html>welcome</html>')
    }
    if (fault !== undefined && fault !== 'slow' && fault !== 'half') {
      asked.resume()
      return void answer.writeHead(Number(fault), { 'retry-after': '0', connection: 'close' }).end()
    }
    const pass = (): void => {
      const { method = 'GET', url = '/', headers } = asked
      const onward = request({ hostname, port, method, path: url, headers }, (found) => {
        answer.writeHead(found.statusCode ?? 502, found.headers)
        if (fault !== 'half') return void found.pipe(answer)
        found.once('data', (piece: Buffer) => answer.write(piece.subarray(0, piece.length / 2), () => answer.destroy()))
        found.once('end', () => answer.destroy())
      })
      onward.on('error', () => answer.destroy())
      asked.pipe(onward)
    }
    if (fault === 'slow') setTimeout(pass, 300)
    else pass()
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  return { host: `127.0.0.1:${(server.address() as AddressInfo).port}`, server }
}

const docker = locateTool('docker-registry') ?? ''
const crane = locateTool('crane') ?? ''
const skopeo = locateTool('skopeo') ?? ''
const kinds = [
  ['docker-registry', { command: docker, kind: 'distribution' }],
  ['registry v3', { command: locateTool('registry3') ?? '', kind: 'distribution' }],
  ['crane registry', { command: crane, kind: 'crane' }],
] as const

const source = await startRealRegistry({ command: docker, kind: 'distribution' })
const registries = openRegistries()
for (let image = 0; image < images; image++)
  await pushImage(registries.repository(`${source.host}/set/image${image}`), {
    layers: [layerOf('shared', 20_000), layerOf(`own ${image}`, 50_000)],
    tag: 'v1',
  })
await registries.close()
const names = Array.from({ length: images }, (_, image) => `set/image${image}:v1`)

type Tool = (host: string, to: string) => Promise<boolean>
const succeeded = (work: Promise<unknown>): Promise<boolean> =>
  work.then(
    () => true,
    () => false,
  )
const tools: Readonly<Record<string, Tool>> = {
  chartferry: async (host, to) => {
    const home = await mkdtemp(join(tmpdir(), 'chartferry-faults-'))
    const froms = names.map((name) => `${source.host}/${name}`)
    const { code, stderr } = await runChartferry(['copy', ...froms, '--to', `${host}/${to}`, '-q'], {
      env: { HOME: home },
    })
    await rm(home, { recursive: true, force: true })
    if (code !== 0) console.error(stderr.trim())
    return code === 0
  },
  crane: async (host, to) => {
    const done: boolean[] = []
    for (const name of names)
      done.push(await succeeded(run(crane, ['copy', '--insecure', `${source.host}/${name}`, `${host}/${to}/${name}`])))
    return done.every(Boolean)
  },
  skopeo: async (host, to) => {
    const flags = ['--insecure-policy', 'copy', '--all', '--src-tls-verify=false', '--dest-tls-verify=false']
    const done: boolean[] = []
    for (const name of names)
      done.push(
        await succeeded(run(skopeo, [...flags, `docker://${source.host}/${name}`, `docker://${host}/${to}/${name}`])),
      )
    return done.every(Boolean)
  },
}

const rows: Record<string, Record<string, string | number>> = {}
for (const [kind, options] of kinds) {
  const target = await startRealRegistry(options)
  const count: Record<string, number> = { chartferry: 0, crane: 0, skopeo: 0, 'only others': 0 }
  const share3 = Math.ceil(copies / kinds.length)
  for (let seed = 1; seed <= share3; seed++) {
    const outcome: Record<string, boolean> = {}
    for (const [tool, copy] of Object.entries(tools)) {
      const proxy = await startFaulty(target, seed)
      outcome[tool] = await copy(proxy.host, `${tool}${seed}`)
      proxy.server.closeAllConnections()
      proxy.server.close()
      if (outcome[tool]) count[tool] = (count[tool] ?? 0) + 1
    }
    if (outcome.chartferry !== true && (outcome.crane === true || outcome.skopeo === true))
      count['only others'] = (count['only others'] ?? 0) + 1
  }
  await target.close()
  rows[kind] = { copies: share3, ...count }
}
await source.close()
console.table(rows)
