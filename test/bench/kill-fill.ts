// Kills the server (SIGKILL) at twenty moments of a first fill. After each restart no partial archive may be served or
// kept, and the fill must work.
// node --conditions=@chartferry/source test/bench/kill-fill.ts
import { type ChildProcess, spawn } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { ask } from '../kit/server.ts'

const kills = 20
const pieces = 100
const piecePause = 4
const command = new URL('../../packages/cli/src/bin.ts', import.meta.url).pathname

const archive = Buffer.concat([Buffer.from([0x1f, 0x8b, 0x08]), randomBytes(20 * 1024 * 1024)])
const digest = createHash('sha256').update(archive).digest('hex')
const index = JSON.stringify({
  apiVersion: 'v1',
  entries: { big: [{ name: 'big', version: '1.0.0', digest, urls: ['big-1.0.0.tgz'] }] },
})
const path = `/up/charts/${digest.slice(0, 12)}/big-1.0.0.tgz`

let firstByte = Promise.withResolvers<void>()
const upstream = await listen((url, response) => {
  if (url === '/index.yaml') response.end(index)
  else void sendSlowly(response)
})

const calm = await measure()
console.log(`fill: first byte after ${calm.firstByte} ms, answered after ${calm.done} ms; killing ${kills} times`)
console.log(
  'killed at ms | phase | temporary bytes | after restart: temporaries | upstream gone | then | kept as its digest',
)
let wrong = 0
const phases = new Map<string, number>()
for (let kill = 0; kill < kills; kill++) {
  // Three quarters between the first byte and the end, the rest before and just behind.
  const moment = Math.round(
    kill < 2 ? (calm.firstByte * kill) / 2 : calm.firstByte + ((calm.done - calm.firstByte) * (kill - 2)) / (kills - 5),
  )
  wrong += await killAt(moment)
}
console.log([...phases].map(([phase, count]) => `${phase}: ${count}`).join(', '))
console.log(wrong === 0 ? 'nothing partial was served or kept' : `${wrong} of ${kills} went wrong`)
upstream.closeAllConnections()
upstream.close()
process.exitCode = wrong === 0 && (phases.get('between first byte and rename') ?? 0) >= 5 ? 0 : 1

async function killAt(moment: number): Promise<number> {
  const data = await mkdtemp(join(tmpdir(), 'chartferry-kill-'))
  const first = await startProcess(data)
  await ask(first.url, '/up/index.yaml')
  const asked = ask(first.url, path).catch(() => undefined)
  await wait(moment)
  first.child.kill('SIGKILL')
  await once(first.child, 'exit')
  await asked
  const left = await temporaries(data)
  const renamed = await stat(blobOf(data)).then(
    () => true,
    () => false,
  )
  const phase = renamed
    ? 'after the rename'
    : left.length > 0
      ? 'between first byte and rename'
      : 'before the first byte'
  phases.set(phase, (phases.get(phase) ?? 0) + 1)

  const address = upstream.address() as AddressInfo
  upstream.closeAllConnections()
  await new Promise((done) => upstream.close(done))
  const second = await startProcess(data)
  const cleaned = (await temporaries(data)).length
  const alone = await ask(second.url, path)
  const honest = alone.status === 200 ? alone.body.equals(archive) : alone.status === 502
  await new Promise<void>((done) => upstream.listen(address.port, '127.0.0.1', done))
  const again = await ask(second.url, path)
  const whole = again.status === 200 && again.body.equals(archive)
  const kept =
    createHash('sha256')
      .update(await readFile(blobOf(data)).catch(() => ''))
      .digest('hex') === digest
  second.child.kill('SIGKILL')
  await once(second.child, 'exit')
  await rm(data, { recursive: true, force: true })
  const aloneWas = alone.status === 200 ? `200, ${honest ? 'whole' : 'PARTIAL'}` : String(alone.status)
  console.log(
    [
      moment,
      phase,
      left.join(' ') || 0,
      cleaned,
      aloneWas,
      `${again.status}, ${whole ? 'whole' : 'PARTIAL'}`,
      kept,
    ].join(' | '),
  )
  return honest && whole && kept && cleaned === 0 ? 0 : 1
}

async function measure(): Promise<{ readonly firstByte: number; readonly done: number }> {
  const data = await mkdtemp(join(tmpdir(), 'chartferry-kill-'))
  const running = await startProcess(data)
  await ask(running.url, '/up/index.yaml')
  firstByte = Promise.withResolvers<void>()
  const start = performance.now()
  const answer = ask(running.url, path)
  await firstByte.promise
  const first = Math.round(performance.now() - start)
  if (!(await answer).body.equals(archive)) throw new Error('the calm fill gave other bytes')
  const done = Math.round(performance.now() - start)
  running.child.kill('SIGKILL')
  await once(running.child, 'exit')
  await rm(data, { recursive: true, force: true })
  return { firstByte: first, done }
}

async function startProcess(data: string): Promise<{ readonly url: string; readonly child: ChildProcess }> {
  const config = join(data, 'chartferry-server.yaml')
  const address = upstream.address()
  if (address !== null && typeof address === 'object') {
    await writeFile(config, `repositories: { up: { url: "http://127.0.0.1:${address.port}" } }\n`)
  }
  const child = spawn(process.execPath, ['--conditions=@chartferry/source', command, 'serve', '--config', config], {
    env: {
      PATH: process.env.PATH,
      CHARTFERRY_LISTEN: '127.0.0.1:0',
      CHARTFERRY_DATA: join(data, 'blobs'),
      CHARTFERRY_LOG_LEVEL: 'silent',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let printed = ''
  for await (const piece of child.stdout as AsyncIterable<Buffer>) {
    printed += piece.toString()
    const url = /http:\/\/127\.0\.0\.1:\d+/.exec(printed)?.[0]
    if (url !== undefined) return { url, child }
  }
  throw new Error('the server did not start')
}

async function temporaries(data: string): Promise<number[]> {
  const folder = join(data, 'blobs', '.tmp')
  const names = await readdir(folder)
  return Promise.all(names.map(async (name) => (await stat(join(folder, name))).size))
}

function blobOf(data: string): string {
  return join(data, 'blobs', 'sha256', digest.slice(0, 2), digest)
}

async function sendSlowly(response: ServerResponse): Promise<void> {
  response.writeHead(200, { 'content-length': archive.length })
  const size = Math.ceil(archive.length / pieces)
  for (let at = 0; at < archive.length && !response.destroyed; at += size) {
    response.write(archive.subarray(at, at + size))
    if (at === 0) firstByte.resolve()
    await wait(piecePause)
  }
  response.end()
}

async function listen(answer: (url: string, response: ServerResponse) => void): Promise<Server> {
  const server = createServer((request, response) => answer(request.url ?? '', response))
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  return server
}
