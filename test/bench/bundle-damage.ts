// Flips single bits of a bundle and cuts it off, at random: verifying must notice every time.
// node --conditions=@chartferry/source test/bench/bundle-damage.ts [flips] [cuts]
import { mkdtemp, open, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isChartferryError } from '@chartferry/core'
import { openBundle, verifyBundle } from '@chartferry/core/transfer'
import { writeSample } from '../kit/bundles.ts'

const flips = Number(process.argv[2] ?? 1000)
const cuts = Number(process.argv[3] ?? 200)
const folder = await mkdtemp(join(tmpdir(), 'chartferry-damage-'))
const path = join(folder, 'sample.ferry')
await writeSample(path, { layerSize: 20_000 })
const whole = await readFile(path)

async function noticed(): Promise<string | undefined> {
  try {
    const bundle = await openBundle(path)
    try {
      await verifyBundle(bundle)
      return undefined
    } finally {
      await bundle.close()
    }
  } catch (thrown) {
    return isChartferryError(thrown) ? thrown.code : 'not typed'
  }
}

const codes = new Map<string, number>()
let missed = 0
const count = (code: string | undefined, what: string): void => {
  if (code === undefined || code === 'not typed') {
    missed++
    console.log(`${what}: ${code ?? 'not noticed'}`)
  } else codes.set(code, (codes.get(code) ?? 0) + 1)
}
for (let flip = 0; flip < flips; flip++) {
  const at = Math.floor(Math.random() * whole.length)
  const bit = Math.floor(Math.random() * 8)
  const byte = whole[at] ?? 0
  const file = await open(path, 'r+')
  await file.write(Buffer.of(byte ^ (1 << bit)), 0, 1, at)
  count(await noticed(), `bit ${bit} of byte ${at}`)
  await file.write(Buffer.of(byte), 0, 1, at)
  await file.close()
}
for (let cut = 0; cut < cuts; cut++) {
  const length = Math.floor(Math.random() * whole.length)
  await truncate(path, length)
  count(await noticed(), `cut off after ${length}`)
  await writeFile(path, whole)
}
const words = [...codes].map(([code, number]) => `${number} ${code}`).join(', ')
console.log(`${whole.length} bytes, ${flips} flips and ${cuts} cuts: ${missed} missed; ${words}`)
console.log(`untouched: ${(await noticed()) ?? 'whole'}`)
await rm(folder, { recursive: true })
process.exitCode = missed === 0 ? 0 : 1
