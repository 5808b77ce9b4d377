// What a hosted repository of 151, 3,000 and 20,000 versions costs: start, memory, processor time a request and a push. A
// real ChartMuseum is measured in the same run, request by request in turn, where CHARTMUSEUM_BIN names one. Linux alone.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { Agent, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildChart } from '../kit/charts.ts'

const sizes = process.argv.slice(2).map(Number)
const real = process.env.CHARTMUSEUM_BIN
// As it is installed, not from its sources: `pnpm run build` first.
const ours = [process.execPath, join(import.meta.dirname, '../../packages/cli/bin/chartmuseum.js')]
const agent = new Agent({ keepAlive: true, maxSockets: 8 })

interface Server {
  readonly name: string
  readonly url: string
  readonly child: ChildProcess
  readonly listening: number
  readonly firstIndex: number
}

function ask(url: string, body?: Uint8Array): Promise<{ readonly status: number; readonly bytes: number }> {
  return new Promise((done, fail) => {
    const sent = request(url, { agent, method: body === undefined ? 'GET' : 'POST' }, (response) => {
      let bytes = 0
      response.on('data', (piece: Buffer) => {
        bytes += piece.length
      })
      response.on('end', () => done({ status: response.statusCode ?? 0, bytes }))
      response.on('error', fail)
    })
    sent.on('error', fail)
    sent.end(body)
  })
}

/** Seconds of processor time of a process, its threads included. */
async function cpuOf(child: ChildProcess): Promise<number> {
  const fields = (await readFile(`/proc/${child.pid}/stat`, 'utf8')).split(') ')[1]?.split(' ') ?? []
  return (Number(fields[11]) + Number(fields[12])) / 100
}

async function memoryOf(child: ChildProcess): Promise<number> {
  const status = await readFile(`/proc/${child.pid}/status`, 'utf8')
  return Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024)
}

async function start(name: string, command: readonly string[], folder: string, port: number): Promise<Server> {
  const begun = performance.now()
  const [program = '', ...before] = command
  const flags = [`--port=${port}`, '--listen-host=127.0.0.1', '--storage=local', `--storage-local-rootdir=${folder}`]
  const child = spawn(program, [...before, ...flags], { stdio: 'ignore' })
  const url = `http://127.0.0.1:${port}`
  while ((await ask(`${url}/health`).catch(() => undefined)) === undefined)
    await new Promise((done) => setTimeout(done, 5))
  const listening = Math.round(performance.now() - begun)
  await ask(`${url}/index.yaml`)
  return { name, url, child, listening, firstIndex: Math.round(performance.now() - begun) }
}

/** Microseconds of processor time a request; the servers take turns, so that neither has the quieter machine. */
async function inTurn(
  servers: readonly Server[],
  rounds: number,
  each: (server: Server, round: number) => Promise<void>,
): Promise<string> {
  const spent = servers.map(() => 0)
  for (let round = 0; round < 10; round++) {
    for (const [at, server] of servers.entries()) {
      const before = await cpuOf(server.child)
      for (let one = 0; one < rounds / 10; one++) await each(server, round * rounds + one)
      spent[at] = (spent[at] ?? 0) + (await cpuOf(server.child)) - before
    }
  }
  return servers.map(({ name }, at) => `${name} ${Math.round(((spent[at] ?? 0) * 1e6) / rounds)}`).join(' · ')
}

const charts = 151
const text = 'A chart with a description as long as many have one, so that an entry of the index has its usual size. '

for (const size of sizes.length > 0 ? sizes : [151, 3000, 20_000]) {
  const folder = await mkdtemp(join(tmpdir(), 'chartferry-cost-'))
  for (let at = 0; at < size; at++) {
    const [name, version] = [`chart-${at % charts}`, `1.${Math.floor(at / charts)}.0`]
    const annotations = { one: text, two: text, three: text }
    const metadata = {
      description: text.repeat(3),
      annotations,
      home: 'https://charts.test/home',
      appVersion: '1.2.3',
      keywords: ['some', 'words'],
    }
    await writeFile(join(folder, `${name}-${version}.tgz`), await buildChart({ name, version, metadata }))
  }
  const places = [`${folder}-real`, `${folder}-ours`]
  for (const place of places) await cp(folder, place, { recursive: true })
  await rm(folder, { recursive: true })
  let port = 17_100 + (process.pid % 800)
  const servers: Server[] = []
  if (real !== undefined) servers.push(await start('ChartMuseum', [real], places[0] ?? '', port++))
  const first = await start('chartferry', ours, places[1] ?? '', port++)
  first.child.kill('SIGKILL')
  await once(first.child, 'exit')
  servers.push(await start('chartferry', ours, places[1] ?? '', port++))
  console.log(`${size} versions`)
  console.log(`  taking the folder over: listening ${first.listening} ms, first index ${first.firstIndex} ms`)
  for (const { name, listening, firstIndex } of servers)
    console.log(`  ${name}: listening ${listening} ms, first index ${firstIndex} ms`)
  for (const { name, url } of servers) console.log(`  ${name}: index ${(await ask(`${url}/index.yaml`)).bytes} bytes`)
  // As long as a server needs to run warm, and no longer than a large index lets it take.
  const rounds = Math.round(Math.min(5000, Math.max(200, 2_000_000 / size)) / 10) * 10
  for (const path of [
    '/index.yaml',
    '/api/charts',
    '/api/charts/chart-7',
    '/api/charts/chart-7/1.0.0',
    '/charts/chart-7-1.0.0.tgz',
  ])
    console.log(
      `  microseconds of ${path}: ${await inTurn(servers, rounds, async ({ url }) => void (await ask(url + path)))}`,
    )
  const pushes = 50
  const bodies = await Promise.all(
    Array.from({ length: pushes * 11 }, (_, at) => buildChart({ name: 'pushed', version: `1.0.${at}` })),
  )
  let pushed = 0
  console.log(
    `  microseconds of a push: ${await inTurn(servers, pushes, async ({ url }) => {
      const { status } = await ask(
        `${url}/api/charts`,
        bodies[Math.floor(pushed++ / servers.length) + (pushed % servers.length)],
      )
      if (status !== 201 && status !== 409) throw new Error(`a push was answered ${status}`)
    })}`,
  )
  for (let at = 0; at < 1000; at++)
    for (const { url } of servers) await ask(`${url}${at % 10 === 0 ? '/api/charts' : '/api/charts/chart-9'}`)
  for (const { name, child } of servers)
    console.log(`  ${name}: ${await memoryOf(child)} MB after that and 1,000 requests`)
  for (const { child } of servers) {
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
  for (const place of places) await rm(place, { recursive: true, force: true })
}
agent.destroy()
