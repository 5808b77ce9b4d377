// What a chart asks for when it refuses to render: the values that its words and the lines around the refusal name.
import type { Chart } from '../../../helm/chart/chart.ts'
import { decodeExactly } from '../../../helm/chart/chart-file.ts'
import type { ChartLeaves } from '../../../helm/chart/leaves.ts'

/** A value that may be what a chart waits for. */
export interface Demand {
  /** Keys from the top chart's values on. */
  readonly path: readonly string[]
  readonly value: string | boolean | number
}

/** As `--set` takes it: `global.domain=example.com`. */
export const formatDemand = ({ path, value }: Demand): string => `${path.join('.')}=${value}`

/** How far above a refusal its conditions are looked for. */
const linesAbove = 8
/** Helpers that call helpers are followed so far. */
const mostCalls = 3
/** Nothing that names an image is ever made up. */
const ofImage = /image|registr|repositor|^tag$|digest/i

/**
 * What may be asked for, the likeliest first: what the words set (`license=accept`), what they name
 * (`.rateLimiter.enabled`), then what the lines around the refusal read. `reason` is the message of the failed
 * rendering.
 */
export function demandsOf(chart: Chart, leaves: ChartLeaves, reason: string): readonly Demand[] {
  const [, file = '', line = '0'] = /([^\s:()]+):(\d+):\d+/.exec(reason) ?? []
  const place = placeOfFile(chart, file)
  const words = reason.slice(reason.indexOf(': ') + 1)
  const read = place === undefined ? { paths: [], literals: [] } : readAround(chart, place, Number(line))
  const known = new Set(read.paths.map((path) => path.join('.')))
  const named = [...words.matchAll(/[\w-]+(?:\.[\w-]+)*/g)]
    .map(([text]) => text.replace(/^(?:\.?Values\.)/, '').split('.'))
    .filter((path) => path.length > 1 || known.has(path.join('.')) || isWritten(leaves, place, path))
  const set = [...words.matchAll(/([\w-]+(?:\.[\w-]+)*)=([\w-]+)/g)].map(
    ([, path = '', value = '']): Demand => ({ path: path.split('.'), value: scalarOf(value) }),
  )
  const prefix = place?.prefix ?? []
  const paths = [...named, ...read.paths].flatMap((path) => expand(leaves, place, path))
  const guessed = paths.flatMap((path) => guess(leaves, place, path, read.literals))
  const all = [...set, ...guessed].map(
    ({ path, value }): Demand => ({ path: path[0] === 'global' ? path : [...prefix, ...path], value }),
  )
  const once = new Map(all.map((demand) => [JSON.stringify(demand), demand]))
  return [...once.values()].filter(({ path }) => !path.some((key) => ofImage.test(key) || key === '__proto__'))
}

interface Place {
  readonly chart: Chart
  /** Where its values stand in those of the top chart. */
  readonly prefix: readonly string[]
  /** The path below the chart's folder. */
  readonly path: string
}

/** The chart of a path as errors have it: `web/charts/redis/templates/service.yaml`. */
function placeOfFile(chart: Chart, file: string): Place | undefined {
  let at = chart
  const prefix: string[] = []
  let rest = file.slice(file.indexOf('/') + 1)
  for (
    let below = /^charts\/([^/]+)\/(.*)$/s.exec(rest);
    below !== null;
    below = /^charts\/([^/]+)\/(.*)$/s.exec(rest)
  ) {
    const [, name = '', path = ''] = below
    const wanted = at.metadata.dependencies.find(({ alias }) => alias === name)?.name ?? name
    const next = at.subcharts.find(({ metadata }) => metadata.name === wanted)
    if (next === undefined) return undefined
    prefix.push(name)
    at = next
    rest = path
  }
  return at.files.has(rest) ? { chart: at, prefix, path: rest } : undefined
}

interface ReadAround {
  readonly paths: readonly (readonly string[])[]
  /** What values are compared with. */
  readonly literals: readonly string[]
}

const valuePath = /\.Values((?:\.[A-Za-z_]\w*)+)|(?:index|get|hasKey)\s+\(?\.Values((?:\.\w+)*)\)?((?:\s+"[^"]+")+)/g
const call = /(?:include|template)\s+"([^"]+)"/g
const compared = /\b(?:eq|ne)\b[^}]*?"([^"]+)"/g

/** What the lines up to a refusal read, the nearest first; helpers that they call come after them. */
function readAround(root: Chart, { chart, path }: Place, line: number): ReadAround {
  const lines = textOf(chart, path).split('\n')
  const near = lines
    .slice(Math.max(0, line - 1 - linesAbove), line)
    .reverse()
    .join('\n')
  const texts = [near]
  const seen = new Set<string>()
  for (let depth = 0, open = namesIn(near); depth < mostCalls && open.length > 0; depth++) {
    const bodies = open.filter((name) => !seen.has(name)).map((name) => definitionOf(root, name))
    for (const name of open) seen.add(name)
    texts.push(...bodies)
    open = bodies.flatMap(namesIn)
  }
  const all = texts.join('\n')
  return {
    paths: [...all.matchAll(valuePath)].map(([, plain, below = '', keys = '']) => [
      ...(plain ?? below).split('.').filter((key) => key !== ''),
      ...[...keys.matchAll(/"([^"]+)"/g)].map(([, key = '']) => key),
    ]),
    literals: [...all.matchAll(compared)].map(([, text = '']) => text).filter((text) => !seen.has(text)),
  }
}

const namesIn = (text: string): readonly string[] => [...text.matchAll(call)].map(([, name = '']) => name)

const textOf = ({ files }: Chart, path: string): string => {
  const bytes = files.get(path)
  return bytes === undefined ? '' : (decodeExactly(bytes) ?? '')
}

/** The text of a named template, up to the next one. */
function definitionOf(chart: Chart, name: string): string {
  for (const path of chart.files.keys()) {
    if (!path.startsWith('templates/')) continue
    const text = textOf(chart, path)
    const start = text.search(new RegExp(`define\\s+"${name.replace(/[^\w-]/g, '\\$&')}"`))
    if (start < 0) continue
    const next = text.slice(start + 1).search(/\{\{-?\s*define\s/)
    return next < 0 ? text.slice(start) : text.slice(start, start + 1 + next)
  }
  for (const subchart of chart.subcharts) {
    const found = definitionOf(subchart, name)
    if (found !== '') return found
  }
  return ''
}

const leavesAt = (leaves: ChartLeaves, place: Place | undefined) => leaves.of(place?.chart.address ?? '')

const isWritten = (leaves: ChartLeaves, place: Place | undefined, path: readonly string[]): boolean =>
  leavesAt(leaves, place).some((leaf) => leaf.path.join('.') === path.join('.'))

/** A path, or the empty leaves below it where it is a map. */
function expand(
  leaves: ChartLeaves,
  place: Place | undefined,
  path: readonly string[],
): readonly (readonly string[])[] {
  const below = leavesAt(leaves, place).filter(
    (leaf) => leaf.path.length > path.length && path.every((key, index) => leaf.path[index] === key),
  )
  if (below.length === 0) return [path]
  return below
    .filter(({ text, path: keys }) => text === '' && keys.every((key) => typeof key === 'string'))
    .slice(0, 2)
    .map((leaf) => leaf.path.map(String))
}

/** What a value may be: a switch is turned on, a text gets what it is compared with, or an example of its kind. */
function guess(
  leaves: ChartLeaves,
  place: Place | undefined,
  path: readonly string[],
  literals: readonly string[],
): readonly Demand[] {
  const text = leavesAt(leaves, place).find((leaf) => leaf.path.join('.') === path.join('.'))?.text
  const values = [...(text === 'false' ? [true] : []), ...literals.map(scalarOf), exampleFor(path.at(-1) ?? ''), true]
  return values.map((value) => ({ path, value }))
}

const examples: readonly (readonly [RegExp, string | number])[] = [
  [/ur[il]$|endpoint|address$/i, 'https://example.com'],
  [/e-?mail/i, 'admin@example.com'],
  [/host|domain|fqdn|router/i, 'example.com'],
  [/port$/i, 8080],
  [/replicas|count$|size$/i, 1],
]

const exampleFor = (key: string): string | number => examples.find(([kind]) => kind.test(key))?.[1] ?? 'example'

const scalarOf = (text: string): string | boolean => (text === 'true' ? true : text === 'false' ? false : text)
