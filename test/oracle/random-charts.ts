// Random charts from a seed: values full of nulls, globals, subcharts with conditions, tags, aliases and imports.
import type { ChartSpec } from '../kit/charts.ts'
import type { ChartCase } from './chart-cases.ts'
import { randomFrom } from './random.ts'

type Table = Readonly<Record<string, unknown>>

interface Dependency {
  readonly name: string
  readonly version: string
  readonly repository: string
  readonly alias?: string
  readonly condition?: string
  readonly tags?: readonly string[]
  readonly 'import-values'?: readonly unknown[]
}

const keys = ['a', 'b', 'c', 'global', 'tags', 'sub', 'two', 'alias', 'exports', 'data', 'enabled']
const template = 'kind: ConfigMap\ndata: {{ .Values | toJson | quote }}\nname: {{ .Chart.Name }} {{ .Template.Name }}\n'
const imports = [
  'data',
  { child: 'a', parent: 'b' },
  { child: 'exports.data', parent: '.' },
  { child: 'data', parent: 'a.c' },
]

/** That many cases. */
export function randomCharts(seed: number, count: number): readonly ChartCase[] {
  const random = randomFrom(seed)
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T

  const value = (depth: number): unknown => {
    const roll = random()
    if (depth > 0 && roll < 0.5) return table(depth - 1)
    if (roll < 0.65) return null
    if (roll < 0.72) return [1, null, { a: null }]
    return roll < 0.85 ? random() < 0.5 : pick(['x', 1, 0, '', 1.5])
  }
  const table = (depth: number): Table =>
    Object.fromEntries(Array.from({ length: Math.floor(random() * 5) }, () => [pick(keys), value(depth)]))
  const dependencyOn = (name: string, taken: Set<string>): Dependency => {
    const wished = random() < 0.4 ? pick(['alias', 'other', 'two']) : name
    const key = taken.has(wished) ? `x${taken.size}` : wished
    taken.add(key)
    return {
      name,
      version: pick(['1.0.0', '>=0', '2.x']),
      repository: '',
      ...(key === name ? {} : { alias: key }),
      ...(random() < 0.4 ? { condition: pick(['sub.enabled', 'a.enabled', 'nope,two.enabled', 'enabled']) } : {}),
      ...(random() < 0.3 ? { tags: [pick(['a', 'b'])] } : {}),
      ...(random() < 0.4 ? { 'import-values': [pick(imports)] } : {}),
    }
  }
  const chart = (name: string, depth: number): ChartSpec => {
    const names = depth === 0 ? [] : ['sub', 'two'].filter(() => random() < 0.7)
    const subcharts = names.map((subchart) => chart(subchart, depth - 1))
    const taken = new Set<string>()
    const wanted = names.flatMap((subchart) =>
      random() < 0.2 ? [] : random() < 0.25 ? [subchart, subchart] : [subchart],
    )
    const dependencies = wanted.map((subchart) => dependencyOn(subchart, taken))
    return {
      name,
      values: JSON.stringify(table(3)),
      templates: { 'show.yaml': template },
      ...(dependencies.length === 0 ? {} : { metadata: { dependencies } }),
      subcharts,
    }
  }
  return Array.from({ length: count }, (_, index) => ({
    name: `random chart ${index}`,
    chart: chart('top', 2),
    values: [JSON.stringify(table(3))],
  }))
}
