// How the engine's cost falls: a chart in a fresh process, one pass over the corpus, a second pass; each beside `helm template`.
//
//   CHARTFERRY_CORPUS=folder HELM_BIN=path node test/bench/render-passes.ts [--every 10]
//
// What is compiled runs: `pnpm build` first. Each time is the wall's; each memory the peak of resident memory of one process.
import { spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type ChartArchive, isChartferryError, readChartArchive } from '@chartferry/core'
import { engineRenderer } from '@chartferry/core/helm'
import { formatRendered } from '@chartferry/core/internal'

const { values: options } = parseArgs({ options: { every: { type: 'string', default: '10' } } })
const corpus = process.env.CHARTFERRY_CORPUS
const helm = process.env.HELM_BIN ?? 'helm'
if (corpus === undefined) throw new Error('CHARTFERRY_CORPUS names no folder')
const folder = join(corpus, 'charts')
const files = readdirSync(folder)
  .filter((name) => name.endsWith('.tgz'))
  .sort()
const bin = join(import.meta.dirname, '../../packages/cli/bin/chartferry.js')

interface Run {
  readonly milliseconds: number
  readonly megabytes: number
}

/** Runs a process to its end. */
async function run(command: string, args: readonly string[]): Promise<Run> {
  const started = performance.now()
  const child = spawn(command, args, { stdio: 'ignore' })
  let kilobytes = 0
  const watch = setInterval(() => {
    try {
      const status = readFileSync(`/proc/${child.pid}/status`, 'utf8')
      kilobytes = Math.max(kilobytes, Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0))
    } catch {
      // It has ended.
    }
  }, 2)
  await new Promise((resolve) => child.once('close', resolve))
  clearInterval(watch)
  return { milliseconds: performance.now() - started, megabytes: kilobytes / 1024 }
}

const middle = (numbers: readonly number[]): number => numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? 0

async function freshProcesses(): Promise<void> {
  const ours: Run[] = []
  const theirs: Run[] = []
  for (const file of files.filter((_, index) => index % Number(options.every) === 0)) {
    const args = ['template', 'demo', join(folder, file), '--kube-version', '1.31.0']
    theirs.push(await run(helm, args))
    ours.push(await run(process.execPath, [bin, ...args, '--renderer', 'engine']))
  }
  const row = (name: string, runs: readonly Run[]): string =>
    `  ${name}: median ${middle(runs.map((each) => each.milliseconds)).toFixed(0)} ms, ` +
    `peak ${middle(runs.map((each) => each.megabytes)).toFixed(0)} MB (most ${Math.max(...runs.map((each) => each.megabytes)).toFixed(0)})`
  console.log(`one chart in a fresh process, ${ours.length} charts`)
  console.log(row('chartferry template', ours))
  console.log(row('helm template      ', theirs))
}

async function pass(charts: readonly ChartArchive[], name: string): Promise<void> {
  const started = performance.now()
  let rendered = 0
  for (const { chart } of charts) {
    try {
      const release = { name: 'demo', namespace: 'default' }
      formatRendered(
        await engineRenderer().openChart(chart).render({}, { kubeVersion: '1.31.0', apiVersions: [], release }),
      )
      rendered++
    } catch (error) {
      if (!isChartferryError(error)) throw error
    }
  }
  const seconds = ((performance.now() - started) / 1000).toFixed(2)
  const { rss, heapUsed } = process.memoryUsage()
  const peak = process.resourceUsage().maxRSS / 1024
  console.log(
    `  ${name}: ${seconds} s, ${rendered} rendered; resident ${megabytes(rss)} MB, heap ${megabytes(heapUsed)} MB, peak ${peak.toFixed(0)} MB`,
  )
}

function megabytes(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(0)
}

await freshProcesses()
const charts: ChartArchive[] = []
for (const file of files) charts.push(await readChartArchive(readFileSync(join(folder, file)), { fileName: file }))
console.log(`all charts in one process; ${megabytes(process.memoryUsage().rss)} MB resident with the charts read`)
await pass(charts, 'first pass ')
await pass(charts, 'second pass')
const started = performance.now()
for (const file of files) await run(helm, ['template', 'demo', join(folder, file), '--kube-version', '1.31.0'])
console.log(`  helm, a process a chart: ${((performance.now() - started) / 1000).toFixed(2)} s`)
