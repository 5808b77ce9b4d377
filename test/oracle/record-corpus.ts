// Records what real helms make of the real charts:
//
//   CHARTFERRY_CORPUS=folder node --conditions=@chartferry/source test/oracle/record-corpus.ts HELM3 HELM4 [SCENARIOS.json]
//
// Without a third argument the scenarios stay those of the record; with it they are read from a list of charts.
import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { engineRenderer } from '@chartferry/core/helm'
import { formatRendered, messageOf } from '@chartferry/core/internal'
import { helmOutput, helmVersion } from '../bench/render/helm-output.ts'
import {
  type RecordedChart,
  type RecordedRendering,
  type RecordedScenario,
  readRecordedCorpus,
  recordedCorpus,
  refusalWords,
  type ScenarioInput,
} from './corpus.ts'
import { type DocumentPath, differingPaths, hashDocument, splitDocuments } from './document-hashes.ts'
import {
  type ChartInput,
  type ChartScenarios,
  chartScenarios,
  defaults,
  type Scenario,
  scenarioOf,
} from './scenarios.ts'

const [helm3, helm4, given] = process.argv.slice(2)
const corpus = process.env.CHARTFERRY_CORPUS
if (corpus === undefined || helm3 === undefined || helm4 === undefined) throw new Error('see the head of this file')
const versions = [helmVersion(helm3), helmVersion(helm4)] as const
const inputs =
  given === undefined ? readRecordedCorpus().charts : (JSON.parse(readFileSync(given, 'utf8')) as ChartInput[])

const charts: RecordedChart[] = []
for await (const chart of chartScenarios(join(corpus, 'charts'), { recorded: inputs })) charts.push(await record(chart))
const lines = charts.map((chart) => JSON.stringify(chart)).join(',\n')
writeFileSync(recordedCorpus, `{"versions":${JSON.stringify(versions)},"charts":[\n${lines}\n]}\n`)

async function record({ path, archive, scenarios }: ChartScenarios): Promise<RecordedChart> {
  const file = scenarios[0]?.chart ?? ''
  const found = inputs.find((chart) => chart.file === file)?.scenarios ?? [defaults]
  const recorded: RecordedScenario[] = []
  for (const input of withBare(found)) {
    const scenario = scenarioOf(file, input, archive)
    const asHelm3 = rendering(helm3 ?? '', versions[0], path, scenario, await changingWithTime(archive, scenario, 3))
    const asHelm4 = rendering(helm4 ?? '', versions[1], path, scenario, await changingWithTime(archive, scenario, 4))
    const same = JSON.stringify(asHelm3) === JSON.stringify(asHelm4)
    recorded.push({ ...inputOf(input), helm3: asHelm3, ...(same ? {} : { helm4: asHelm4 }) })
  }
  return { file, sha256: createHash('sha256').update(readFileSync(path)).digest('hex'), scenarios: recorded }
}

/** The scenarios, and first the chart as it is where they give what it demands: helm's refusal is recorded too. */
function withBare(found: readonly ScenarioInput[]): readonly ScenarioInput[] {
  const isBare = ({ fix, ci, values, skip_schema }: ScenarioInput): boolean =>
    [fix, ci, values, skip_schema].every((each) => each === undefined)
  return found.some(isBare) ? found : [{ ...defaults, name: 'nothing given' }, ...found]
}

/** The fields that say what is rendered, without those of other records. */
function inputOf({ name, kube, apis, fix, ci, values, skip_schema }: ScenarioInput): ScenarioInput {
  return {
    name,
    kube,
    ...(apis === undefined ? {} : { apis }),
    ...(fix === undefined ? {} : { fix }),
    ...(ci === undefined ? {} : { ci }),
    ...(values === undefined ? {} : { values }),
    ...(skip_schema === undefined ? {} : { skip_schema }),
  }
}

function rendering(
  binary: string,
  version: string,
  path: string,
  scenario: Scenario,
  changing: readonly (readonly DocumentPath[])[],
): RecordedRendering {
  const { texts, error } = helmOutput(binary, version, path, scenario)
  if (texts === undefined) return { refused: refusalWords(error) }
  const again = splitDocuments(texts[1])
  const volatile: Record<string, readonly DocumentPath[]> = {}
  const hashes = splitDocuments(texts[0]).map((document, index) => {
    const paths = new Map(
      [...differingPaths(document, again[index] ?? ''), ...(changing[index] ?? [])].map((at) => [
        JSON.stringify(at),
        at,
      ]),
    )
    if (paths.size > 0) volatile[index] = [...paths.values()]
    return hashDocument(document, volatile[index])
  })
  return { documents: hashes.join(' '), volatile }
}

/** What the engine prints otherwise in another year: two runs of helm a second apart agree on the day. */
async function changingWithTime(
  archive: ChartScenarios['archive'],
  scenario: Scenario,
  helm: 3 | 4,
): Promise<readonly (readonly DocumentPath[])[]> {
  const render = async (now: Date): Promise<readonly string[]> => {
    const chart = engineRenderer({ helm, skipSchema: scenario.skipSchema, now: () => now }).openChart(archive.chart)
    const { kubeVersion, apiVersions, files } = scenario
    const release = { name: 't', namespace: 'default' }
    return splitDocuments(formatRendered(await chart.render({ files }, { kubeVersion, apiVersions, release })))
  }
  try {
    const [first, second] = [await render(new Date(1_700_000_000_000)), await render(new Date(1_900_000_123_456))]
    return first.map((document, index) => differingPaths(document, second[index] ?? ''))
  } catch (error) {
    console.error(`${scenario.chart} ${scenario.name}: ${messageOf(error)}`)
    return []
  }
}
