// Kills the making of a bundle of 1 GB (SIGKILL) at twenty moments and runs it again: all runs together must fetch little more than the content.
// What the kernel had received and nobody had read counts as fetched, up to 6 MB for each of four connections: a tenth of 240 MB, and 1.01 times the
// content in all where net.ipv4.tcp_rmem and tcp_wmem allow no more than 256 KiB.
// node --conditions=@chartferry/source test/bench/kill-bundle.ts [kills] [megabytes]; chartferry runs as it is published, from dist.
import { spawn } from 'node:child_process'
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { openRegistries } from '@chartferry/core/oci'
import { openBundle, verifyBundle } from '@chartferry/core/transfer'
import { startCounter } from '../kit/counter.ts'
import { noise, pushImage } from '../kit/images.ts'
import { startRealRegistry } from '../kit/real-registries.ts'
import { need } from './measure.ts'

const MB = 1_000_000
const kills = Number(process.argv[2] ?? 20)
const megabytes = Number(process.argv[3] ?? 1000)
const source = await startRealRegistry({ command: need('docker-registry'), kind: 'distribution' })
const registries = openRegistries()
const layers = Array.from({ length: 8 }, (_, number) => noise(`layer ${number}`, (megabytes / 8) * MB))
const content = layers.reduce((sum, layer) => sum + layer.length, 0)
await pushImage(registries.repository(`${source.host}/app`), { layers, tag: 'v1' })
await registries.close()
const counter = await startCounter(source.host)
const bin = join(import.meta.dirname, '../../packages/cli/bin/chartferry.js')
const folder = await mkdtemp(join(tmpdir(), 'chartferry-kill-'))

async function create(file: string, killAfter?: number): Promise<number | null> {
  const child = spawn(
    process.execPath,
    [bin, 'bundle', 'create', '-q', '--image', `${counter.host}/app:v1`, '--file', file],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  )
  const ended = new Promise<number | null>((done) => child.on('close', done))
  if (killAfter !== undefined) void wait(killAfter).then(() => child.kill('SIGKILL'))
  return ended
}

async function isWhole(file: string): Promise<boolean> {
  const bundle = await openBundle(file)
  try {
    await verifyBundle(bundle)
    return true
  } catch {
    return false
  } finally {
    await bundle.close()
  }
}

const started = performance.now()
await create(join(folder, 'whole.ferry'))
const whole = performance.now() - started
const { size } = await stat(join(folder, 'whole.ferry'))
console.log(
  `${content} bytes of layers, a bundle of ${size}; a whole run takes ${(whole / 1000).toFixed(1)} s and fetches ${(counter.fetched() / content).toFixed(3)} times the content`,
)
await rm(join(folder, 'whole.ferry'))
let worst = 0
let wrong = 0
for (let kill = 0; kill < kills; kill++) {
  const file = join(folder, `${kill}.ferry`)
  counter.forget()
  const moment = whole * (0.1 + 0.9 * Math.random())
  await create(file, moment)
  const before = counter.fetched()
  const code = await create(file)
  const left = (await readdir(folder)).length
  const isRight = code === 0 && left === 1 && (await isWhole(file))
  if (!isRight) wrong++
  worst = Math.max(worst, counter.fetched() / content)
  console.log(
    `killed after ${moment.toFixed(0)} ms and ${(before / MB).toFixed(0)} MB: ${(counter.fetched() / content).toFixed(3)} times the content, ${isRight ? 'right' : 'WRONG'}`,
  )
  await rm(file, { force: true })
}
counter.close()
await source.close()
await rm(folder, { recursive: true, force: true })
console.log(`worst ${worst.toFixed(3)}, ${wrong} wrong`)
process.exitCode = worst <= 1.1 && wrong === 0 ? 0 : 1
