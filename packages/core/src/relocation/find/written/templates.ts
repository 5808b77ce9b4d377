// Finds images that are written in templates themselves, where no value can move them.
import type { Chart } from '../../../helm/chart/chart.ts'
import { decodeExactly } from '../../../helm/chart/chart-file.ts'
import { tryParseReference } from '../../../reference/reference.ts'
import type { ImageFinder, LiteralUse } from '../image-use.ts'

/** A line whose whole value is text: one with an action in it is composed, and has leaves to find. */
const literalLine = /^[ \t]*(?:- )?image:[ \t]*(?<quote>["']?)(?<reference>[^\s"'{}#]+)\k<quote>[ \t]*(?:#.*)?\r?$/

/** Finds literals in the templates of a chart and its subcharts. */
export const templatesFinder: ImageFinder = {
  name: 'templates',
  find: findInTemplates,
}

function* findInTemplates(chart: Chart): Iterable<LiteralUse> {
  for (const [path, bytes] of chart.files) {
    if (!path.startsWith('templates/')) continue
    const lines = decodeExactly(bytes)?.split('\n') ?? []
    for (const [index, line] of lines.entries()) {
      const reference = literalLine.exec(line)?.groups?.reference
      if (reference !== undefined && reference !== 'auto' && tryParseReference(reference) !== undefined) {
        yield { kind: 'literal', reference, file: chart.address + path, line: index + 1 }
      }
    }
  }
  for (const subchart of chart.subcharts) yield* findInTemplates(subchart)
}
