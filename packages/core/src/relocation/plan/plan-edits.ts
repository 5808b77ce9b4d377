// From what was observed to what will be edited: one consistent set of edits, and the images that none of them moves.
// Pure.
import type { Chart } from '../../helm/chart/chart.ts'
import { fileAt } from '../../helm/chart/chart-file.ts'
import { formatPath } from '../../helm/yaml/path.ts'
import type { Naming } from '../../reference/naming.ts'
import { decodeExactly, type Leaf, readLeaves } from '../find/leaf.ts'
import type { ImageOccurrence } from '../find/occurrence.ts'
import { leafEdit, type PlannedEdit, type TextPart } from '../plan.ts'
import { collectEdits, type PlaceEdits } from './combine-edits.ts'
import { inlineRename } from './inline-rename.ts'
import { type Pins, pinSplice } from './pin.ts'
import { pipedRename } from './piped-rename.ts'
import { keyOf, type Place, pointOf, type Route, routeOf, type Splice } from './route.ts'

/** An occurrence that stays, and why. */
export interface StuckOccurrence {
  readonly occurrence: ImageOccurrence
  readonly reason: string
  /** Whether the user's own values name it: those are the user's to change. */
  readonly isUsers: boolean
}

/** What was decided. */
export interface EditDecision {
  readonly edits: readonly PlannedEdit[]
  readonly stuck: readonly StuckOccurrence[]
}

export interface PlanEditsOptions {
  /** Places (by `pointOf`) that a trial has shown to be printed elsewhere, and where. Default: none. */
  readonly withdrawn?: ReadonlyMap<string, string>
  /** Digests to be written. Default: none. */
  readonly pins?: Pins
  /** Whether what templates say may be edited. Default: true. */
  readonly templateEdits?: boolean
}

const byCertainty = ['pod', 'field', 'joined', 'text']

/** Plans edits for all occurrences; the more certain an image is, the earlier its edits are taken. */
export function planEdits(
  chart: Chart,
  occurrences: readonly ImageOccurrence[],
  naming: Naming,
  { withdrawn = new Map(), pins = new Map(), templateEdits = true }: PlanEditsOptions = {},
): EditDecision {
  const files = openFiles(chart)
  const stuck: StuckOccurrence[] = []
  const routes = occurrences
    .toSorted((a, b) => byCertainty.indexOf(a.form) - byCertainty.indexOf(b.form))
    .flatMap((occurrence) => {
      const pin = pinSplice(occurrence, pins, files.leaves)
      const route = withPin(routeOf(occurrence, naming), pin)
      if (route === undefined) return []
      // A digest goes where the tag is written, which is not in the expression.
      const inTemplates = !templateEdits || pin !== undefined ? [] : templateSplices(occurrence, route)
      if ('splices' in route) return [{ occurrence, inTemplates, ...route }]
      const [first, ...others] = inTemplates
      if (first !== undefined) return [{ occurrence, inTemplates: others, splices: [first], hosted: undefined }]
      stuck.push({ occurrence, reason: route.reason, isUsers: false })
      return []
    })
  const collection = collectEdits(routes.flatMap(({ hosted }) => hosted ?? []))
  for (const { occurrence, inTemplates, splices } of routes) {
    const isUsers = splices.some(({ place }) => files.isUsers(place))
    const reason = isUsers
      ? 'the values given name it'
      : (splices
          .map((splice) => refusal(splice, templateEdits) ?? withdrawalOf(splice, withdrawn) ?? files.fault(splice))
          .find(isGiven) ?? collection.add(splices))
    if (reason === undefined) continue
    const isMoved =
      !isUsers &&
      inTemplates.some(
        (other) =>
          withdrawalOf(other, withdrawn) === undefined &&
          files.fault(other) === undefined &&
          collection.add([other]) === undefined,
      )
    if (!isMoved) stuck.push({ occurrence, reason, isUsers })
  }
  return { edits: collection.edits().flatMap((edits) => files.toEdits(edits)), stuck }

  /** What could be done in the template where the leaf cannot be edited, or none alone wrote the registry. */
  function templateSplices(occurrence: ImageOccurrence, route: Route): readonly Splice[] {
    const inserted = 'splices' in route ? inTemplate(occurrence, route.splices) : undefined
    const renamed = [pipedRename, inlineRename].map((rename) => rename(occurrence, naming, files.textOf))
    return [inserted, ...renamed].filter((splice) => splice !== undefined)
  }
}

/**
 * The same insertion in the template, right before what the leaf prints: for a leaf that is printed elsewhere, too. Not
 * in a custom resource, whose operator may put a registry before a bare name itself.
 */
function inTemplate({ form, before }: ImageOccurrence, splices: readonly Splice[]): Splice | undefined {
  const [splice, ...more] = splices
  const isInsertion =
    splice?.length === 0 && splice.place.kind === 'leaf' && splice.place.offset === 0 && more.length === 0
  if (!isInsertion || before === undefined || form === 'field') return undefined
  return { place: { kind: 'literal', ...before }, length: 0, parts: splice.parts }
}

/** A route that writes the digest, too. */
function withPin(route: Route | undefined, pin: ReturnType<typeof pinSplice>): Route | undefined {
  if (route === undefined || pin === undefined || 'reason' in route) return route
  return 'reason' in pin ? pin : { ...route, splices: [...route.splices, pin] }
}

function refusal({ place }: Splice, templateEdits: boolean): string | undefined {
  return templateEdits || place.kind === 'leaf'
    ? undefined
    : `it stands in ${place.file}, and templates are not to be edited`
}

const isGiven = (text: string | undefined): boolean => text !== undefined

function withdrawalOf({ place }: Splice, withdrawn: ReadonlyMap<string, string>): string | undefined {
  const where = withdrawn.get(pointOf(place))
  if (where === undefined) return undefined
  const source = place.kind === 'leaf' ? `${place.file} ${formatPath(place.path)}` : place.file
  return `${source} is printed elsewhere, too: ${where}`
}

interface EditableFiles {
  readonly leaves: readonly Leaf[]
  /** The text of a template, or of another file, without a byte order mark. */
  readonly textOf: (file: string) => string | undefined
  /** Whether a place is not in the chart but in the values that somebody gave. */
  isUsers(place: Place): boolean
  /** Why a splice cannot be made, if it cannot. */
  fault(splice: Splice): string | undefined
  toEdits(edits: PlaceEdits): readonly PlannedEdit[]
}

/** The leaves and templates of a chart, as they can be edited. */
function openFiles(chart: Chart): EditableFiles {
  const all = readLeaves(chart)
  const leaves = new Map(all.map((leaf) => [JSON.stringify([leaf.file, leaf.path]), leaf]))
  const texts = new Map<string, string | undefined>()
  const leafOf = (place: Place): Leaf | undefined => leaves.get(keyOf(place))
  const textOf = (file: string): string | undefined => {
    if (!texts.has(file)) {
      const bytes = fileAt(chart, file)
      texts.set(file, bytes === undefined ? undefined : decodeExactly(bytes)?.replace(/^\uFEFF/, ''))
    }
    return texts.get(file)
  }
  return {
    leaves: all,
    textOf,
    isUsers: ({ kind, file }) => kind === 'leaf' && fileAt(chart, file) === undefined,
    fault({ place, length }) {
      if (place.kind === 'leaf')
        return leafOf(place)?.text === place.text ? undefined : `${place.file} cannot be edited there`
      const text = textOf(place.file)
      return text === undefined || place.offset + length > text.length ? `${place.file} cannot be edited` : undefined
    },
    toEdits({ place, splices }) {
      if (place.kind === 'leaf') {
        const leaf = leafOf(place) as Leaf
        return [leafEdit(leaf, spliced(leaf.text, splices), true)]
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
