// A plan for images that got other digests on their way, since platforms were left out. Pure.
import { type Digest, digestHex, digestOf } from '../../digest.ts'
import type { Chart } from '../../helm/chart/chart.ts'
import { decodeExactly, fileAt, lineCounter } from '../../helm/chart/chart-file.ts'
import { formatPath } from '../../helm/yaml/path.ts'
import { readScalars } from '../../helm/yaml/scalars.ts'
import type { Plan, PlannedEdit, TemplateEdit, TextPart } from './plan.ts'

/** What each digest has become. */
export type ChangedDigests = ReadonlyMap<Digest, Digest>

/**
 * The plan with the new digests: in the names at the target, in what its edits write, and as an edit of its own
 * wherever a text file of the chart names an old one, subcharts included. The same plan where nothing names any. A
 * digest is 64 digits that mean one content alone, so they can be replaced wherever they stand, with the name of the
 * algorithm before them or without. Throws YAML_INVALID where an edited values file is none.
 */
export function repinPlan(original: Chart, plan: Plan, digests: ChangedDigests): Plan {
  const fresh = new Map([...digests].map(([from, to]) => [digestHex(from), digestHex(to)]))
  if (fresh.size === 0) return plan
  const pattern = new RegExp([...fresh.keys()].join('|'), 'g')
  let isNamed = false
  const repin = (text: string): string =>
    text.replace(pattern, (hex) => {
      isNamed = true
      return fresh.get(hex) ?? hex
    })
  const images = plan.images.map((image) => ({ ...image, to: repin(image.to) }))
  const edits = plan.edits.map(
    (edit): PlannedEdit => ({ ...edit, new: edit.new.map((part) => repinPart(part, repin)) }),
  )
  const edited = Map.groupBy(edits, ({ file }) => file)
  const added = textFiles(original).flatMap(({ file, text }) =>
    namesIn(file, text, pattern, repin, edited.get(file) ?? []),
  )
  if (!isNamed) return plan
  const files = added.map(({ file }) => [file, digestOf(fileAt(original, file) ?? new Uint8Array())] as const)
  const originals = plan.originals && { ...plan.originals, ...Object.fromEntries(files) }
  return { ...plan, images, edits: [...edits, ...added], ...(originals === undefined ? {} : { originals }) }
}

function repinPart(part: TextPart, repin: (text: string) => string): TextPart {
  return part.kind === 'literal' ? { ...part, text: repin(part.text) } : part
}

function textFiles(chart: Chart): readonly { readonly file: string; readonly text: string }[] {
  const own = [...chart.files].flatMap(([path, bytes]) => {
    const text = decodeExactly(bytes)
    return text === undefined ? [] : [{ file: chart.address + path, text }]
  })
  return [...own, ...chart.subcharts.flatMap(textFiles)]
}

/** An edit for each digest that no edit of the file replaces already. */
function namesIn(
  file: string,
  text: string,
  pattern: RegExp,
  repin: (text: string) => string,
  edits: readonly PlannedEdit[],
): readonly TemplateEdit[] {
  const mark = text.startsWith('\uFEFF') ? 1 : 0
  const leaves = new Set(edits.flatMap((edit) => (edit.kind === 'leaf' ? [formatPath(edit.path)] : [])))
  const covered: (readonly [start: number, end: number])[] = edits.flatMap((edit) =>
    edit.kind === 'template' ? [[edit.offset + mark, edit.offset + mark + edit.old.length] as const] : [],
  )
  if (leaves.size > 0)
    for (const { path, start, end } of readScalars(text, { where: file }))
      if (leaves.has(formatPath(path))) covered.push([start, end])
  const lineAt = lineCounter(text)
  return [...text.matchAll(pattern)]
    .filter(({ index }) => !covered.some(([start, end]) => index >= start && index < end))
    .map(({ 0: old, index }) => ({
      kind: 'template',
      file,
      line: lineAt(index),
      offset: index - mark,
      old,
      new: [{ kind: 'literal', text: repin(old) }],
      observed: false,
    }))
}
