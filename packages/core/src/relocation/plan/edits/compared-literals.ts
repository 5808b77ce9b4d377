// Registries that templates compare values with, or cut from them: when the values move, these have to move along.
// Pure.
import type { Chart } from '../../../helm/chart/chart.ts'
import { decodeExactly } from '../../../helm/chart/chart-file.ts'
import type { Naming } from '../../../reference/naming.ts'
import { partsOf, type TemplateEdit } from '../../model/plan.ts'

/** A text in quotes that could be a registry: a host with a dot, and perhaps a path. */
const quotedRegistry = /"([a-z0-9][a-z0-9.-]*\.[a-z]{2,}(?::\d+)?(?:\/[a-z0-9._/-]*)?)"/g
/** The functions whose result depends on what a text is or begins with. */
const comparing =
  /\b(?:eq|ne|contains|has|hasPrefix|hasSuffix|replace|trimPrefix|trimSuffix|regexMatch|split|splitList)\b/

/** An edit for each registry, of those that images move away from, that an action of a template compares or cuts. */
export function comparedLiterals(chart: Chart, hosts: ReadonlySet<string>, naming: Naming): readonly TemplateEdit[] {
  const own = [...chart.files].flatMap(([path, bytes]) => {
    const text = path.startsWith('templates/') ? decodeExactly(bytes)?.replace(/^\uFEFF/, '') : undefined
    return text === undefined ? [] : editsIn(chart.address + path, text, hosts, naming)
  })
  return [...own, ...chart.subcharts.flatMap((subchart) => comparedLiterals(subchart, hosts, naming))]
}

function editsIn(file: string, text: string, hosts: ReadonlySet<string>, naming: Naming): readonly TemplateEdit[] {
  const edits: TemplateEdit[] = []
  for (const action of text.matchAll(/\{\{[\s\S]*?\}\}/g)) {
    if (!comparing.test(action[0])) continue
    for (const literal of action[0].matchAll(quotedRegistry)) {
      const registry = literal[1] ?? ''
      const [host = ''] = registry.split('/')
      const moved = naming.renameRegistry(registry)
      if (!hosts.has(host) || moved === undefined) continue
      const offset = action.index + literal.index + 1
      const line = text.slice(0, offset).split('\n').length
      edits.push({
        kind: 'template',
        file,
        line,
        offset,
        old: registry,
        new: partsOf(moved, naming.target),
        observed: true,
      })
    }
  }
  return edits
}
