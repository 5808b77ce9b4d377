// What the render bench renders: every chart of the corpus, in the scenarios of a recorded file or with its defaults.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type ChartArchive, readChartArchive } from '@chartferry/core'

/** One rendering: a chart with values and a cluster. */
export interface Scenario {
  readonly chart: string
  readonly name: string
  readonly kubeVersion: string
  readonly apiVersions: readonly string[]
  readonly files: readonly { readonly name: string; readonly text: string }[]
  readonly skipSchema: boolean
}

interface RecordedScenario {
  readonly name: string
  readonly kube: string
  readonly apis?: readonly string[]
  /** Values that the chart demands. */
  readonly fix?: unknown
  /** A values file of the chart, by its path. */
  readonly ci?: string
  readonly values?: unknown
  readonly skip_schema?: boolean
}

interface RecordedChart {
  readonly file: string
  readonly scenarios: readonly RecordedScenario[]
}

/** A chart archive with its scenarios. */
export interface ChartScenarios {
  readonly path: string
  readonly archive: ChartArchive
  readonly scenarios: readonly Scenario[]
}

const defaults = { name: 'default', kube: '1.31.0' }

/** The charts of a folder, one after another; `recorded` is a JSON list of charts with scenarios, else each has its default one. */
export async function* chartScenarios(
  folder: string,
  recorded?: string,
  only?: string,
): AsyncGenerator<ChartScenarios> {
  const known = recorded === undefined ? [] : (JSON.parse(readFileSync(recorded, 'utf8')) as RecordedChart[])
  for (const file of readdirSync(folder)
    .filter((name) => name.endsWith('.tgz'))
    .sort()) {
    if (only !== undefined && !file.includes(only)) continue
    const path = join(folder, file)
    const archive = await readChartArchive(readFileSync(path), { fileName: file }).catch(() => undefined)
    if (archive === undefined) continue
    const found = known.find((chart) => chart.file === file)?.scenarios ?? []
    const scenarios = (found.length === 0 ? [defaults] : found).map((scenario) => scenarioOf(file, scenario, archive))
    yield { path, archive, scenarios }
  }
}

function scenarioOf(chart: string, recorded: RecordedScenario, archive: ChartArchive): Scenario {
  const files = [
    ...(recorded.fix === undefined ? [] : [{ name: 'scenario fix.json', text: JSON.stringify(recorded.fix) }]),
    ...(recorded.ci === undefined ? [] : [{ name: `scenario ${recorded.ci}`, text: textOf(archive, recorded.ci) }]),
    ...(recorded.values === undefined ? [] : [{ name: 'scenario values.json', text: JSON.stringify(recorded.values) }]),
  ]
  return {
    chart,
    name: recorded.name,
    kubeVersion: recorded.kube,
    apiVersions: recorded.apis ?? [],
    files,
    skipSchema: recorded.skip_schema ?? false,
  }
}

function textOf(archive: ChartArchive, path: string): string {
  return new TextDecoder().decode(archive.chart.files.get(path))
}
