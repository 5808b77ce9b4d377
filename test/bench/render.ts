// Renders every chart of the corpus with the engine and with helm, and compares: text, refusals, time.
//
//   CHARTFERRY_CORPUS=folder node --conditions=@chartferry/source test/bench/render.ts
//     [--helm path] [--major 3|4] [--only name] [--trace] [--repeat times] [--verbose]
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { engineRenderer, TracedText } from '@chartferry/core/helm'
import { formatRendered, messageOf } from '@chartferry/core/internal'
import { refusalWords } from '../oracle/corpus.ts'
import { chartScenarios, type Scenario } from '../oracle/scenarios.ts'
import { compareOutput } from './render/compare-output.ts'
import { helmOutput, helmVersion } from './render/helm-output.ts'

const { values: options } = parseArgs({
  options: {
    helm: { type: 'string', default: 'helm' },
    major: { type: 'string', default: '3' },
    only: { type: 'string' },
    trace: { type: 'boolean', default: false },
    repeat: { type: 'string', default: '0' },
    verbose: { type: 'boolean', default: false },
  },
})
const corpus = process.env.CHARTFERRY_CORPUS
if (corpus === undefined) throw new Error('CHARTFERRY_CORPUS names no folder')
const helm = options.major === '4' ? 4 : 3
const version = helmVersion(options.helm)

const counts = new Map<string, number>()
const times = { engine: 0, helm: 0, renderings: 0 }
/** How many times faster the engine is, once warm, a rendering each. */
const ratios: number[] = []
let warm = 0
const complaints: string[] = []

function count(kind: string): void {
  counts.set(kind, (counts.get(kind) ?? 0) + 1)
}

for await (const { path, archive, scenarios } of chartScenarios(join(corpus, 'charts'), { only: options.only })) {
  for (const scenario of scenarios) await renderBoth(path, archive, scenario)
}

async function renderBoth(
  path: string,
  archive: Parameters<ReturnType<typeof engineRenderer>['open']>[0],
  scenario: Scenario,
): Promise<void> {
  const expected = helmOutput(options.helm, version, path, scenario)
  const renderer = engineRenderer({ helm, skipSchema: scenario.skipSchema })
  const started = performance.now()
  let text: string | undefined
  let error = ''
  let again: (() => Promise<unknown>) | undefined
  try {
    const rendering = renderer.openChart(archive.chart)
    const values = { files: scenario.files }
    const context = {
      kubeVersion: scenario.kubeVersion,
      apiVersions: scenario.apiVersions,
      release: { name: 't', namespace: 'default' },
    }
    if (options.trace) {
      const traced = await rendering.trace(values, context)
      text = formatRendered(traced)
      if (!traced.documents.some((manifest) => manifest.text instanceof TracedText)) count('without spans')
    } else text = formatRendered(await rendering.render(values, context))
    again = () => (options.trace ? rendering.trace(values, context) : rendering.render(values, context))
  } catch (thrown) {
    error = messageOf(thrown)
    if (options.verbose && thrown instanceof Error && thrown.name !== 'ChartferryError') console.error(thrown.stack)
  }
  times.engine += performance.now() - started
  times.helm += expected.milliseconds
  times.renderings++
  if (again !== undefined && Number(options.repeat) > 0) await measure(again, expected.milliseconds)
  const place = `${scenario.chart} ${scenario.name}`
  if (expected.texts === undefined) {
    const same = text === undefined && refusalWords(expected.error) === error
    count(text === undefined ? (same ? 'refused, same words' : 'refused') : 'refused by helm only')
    if (!same)
      complaints.push(
        `${place}: helm refuses: ${refusalWords(expected.error)}\n    engine: ${text === undefined ? error : 'renders'}`,
      )
  } else if (text === undefined) {
    count('refused by the engine only')
    complaints.push(`${place}: engine refuses: ${error}`)
  } else {
    const verdict = compareOutput(text, expected.texts)
    count(verdict.kind)
    if (verdict.kind === 'different') complaints.push(`${place}: ${verdict.where}`)
  }
}

/** The best of some further renderings of an opened chart. */
async function measure(render: () => Promise<unknown>, helmMilliseconds: number): Promise<void> {
  let best = Number.POSITIVE_INFINITY
  for (let run = 0; run < Number(options.repeat); run++) {
    const started = performance.now()
    await render()
    best = Math.min(best, performance.now() - started)
  }
  warm += best
  ratios.push(helmMilliseconds / best)
}

for (const complaint of complaints) console.log(complaint)
console.log(`helm ${version}: ${[...counts].map(([kind, number]) => `${kind} ${number}`).join(', ')}`)
console.log(
  `${times.renderings} renderings: engine ${Math.round(times.engine)} ms, helm ${Math.round(times.helm)} ms (one process each)`,
)
if (ratios.length > 0) {
  const sorted = ratios.toSorted((a, b) => a - b)
  const at = (part: number): string => (sorted[Math.floor(part * (sorted.length - 1))] ?? 0).toFixed(0)
  console.log(
    `warm: ${Math.round(warm)} ms in all; times faster than a helm process: p10 ${at(0.1)}, median ${at(0.5)}, p90 ${at(0.9)}`,
  )
}
