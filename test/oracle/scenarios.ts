// The real charts in the scenarios of their record.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type ChartArchive, readChartArchive } from '@chartferry/core'
import { readRecordedCorpus, type ScenarioInput } from './corpus.ts'

/** One rendering: a chart with values and a cluster. */
export interface Scenario {
  readonly chart: string
  readonly name: string
  readonly kubeVersion: string
  readonly apiVersions: readonly string[]
  readonly files: readonly { readonly name: string; readonly text: string }[]
  readonly skipSchema: boolean
}

/** A chart archive with its scenarios. */
export interface ChartScenarios {
  readonly path: string
  readonly archive: ChartArchive
  readonly scenarios: readonly Scenario[]
}

/** The scenario of a chart of which nothing else is known. */
export const defaults: ScenarioInput = { name: 'default', kube: '1.31.0' }

/** A chart archive of the record with its scenarios. */
export interface ChartInput {
  readonly file: string
  readonly scenarios: readonly ScenarioInput[]
}

/** Which charts, and in what scenarios. */
export interface ChartScenariosOptions {
  /** The charts' scenarios; a chart that is not among them has its default one. Default: the record. */
  readonly recorded?: readonly ChartInput[]
  /** What a file's name must contain. Default: nothing. */
  readonly only?: string | undefined
}

/** The charts of a folder, one after another; those that cannot be read are left out. */
export async function* chartScenarios(
  folder: string,
  options: ChartScenariosOptions = {},
): AsyncGenerator<ChartScenarios> {
  const known = options.recorded ?? readRecordedCorpus().charts
  for (const file of readdirSync(folder)
    .filter((name) => name.endsWith('.tgz') && name.includes(options.only ?? ''))
    .sort()) {
    const path = join(folder, file)
    const archive = await readChartArchive(readFileSync(path), { fileName: file }).catch(() => undefined)
    if (archive === undefined) continue
    const found = known.find((chart) => chart.file === file)?.scenarios ?? []
    const scenarios = (found.length === 0 ? [defaults] : found).map((scenario) => scenarioOf(file, scenario, archive))
    yield { path, archive, scenarios }
  }
}

/** A recorded scenario with its values as files. */
export function scenarioOf(chart: string, recorded: ScenarioInput, archive: ChartArchive): Scenario {
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
