// Records what real helms make of the chart cases: `node test/oracle/record-charts.ts HELM3 HELM4`.
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildChart } from '../kit/charts.ts'
import { type ChartCase, chartCases } from './chart-cases.ts'
import { randomCharts } from './random-charts.ts'

/** What helm printed, or said when it refused. */
export interface Recorded {
  readonly output?: string
  readonly error?: string
}

async function run(binary: string, given: ChartCase): Promise<Recorded> {
  const folder = mkdtempSync(join(tmpdir(), 'chartferry-oracle-'))
  try {
    const chart = join(folder, 'chart.tgz')
    writeFileSync(chart, await buildChart(given.chart))
    const args = ['template', 't', chart, '--include-crds', '--kube-version', given.kubeVersion ?? '1.31.0']
    for (const [index, text] of (given.values ?? []).entries()) {
      writeFileSync(join(folder, `${index}.yaml`), text)
      args.push('-f', join(folder, `${index}.yaml`))
    }
    for (const line of given.set ?? []) args.push('--set', line)
    for (const line of given.setString ?? []) args.push('--set-string', line)
    for (const version of given.apiVersions ?? []) args.push('-a', version)
    const { status, stdout, stderr } = spawnSync(binary, args, {
      encoding: 'utf8',
      env: { PATH: process.env.PATH ?? '', HOME: folder },
    })
    return status === 0 ? { output: stdout } : { error: stderr.replaceAll(folder, '') }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The seed and number of the random charts that are kept. */
const randomSeed = 1
const randomCount = 60

const binaries = process.argv.slice(2)
const cases: Record<string, Recorded[]> = {}
for (const given of [...chartCases, ...randomCharts(randomSeed, randomCount)]) {
  const answers: Recorded[] = []
  for (const binary of binaries) answers.push(await run(binary, given))
  cases[given.name] = answers
}
const versions = binaries.map((binary) =>
  execFileSync(binary, ['version', '--template', '{{.Version}}'], { encoding: 'utf8' }),
)
const target = new URL('../../packages/core/test/helm/render/chart-cases.json', import.meta.url)
writeFileSync(target, `${JSON.stringify({ versions, randomSeed, randomCount, cases }, undefined, 1)}\n`)
