// Kills a copy of 1 GB (SIGKILL) at twenty moments and runs it again: all runs together must fetch little more than the content.
// node --conditions=@chartferry/source test/bench/kill-copy.ts [kills]; chartferry runs as it is published, from dist.
import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { openRegistries } from '@chartferry/core/oci'
import { locateTool } from '../../scripts/tools.ts'
import { startCounter } from '../kit/counter.ts'
import { noise, pushImage } from '../kit/images.ts'
import { startRealRegistry } from '../kit/real-registries.ts'

const MB = 1_000_000
const kills = Number(process.argv[2] ?? 20)
const command = locateTool('docker-registry')
if (command === undefined) throw new Error('docker-registry is needed')
const source = await startRealRegistry({ command, kind: 'distribution' })
const registries = openRegistries()
const layers = Array.from({ length: 8 }, (_, number) => noise(`layer ${number}`, 125 * MB))
const content = layers.reduce((sum, layer) => sum + layer.length, 0)
const image = await pushImage(registries.repository(`${source.host}/app`), { layers, tag: 'v1' })
await registries.close()

const counter = await startCounter(source.host)
const bin = join(import.meta.dirname, '../../packages/cli/bin/chartferry.js')

async function copy(to: string, journal: string, killAfter?: number): Promise<number | null> {
  const child = spawn(
    process.execPath,
    [bin, 'copy', '-q', `${counter.host}/app:v1`, '--to', `${to}/m`, '--journal', journal],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  )
  const ended = new Promise<number | null>((done) => child.on('close', done))
  if (killAfter !== undefined) void wait(killAfter).then(() => child.kill('SIGKILL'))
  return ended
}

const measureTarget = await startRealRegistry({ command, kind: 'distribution' })
const journals = await mkdtemp(join(tmpdir(), 'chartferry-kill-'))
const started = performance.now()
await copy(measureTarget.host, join(journals, 'whole'))
const whole = performance.now() - started
await measureTarget.close()
console.log(
  `${content} bytes of layers; a whole run takes ${(whole / 1000).toFixed(1)} s and fetches ${(counter.fetched() / content).toFixed(3)} times the content`,
)

let worst = 0
let wrong = 0
for (let kill = 0; kill < kills; kill++) {
  const target = await startRealRegistry({ command, kind: 'distribution' })
  const journal = join(journals, String(kill))
  counter.forget()
  const moment = whole * (0.1 + 0.9 * Math.random())
  await copy(target.host, journal, moment)
  const before = counter.fetched()
  const code = await copy(target.host, journal)
  const after = openRegistries()
  const arrived = await after.repository(`${target.host}/m/app`).resolve('v1')
  await after.close()
  const isRight = code === 0 && arrived.digest === image.digest
  if (!isRight) wrong++
  worst = Math.max(worst, counter.fetched() / content)
  console.log(
    `killed after ${moment.toFixed(0)} ms and ${(before / MB).toFixed(0)} MB: ${(counter.fetched() / content).toFixed(3)} times the content, ${isRight ? 'right' : 'WRONG'}`,
  )
  await target.close()
}
counter.close()
await source.close()
await rm(journals, { recursive: true, force: true })
console.log(`worst ${worst.toFixed(3)}, ${wrong} wrong`)
process.exitCode = worst <= 1.1 && wrong === 0 ? 0 : 1
