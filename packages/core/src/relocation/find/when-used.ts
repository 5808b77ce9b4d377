// When an image of a chart runs, in words for a person. Pure.
import type { Chart } from '../../helm/chart/chart.ts'
import type { ChartLeaves } from '../../helm/chart/leaves.ts'
import { type FoundImage, whenRendered } from './discover.ts'
import { type Switches, switchesAbove } from './scenarios/switches.ts'

const mostSwitches = 3

/**
 * `always` with the values given; `with metrics.enabled` where switches stand above the leaves that it is written in;
 * else the scenarios that print it, or `not seen`.
 */
export function whenUsed(chart: Chart, leaves: ChartLeaves, image: FoundImage): string {
  const when = whenRendered(image)
  if (when === 'always' || image.rendered.length === 0) return when
  const ownLeaves = image.written.flatMap((use) => (use.kind === 'written' ? use.leaves.map(({ leaf }) => leaf) : []))
  const switches = pathsOf(switchesAbove(chart, leaves, ownLeaves) ?? {})
  if (switches.length === 0) return when.startsWith('only with ') ? when : `with ${when}`
  const more = switches.length > mostSwitches ? ['…'] : []
  return `with ${[...switches.slice(0, mostSwitches), ...more].join(', ')}`
}

function pathsOf(switches: Switches): readonly string[] {
  return Object.entries(switches).flatMap(([key, value]) =>
    typeof value === 'object' && value !== null ? pathsOf(value as Switches).map((path) => `${key}.${path}`) : [key],
  )
}
