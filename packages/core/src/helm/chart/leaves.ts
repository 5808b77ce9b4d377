// The leaves of a chart: every scalar of its values files, at every level, with its place in the text.

import { isChartferryError } from '../../errors.ts'
import type { ValuesPath } from '../yaml/path.ts'
import { readScalars, type Scalar } from '../yaml/scalars.ts'
import type { Chart } from './chart.ts'
import { decodeExactly, lineCounter } from './chart-file.ts'

/** One scalar of a values file. */
export interface Leaf {
  /** The address of the file in the archive: `charts/redis-1.2.3.tgz!values.yaml`. */
  readonly file: string
  readonly path: ValuesPath
  /** The text as it is written, quotes and escapes resolved: a tag `1.10` stays `1.10`. */
  readonly text: string
  /** The token as it is written, quotes or the header of a block included. */
  readonly source: string
  /** Whether Helm reads it as a string. */
  readonly isString: boolean
  /** Line of its first character; the first line is 1. */
  readonly line: number
  /** Other paths that lead to it, through aliases of an anchor. Default: none. */
  readonly aliases?: readonly ValuesPath[]
}

/** The leaves of a chart and its subcharts: read once, and passed on. */
export interface ChartLeaves {
  /** Parents first. A values file that cannot be edited as text has none. */
  readonly all: readonly Leaf[]
  /** Those of one chart's own values file, by the chart's address. */
  of(address: string): readonly Leaf[]
  at(file: string, path: ValuesPath): Leaf | undefined
}

/** One text for a scalar, or for a file where there is no path: the same for the same place. */
export const placeKey = (file: string, path?: ValuesPath): string =>
  JSON.stringify(path === undefined ? [file] : [file, path])

/** A values file beside values.yaml, for `-f`: `values-openshift.yaml`, `values.prod.yaml`. */
const furtherValues = /^(?!values\.ya?ml$)[^/]*values[^/]*\.ya?ml$/i

/** The values files that a chart ships beside its own, by their address; those of its tests are apart. */
export const furtherValuesFiles = ({ address, files }: Chart): readonly string[] =>
  [...files.keys()].filter((path) => furtherValues.test(path)).map((path) => address + path)

/** Reads the leaves of a chart and its subcharts; with `further`, also those of the top chart's further values files. */
export function readLeaves(chart: Chart, { further = false }: { readonly further?: boolean } = {}): ChartLeaves {
  const byFile = new Map<string, readonly Leaf[]>()
  readInto(byFile, chart)
  for (const file of further ? furtherValuesFiles(chart) : []) {
    const bytes = chart.files.get(file)
    const text = bytes === undefined ? undefined : decodeExactly(bytes)
    if (text !== undefined) byFile.set(file, leavesOf(file, text))
  }
  const all = [...byFile.values()].flat()
  const byPlace = new Map(all.map((leaf) => [placeKey(leaf.file, leaf.path), leaf]))
  return {
    all,
    of: (address) => byFile.get(`${address}values.yaml`) ?? [],
    at: (file, path) => byPlace.get(placeKey(file, path)),
  }
}

function readInto(byFile: Map<string, readonly Leaf[]>, { address, files, subcharts }: Chart): void {
  const own = files.get('values.yaml')
  const text = own === undefined ? undefined : decodeExactly(own)
  const file = `${address}values.yaml`
  if (text !== undefined) byFile.set(file, leavesOf(file, text))
  for (const subchart of subcharts) readInto(byFile, subchart)
}

/** The leaves of one YAML text; none where it cannot be edited as text. */
export function leavesOf(file: string, text: string): readonly Leaf[] {
  const lines = lineCounter(text)
  const scalars = scalarsOf(file, text).filter(({ start }) => start >= 0)
  const aliases = Map.groupBy(
    scalars.filter(({ alias }) => alias !== undefined),
    ({ start }) => start,
  )
  return scalars
    .filter(({ alias }) => alias === undefined)
    .map(({ path, text, source, value, start }): Leaf => {
      const leaf = { file, path, text, source, isString: typeof value === 'string', line: lines(start) }
      const others = aliases.get(start)?.map((scalar) => scalar.path)
      return others === undefined ? leaf : { ...leaf, aliases: others }
    })
}

/**
 * What this parser cannot read, Helm may still read: then nothing in the file is edited, and a rendering shows what
 * stays.
 */
function scalarsOf(file: string, text: string): readonly Scalar[] {
  try {
    return readScalars(text, { where: file })
  } catch (error) {
    if (isChartferryError(error, 'YAML_INVALID')) return []
    throw error
  }
}
