// Lines of what a trace points at: leaves of values files, fields of Chart.yaml, characters of templates.

import { isChartferryError } from '../../../errors.ts'
import type { Chart } from '../../../helm/chart/chart.ts'
import { lineCounter } from '../../../helm/chart/chart-file.ts'
import type { RenderValues } from '../../../helm/render/chart-renderer.ts'
import { fileText } from '../../../helm/render/engine/loaded-chart.ts'
import { formatPath, type ValuesPath } from '../../../helm/yaml/path.ts'
import { readScalars } from '../../../helm/yaml/scalars.ts'

/** Where something is written. */
export interface WrittenPlace {
  /** The address of the file in the archive, what the user's values file is called, or the option: `--set`. */
  readonly file: string
  /**
   * The first line is 1. Undefined where the value stands elsewhere than its path says: behind an alias, in an option.
   */
  readonly line?: number
  /** Of a leaf or field. */
  readonly path?: ValuesPath
}

/** Finds the lines. A file is read when it is first asked for. */
export interface PlaceFinder {
  leaf(file: string, path: ValuesPath): WrittenPlace
  character(file: string, offset: number): WrittenPlace
}

/** A finder for the files of a chart and the user's values files. */
export function openPlaceFinder(chart: Chart, values: RenderValues): PlaceFinder {
  const texts = new Map((values.files ?? []).map(({ name, text }) => [name, () => text]))
  for (const { address, files } of withSubcharts(chart)) {
    for (const [path, data] of files) texts.set(address + path, () => fileText(data))
  }
  const scalarLines = new Map<string, ReadonlyMap<string, number>>()
  const linesOf = (file: string): ReadonlyMap<string, number> => {
    const known = scalarLines.get(file) ?? readScalarLines(file, texts.get(file)?.() ?? '')
    scalarLines.set(file, known)
    return known
  }
  return {
    leaf(file, path) {
      const line = linesOf(file).get(formatPath(path))
      return line === undefined ? { file, path } : { file, line, path }
    },
    character(file, offset) {
      const text = texts.get(file)?.()
      return text === undefined ? { file } : { file, line: lineCounter(text)(offset) }
    },
  }
}

function* withSubcharts(chart: Chart): Iterable<Chart> {
  yield chart
  for (const subchart of chart.subcharts) yield* withSubcharts(subchart)
}

/** What this parser cannot read, Helm may still read: then no line is known. */
function readScalarLines(where: string, text: string): ReadonlyMap<string, number> {
  try {
    const lines = lineCounter(text)
    const written = readScalars(text, { where }).filter(({ alias, start }) => alias === undefined && start >= 0)
    return new Map(written.map(({ path, start }) => [formatPath(path), lines(start)]))
  } catch (error) {
    if (isChartferryError(error, 'YAML_INVALID')) return new Map()
    throw error
  }
}
