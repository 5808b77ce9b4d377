// Records what real helms answer to the probes, and what they make of the random cases: `node test/oracle/record-probes.ts HELM3 HELM4`.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildChart } from '../kit/charts.ts'
import { fuzzChart, fuzzSets, readHashes } from './fuzz.ts'
import { type Answer, dateOf, probeChart, readAnswers, readError } from './probe-chart.ts'
import { probes } from './probes.ts'

const folder = mkdtempSync(join(tmpdir(), 'chartferry-oracle-'))

function template(
  binary: string,
  chart: Uint8Array,
): { readonly status: number; readonly out: string; readonly error: string } {
  const file = join(folder, 'probe.tgz')
  writeFileSync(file, chart)
  const { status, stdout, stderr } = spawnSync(binary, ['template', 'probe', file], {
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
    env: { PATH: process.env.PATH ?? '', HOME: folder, TZ: 'UTC' },
  })
  return { status: status ?? 1, out: stdout, error: stderr }
}

/** What was asked between two looks at the clock: an answer that is the date then is kept as a rule, not as that date. */
function answerOf(out: string, started: Date): Answer {
  const dates = [started, new Date()].map(dateOf)
  if (dates.includes(out)) return { today: 'UTC' }
  if (dates.some((date) => out.includes(date))) throw new Error(`this answer holds the date of today: ${out}`)
  return { out }
}

/** Asks in parts, so that the one that fails is found among few; a probe that fails is left out and the rest asked again. */
async function ask(binary: string): Promise<Answer[]> {
  const answers: Answer[] = []
  const size = 25
  for (let start = 0; start < probes.length; start += size) {
    let left = probes.slice(start, start + size).map((probe, index): [number, string] => [start + index, probe])
    while (left.length > 0) {
      const started = new Date()
      const { status, out, error } = template(binary, await buildChart(probeChart(left)))
      if (status === 0) {
        for (const [index, text] of readAnswers(out)) answers[index] = answerOf(text, started)
        break
      }
      const failed = readError(error)
      if (!left.some(([index]) => index === failed.index)) throw new Error(error)
      answers[failed.index] = { error: failed.error }
      left = left.filter(([index]) => index !== failed.index)
    }
  }
  return answers
}

/** The hashes of each set of random cases. */
async function hash(binary: string): Promise<Record<string, string>> {
  const hashes: Record<string, string> = {}
  for (const name of fuzzSets) {
    const { status, out, error } = template(binary, await buildChart(fuzzChart(name)))
    if (status !== 0) throw new Error(error)
    hashes[name] = readHashes(out)
  }
  return hashes
}

const [helm3, helm4] = process.argv.slice(2)
const first = await ask(helm3 ?? 'helm')
const second = await ask(helm4 ?? 'helm')
const hashes3 = await hash(helm3 ?? 'helm')
const hashes4 = await hash(helm4 ?? 'helm')
rmSync(folder, { recursive: true, force: true })
const differences = second
  .map((answer, index): [number, Answer] => [index, answer])
  .filter(([index, answer]) => JSON.stringify(answer) !== JSON.stringify(first[index]))
const target = new URL('../../packages/core/test/helm/functions/probes.json', import.meta.url)
const recorded = {
  answers: first.map((answer, index) => [probes[index], answer]),
  helm4: Object.fromEntries(differences),
}
writeFileSync(target, `${JSON.stringify(recorded).replaceAll('],["', '],\n["')}\n`)
const fuzzTarget = new URL('../../packages/core/test/helm/functions/fuzz.json', import.meta.url)
writeFileSync(fuzzTarget, `${JSON.stringify({ helm3: hashes3, helm4: hashes4 }, undefined, 1)}\n`)
const failures = first.filter((answer) => 'error' in answer).length
process.stdout.write(`${first.length} probes, ${failures} of them errors; helm 4 differs in ${differences.length}\n`)
