// The leaves and templates of a chart, as splices can be made in them.
import type { Chart } from '../../../helm/chart/chart.ts'
import { decodeExactly, fileAt } from '../../../helm/chart/chart-file.ts'
import type { ChartLeaves } from '../../../helm/chart/leaves.ts'
import { leafEdit, type PlannedEdit, type TextPart } from '../../model/plan.ts'
import type { PlaceEdits } from './combine-edits.ts'
import type { Place, Splice } from './route.ts'

/** The text of a chart, and what can be changed in it. */
export interface EditableFiles {
  /** The text of a template, or of another file, without a byte order mark. */
  readonly textOf: (file: string) => string | undefined
  /** Whether a place is not in the chart but in the values that somebody gave. */
  isUsers(place: Place): boolean
  /** Why a splice cannot be made, if it cannot. */
  fault(splice: Splice): string | undefined
  toEdits(edits: PlaceEdits): readonly PlannedEdit[]
}

/** The leaves and templates of a chart, as they can be edited. */
export function openFiles(chart: Chart, leaves: ChartLeaves): EditableFiles {
  const texts = new Map<string, string | undefined>()
  const textOf = (file: string): string | undefined => {
    if (!texts.has(file)) {
      const bytes = fileAt(chart, file)
      texts.set(file, bytes === undefined ? undefined : decodeExactly(bytes)?.replace(/^\uFEFF/, ''))
    }
    return texts.get(file)
  }
  return {
    textOf,
    isUsers: ({ kind, file }) => kind === 'leaf' && fileAt(chart, file) === undefined,
    fault({ place, length }) {
      if (place.kind === 'leaf')
        return leaves.at(place.file, place.path)?.text === place.text
          ? undefined
          : `${place.file} cannot be edited there`
      const text = textOf(place.file)
      return text === undefined || place.offset + length > text.length ? `${place.file} cannot be edited` : undefined
    },
    toEdits({ place, splices }) {
      if (place.kind === 'leaf') {
        const leaf = leaves.at(place.file, place.path)
        return leaf === undefined ? [] : [leafEdit(leaf, spliced(leaf.text, splices), true)]
      }
      const text = textOf(place.file) ?? ''
      return splices.map(({ place: { offset }, length, parts }): PlannedEdit => {
        const line = text.slice(0, offset).split('\n').length
        return {
          kind: 'template',
          file: place.file,
          line,
          offset,
          old: text.slice(offset, offset + length),
          new: parts,
          observed: true,
        }
      })
    },
  }
}

/** The text with its splices, as parts. */
function spliced(text: string, splices: readonly Splice[]): readonly TextPart[] {
  const parts: TextPart[] = []
  let position = 0
  const keep = (end: number): void => {
    if (end > position) parts.push({ kind: 'literal', text: text.slice(position, end) })
  }
  for (const { place, length, parts: inserted } of splices) {
    keep(place.offset)
    parts.push(...inserted)
    position = place.offset + length
  }
  keep(text.length)
  return parts
}
