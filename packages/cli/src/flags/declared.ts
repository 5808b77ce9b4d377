// chartferry.yaml as commands use it: its charts as something to read, with the values that stand beside it.
import { stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { type Declaration, type DeclaredChart, parseDeclaration } from '@chartferry/core/transfer'
import type { Command } from 'commander'
import type { ChartOptions } from './chart-options.ts'
import type { ChartRequest } from './chart-request.ts'
import { readText } from './read-text.ts'

/** A chart of a declaration. */
export interface DeclaredRequest extends ChartRequest {
  readonly declared: DeclaredChart
}

/** A declaration, and its charts in their order. */
export interface Declared {
  readonly file: string
  readonly declaration: Declaration
  readonly charts: readonly DeclaredRequest[]
}

/** What a command takes a declaration by. */
export interface ConfigOption {
  readonly config?: string
}

/** Adds the flag. */
export function addConfigOption(command: Command): Command {
  return command.option('--config <file>', 'a chartferry.yaml: take what its lock file holds, to its target')
}

/** The options of charts where there are no flags for them. */
export const noChartOptions: ChartOptions = {
  values: [],
  set: [],
  setString: [],
  setFile: [],
  setJson: [],
  setLiteral: [],
  kubeVersion: [],
  apiVersions: [],
}

/** Reads a declaration; paths in it are seen from its folder. Throws FILE_NOT_FOUND, CONFIG_INVALID, YAML_INVALID. */
export async function readDeclared(file: string, options: ChartOptions): Promise<Declared> {
  const declaration = parseDeclaration(await readText(file, 'declaration'), file)
  const folder = dirname(resolve(file))
  const charts: DeclaredRequest[] = []
  for (const declared of declaration.charts) {
    const chartOptions = await optionsOf(declared, declaration, options, file)
    const argument = await argumentOf(declared, folder)
    charts.push({ declared, name: declared.chart, argument, options: chartOptions })
  }
  return { file, declaration, charts }
}

async function optionsOf(
  { version, repo, values }: DeclaredChart,
  { kubeVersion, apiVersions, registries }: Declaration,
  { version: _version, repo: _repo, ...options }: ChartOptions,
  file: string,
): Promise<ChartOptions> {
  const folder = dirname(resolve(file))
  const declaredValues = await Promise.all(
    values.map(async (entry) =>
      typeof entry === 'string'
        ? { name: entry, text: await readText(resolve(folder, entry), 'values file') }
        : { name: file, text: JSON.stringify(entry) },
    ),
  )
  return {
    ...options,
    ...(version === undefined ? {} : { version }),
    ...(repo === undefined ? {} : { repo }),
    kubeVersion: kubeVersion === undefined ? options.kubeVersion : [kubeVersion],
    apiVersions: [...apiVersions, ...options.apiVersions],
    declaredValues,
    declaredRegistries: registries,
  }
}

/** A name that is a file or folder beside the declaration is that. */
async function argumentOf({ chart, repo }: DeclaredChart, folder: string): Promise<string> {
  if (repo !== undefined || /^[a-z]+:\/\//.test(chart)) return chart
  const path = resolve(folder, chart)
  const found = await stat(path).catch(() => undefined)
  return found === undefined ? chart : path
}
