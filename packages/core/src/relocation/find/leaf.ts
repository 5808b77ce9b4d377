// The leaves of a chart: every scalar of its values files, at every level, with its place in the text.

import { isChartferryError } from '../../errors.ts'
import type { Chart } from '../../helm/chart/chart.ts'
import type { ValuesPath } from '../../helm/yaml/path.ts'
import { readScalars, type Scalar } from '../../helm/yaml/scalars.ts'

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

/** The leaves of a chart and its subcharts, parents first. A values file that cannot be edited as text has none. */
export function readLeaves(chart: Chart): readonly Leaf[] {
  const own = chart.files.get('values.yaml')
  const text = own === undefined ? undefined : decodeExactly(own)
  const leaves = text === undefined ? [] : leavesOf(`${chart.address}values.yaml`, text)
  return [...leaves, ...chart.subcharts.flatMap(readLeaves)]
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

/** Counts the lines of a text up to offsets that only grow; the first line is 1. */
export function lineCounter(text: string): (offset: number) => number {
  let line = 1
  let seen = 0
  return (offset) => {
    for (; seen < offset; seen++) if (text.charCodeAt(seen) === 10) line++
    return line
  }
}

/** The text of UTF-8 bytes, or undefined where writing it again would not give the same bytes. */
export function decodeExactly(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined
  }
}
