// Relocates the largest umbrella charts of the corpus in every mode: proven by helm, the same the second time, taken back, and written for another registry.
// CHARTFERRY_CORPUS=FOLDER node --conditions=@chartferry/source test/bench/modes.ts [CHARTS]
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  applyPlan,
  type Chart,
  helmRenderer,
  isChartferryError,
  readChartArchive,
  relocate,
  type TargetMode,
  targetModes,
  undoPlan,
} from '@chartferry/core'
import { locateTool } from '../../scripts/tools.ts'

const corpus = join(process.env.CHARTFERRY_CORPUS ?? '', 'charts')
const binary = locateTool('helm3')
if (binary === undefined) throw new Error('needs helm 3')
const renderer = await helmRenderer({ binary })
const [first, other] = ['registry.example.test:5000/mirror', 'b:5000/x/y']

const countCharts = ({ subcharts }: Chart): number => subcharts.reduce((sum, chart) => sum + countCharts(chart), 1)
const bytesOf = ({ files, subcharts }: Chart): string =>
  JSON.stringify([...files].map(([path, data]) => [path, Buffer.from(data).toString('base64')])) +
  subcharts.map(bytesOf).join()

async function tryMode(bytes: Uint8Array, mode: TargetMode): Promise<string> {
  const original = await readChartArchive(bytes)
  const { plan, archive, proof } = await relocate(original, { to: first, mode, renderer, allowUnresolved: true })
  const again = await relocate(archive, { to: first, mode, allowUnresolved: true })
  const undone = await undoPlan(archive, plan)
  const direct = await relocate(original, { to: other, mode, allowUnresolved: true })
  const moved = await applyPlan(original, plan, { to: other })
  const faults = [
    ...(again.archive.digest === archive.digest ? [] : ['the second time differs']),
    ...(bytesOf(undone.chart) === bytesOf(original.chart) ? [] : ['not taken back']),
    ...(moved.archive.digest === direct.archive.digest ? [] : ['another registry differs from a direct relocation']),
  ]
  const stuck = plan.unresolved.map(({ image, reason }) => `${image}: ${reason}`)
  return `${proof.status}, ${proof.moved} images moved; ${faults.join(', ') || 'the same again, taken back, the same for another registry'} ${stuck.join(' | ')}`
}

const charts = await Promise.all(
  (await readdir(corpus))
    .filter((name) => name.endsWith('.tgz'))
    .map(async (name) => {
      const bytes = await readFile(join(corpus, name))
      const charts = await readChartArchive(bytes).then(
        ({ chart }) => countCharts(chart),
        () => 0,
      )
      return { name, bytes, charts }
    }),
)
for (const { name, bytes, charts: count } of charts
  .sort((a, b) => b.charts - a.charts)
  .slice(0, Number(process.argv[2] ?? 5))) {
  for (const mode of targetModes) {
    const outcome = await tryMode(bytes, mode).catch((error: unknown) => {
      if (isChartferryError(error)) return `refused ${error.code}: ${error.message.slice(0, 300)}`
      throw error
    })
    console.log(`${name} (${count} charts)  ${mode.padEnd(9)}  ${outcome}`)
  }
}
