// Finds images by a chart's own hints: `.relok8s-images.yaml` lists templates of references over the values.

import { isChartferryError } from '../../../errors.ts'
import type { Chart } from '../../../helm/chart/chart.ts'
import { decodeExactly } from '../../../helm/chart/chart-file.ts'
import type { ChartLeaves, Leaf } from '../../../helm/chart/leaves.ts'
import { parseYaml } from '../../../helm/yaml/parse.ts'
import { formatPath, type ValuesPath } from '../../../helm/yaml/path.ts'
import { tryParseReference } from '../../../reference/reference.ts'
import type { ImageFinder, LeafRole, WrittenUse } from '../image-use.ts'

const hintsFile = '.relok8s-images.yaml'
/** `{{ .image.registry }}`, with or without spaces. */
const placeholder = /\{\{-?\s*\.([\w.-]+?)\s*-?\}\}/g

/** Finds images by the hints of the top chart. */
export const hintsFinder: ImageFinder = {
  name: 'hints',
  find: findHinted,
}

function* findHinted(chart: Chart, leaves: ChartLeaves): Iterable<WrittenUse> {
  const bytes = chart.files.get(hintsFile)
  const text = bytes === undefined ? undefined : decodeExactly(bytes)
  if (text === undefined) return
  for (const template of templatesIn(text)) {
    const use = useOf(template, (path) => leafAt(chart, leaves, path))
    if (use !== undefined) yield use
  }
}

function templatesIn(text: string): readonly string[] {
  try {
    const list = parseYaml(text, { where: hintsFile })
    return Array.isArray(list) ? list.filter((item) => typeof item === 'string') : []
  } catch (error) {
    if (isChartferryError(error, 'YAML_INVALID')) return []
    throw error
  }
}

/** The leaf of a path in the chart's values, else in those of the subchart that its first step names. */
function leafAt(chart: Chart, leaves: ChartLeaves, path: ValuesPath): Leaf | undefined {
  const own = leaves.of(chart.address).find((leaf) => formatPath(leaf.path) === formatPath(path))
  if (own !== undefined) return own
  const subchart = chart.subcharts.find(({ metadata }) => metadata.name === path[0])
  return subchart === undefined ? undefined : leafAt(subchart, leaves, path.slice(1))
}

function useOf(template: string, find: (path: ValuesPath) => Leaf | undefined): WrittenUse | undefined {
  const leaves: { readonly role: LeafRole; readonly leaf: Leaf }[] = []
  const reference = template.replace(placeholder, (_, path: string) => {
    const leaf = find(path.split('.'))
    if (leaf !== undefined) leaves.push({ role: roleOf(leaf, template), leaf })
    return leaf?.text ?? ''
  })
  // A tag that the values leave empty comes from the chart: what is written has none.
  const written = reference.replace(/[:@]+$/, '')
  return leaves.length === 0 || tryParseReference(written) === undefined
    ? undefined
    : { kind: 'written', reference: written, leaves }
}

function roleOf({ path }: Leaf, template: string): LeafRole {
  const key = String(path.at(-1))
  if (/registry|hub/i.test(key)) return 'registry'
  if (/digest|sha/i.test(key)) return 'digest'
  if (/tag|version/i.test(key)) return 'tag'
  return (template.match(placeholder) ?? []).length === 1 ? 'reference' : 'repository'
}
