// Every use of an image: written in the chart, and rendered in some scenario.
import type { ImageUse } from './image-use.ts'
import type { Observation } from './observe-chart.ts'
import { isImage, isNamedElsewhere } from './rendered/occurrence.ts'

/**
 * What is written, then what is rendered; a place that several scenarios print is there once, with the first of them.
 * A reference of which only the beginning is known names no image.
 */
export function findUses({ scenarios, written }: Observation): readonly ImageUse[] {
  const rendered = new Map<string, ImageUse>()
  const all = scenarios.flatMap((observed) => observed.occurrences)
  const isElsewhere = isNamedElsewhere(all)
  const occurrences = all.filter((occurrence) => isImage(occurrence) && !isElsewhere(occurrence))
  for (const { reference, source, resource, path, scenario, evidence } of occurrences) {
    const place = JSON.stringify([source, resource, path, reference])
    if (rendered.has(place)) continue
    const where = {
      scenario: scenario.name,
      scenarioKind: scenario.kind,
      ...(evidence === undefined ? {} : { evidence }),
    }
    rendered.set(place, { kind: 'rendered', reference, source, resource, path, ...where })
  }
  return [...written, ...rendered.values()]
}
