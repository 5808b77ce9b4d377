// Bundles of the set of copy.ts beside crane's layout, interleaved; then what a bundle on top of another one costs.
// node --conditions=@chartferry/source test/bench/bundle.ts [rounds]; chartferry runs as it is published, from dist.
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openRegistries } from '@chartferry/core/oci'
import { noise, pushImage } from '../kit/images.ts'
import { startRealRegistry } from '../kit/real-registries.ts'
import { fill, names } from './copy-set.ts'
import { type Measure, measure, need } from './measure.ts'

const newBytes = 20_000_000
const folder = await mkdtemp(join(tmpdir(), 'chartferry-bench-'))
const crane = need('crane')
const bin = join(import.meta.dirname, '../../packages/cli/bin/chartferry.js')
const source = await startRealRegistry({ command: need('docker-registry'), kind: 'distribution' })
await fill(source.host)
const images = names.map((name) => `${source.host}/${name}:v1`)

function create(file: string, ...more: readonly string[]): Promise<Measure> {
  const args = [
    'bundle',
    'create',
    '-q',
    '--file',
    join(folder, file),
    ...images.flatMap((image) => ['--image', image]),
  ]
  return measure(process.execPath, [bin, ...args, ...more], { HOME: folder })
}

const tools: Readonly<Record<string, (place: string) => Promise<Measure>>> = {
  chartferry: create,
  crane: (place) => measure(crane, ['pull', '--insecure', '--format=oci', ...images, join(folder, place)]),
}
const rounds = Number(process.argv[2] ?? 5)
const results = new Map<string, Measure[]>(Object.keys(tools).map((tool) => [tool, []]))
for (let round = 0; round < rounds; round++) {
  for (const [tool, run] of Object.entries(tools)) {
    const place = `${tool}-${round}`
    results.get(tool)?.push(await run(place))
    if (round > 0) await rm(join(folder, place), { recursive: true })
  }
}
for (const [tool, own] of results) {
  const of = (field: keyof Measure): number[] => own.map((one) => one[field]).sort((a, b) => a - b)
  const middle = (field: keyof Measure): number => of(field)[Math.floor(own.length / 2)] ?? 0
  const failed = own.filter(({ code }) => code !== 0).length
  console.log(
    `${tool.padEnd(10)}  ${middle('wall').toFixed(2)} s (best ${of('wall')[0]?.toFixed(2)})  CPU ${middle('cpu').toFixed(2)} s  ${middle('memory').toFixed(0)} MB${failed > 0 ? `  ${failed} FAILED` : ''}`,
  )
}
const registries = openRegistries()
await pushImage(registries.repository(`${source.host}/new`), { tag: 'v1', layers: [noise('new', newBytes)] })
await registries.close()
await create('update', '--image', `${source.host}/new:v1`, '--base', join(folder, 'chartferry-0'))
const { size } = await stat(join(folder, 'update'))
console.log(
  `on top of another: ${size} bytes for ${newBytes} new ones, ${((size / newBytes - 1) * 100).toFixed(2)} % more`,
)
await source.close()
await rm(folder, { recursive: true })
