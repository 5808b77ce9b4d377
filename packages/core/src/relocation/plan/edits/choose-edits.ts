// Which edits move the images that were observed: one consistent set, and the images that none of them moves. Pure.

import type { ChartLeaves } from '../../../helm/chart/leaves.ts'
import { formatPath } from '../../../helm/yaml/path.ts'
import type { Naming } from '../../../reference/naming.ts'
import type { ImageOccurrence } from '../../find/rendered/occurrence.ts'
import type { PlannedEdit } from '../../model/plan.ts'
import { collectEdits } from './combine-edits.ts'
import type { EditableFiles } from './editable-files.ts'
import { inlineRename } from './inline-rename.ts'
import { type Pins, pinSplice } from './pin.ts'
import { pipedRename } from './piped-rename.ts'
import { pointOf, type Route, routeOf, type Splice } from './route.ts'

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

export interface EditChoices {
  readonly naming: Naming
  /** Whether what templates say may be edited. */
  readonly templateEdits: boolean
  /** Digests that the naming has behind its names. */
  readonly pins: Pins
  /** Places (by `pointOf`) whose edits a trial has spoken against, and how: `is printed elsewhere, too: …`. */
  readonly withdrawn: ReadonlyMap<string, string>
}

const byCertainty = ['pod', 'field', 'joined', 'text', 'registry']

/** Chooses edits for all occurrences; the more certain an image is, the earlier its edits are taken. */
export function chooseEdits(
  files: EditableFiles,
  leaves: ChartLeaves,
  occurrences: readonly ImageOccurrence[],
  { naming, withdrawn, pins, templateEdits }: EditChoices,
): EditDecision {
  const stuck: StuckOccurrence[] = []
  const routes = occurrences
    .toSorted((a, b) => byCertainty.indexOf(a.form) - byCertainty.indexOf(b.form))
    .flatMap((occurrence) => {
      const pin = pinSplice(occurrence, pins, leaves.all)
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
  return `${source} ${where}`
}
