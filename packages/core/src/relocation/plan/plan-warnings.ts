// What a person should know of a plan before images are copied by it. Pure.
import { placeKey } from '../../helm/chart/leaves.ts'
import { clusterOrigin } from '../../helm/render/engine/capabilities.ts'
import type { Origin } from '../../helm/template/value.ts'
import { formatPath } from '../../helm/yaml/path.ts'
import type { Naming } from '../../reference/naming.ts'
import { tryParseReference } from '../../reference/reference.ts'
import type { Observation } from '../find/observe-chart.ts'
import { type ImageOccurrence, isImage } from '../find/rendered/occurrence.ts'
import { formatDemand } from '../find/scenarios/demands.ts'
import { isAsGiven } from '../find/scenarios/scenario.ts'
import { type PlannedEdit, textOf } from '../model/plan.ts'
import { firstLine } from '../verify/proof.ts'
import { isTagged, type ListedImages } from './listed-images.ts'

/** All warnings of what was observed; `edits` are those that were settled. */
export function planWarnings(
  observation: Observation,
  edits: readonly PlannedEdit[],
  { named }: ListedImages,
  naming: Naming,
): readonly string[] {
  const occurrences = observation.scenarios.flatMap((observed) => observed.occurrences)
  return [
    ...schemasAside(observation),
    ...madeUp(observation),
    ...openImages(occurrences),
    ...unnamedTags(named, occurrences),
    ...clusterVersions(occurrences),
    ...emptyRegistries(observation, edits, occurrences, naming),
    ...othersDefaults(occurrences),
  ]
}

/** A chart whose own values break its schema is rendered without it: that is said. */
function schemasAside({ scenarios }: Observation): readonly string[] {
  const refusal = scenarios.find(
    ({ scenario, schemaRefusal }) => isAsGiven(scenario.kind) && schemaRefusal !== undefined,
  )
  return refusal?.schemaRefusal === undefined
    ? []
    : [`values.schema.json is left aside, as --skip-schema-validation does: ${firstLine(refusal.schemaRefusal)}`]
}

/** A chart that asks for values is rendered with some that nobody gave: that is said. */
function madeUp({ asked }: Observation): readonly string[] {
  const first = asked.find(({ scenario }) => isAsGiven(scenario.kind))
  if (first === undefined) return []
  const answers = (first.scenario.answers ?? []).map((demand) => `--set ${formatDemand(demand)}`)
  return [
    `the chart asks for values (${firstLine(first.reason)}): it was rendered with made-up ones, ${answers.join(' ')}; give your own in their place`,
  ]
}

/** References of which only the beginning is known: nobody can tell which images they will be. */
function openImages(occurrences: readonly ImageOccurrence[]): readonly string[] {
  const open = occurrences.filter(({ isOpen }) => isOpen === true)
  return once(
    open.map(
      ({ reference }) => `${reference}… is filled in when it runs: name the images that are needed with --image`,
    ),
  )
}

function unnamedTags(named: readonly string[], occurrences: readonly ImageOccurrence[]): readonly string[] {
  return once(named).map((name) => {
    const where = occurrences.find(({ reference }) => reference === name)
    const place = where === undefined ? '' : ` in ${where.resource} ${formatPath(where.path)}`
    return `${name} is named without a tag${place}: a program adds it; name the image that is needed with --image`
  })
}

/** Images whose tag is made of the version of the cluster: another cluster asks for another image. */
function clusterVersions(occurrences: readonly ImageOccurrence[]): readonly string[] {
  const following = occurrences.filter(
    (occurrence) => isImage(occurrence) && occurrence.spans.some(({ origin }) => isOfCluster(origin)),
  )
  return once(
    following.map(
      ({ reference }) =>
        `the tag of ${reference} follows the cluster version: give each version that you run with --kube-version`,
    ),
  )
}

function isOfCluster(origin: Origin, depth = 0): boolean {
  if (origin.kind === 'field') return origin.file === clusterOrigin
  if (origin.kind !== 'derived' || depth > 20) return false
  return origin.inputs.some((input) => {
    if (typeof input !== 'object' || input === null) return false
    if ('spans' in input) return input.spans.some((span) => isOfCluster(span.origin, depth + 1))
    return 'origin' in input && isOfCluster(input.origin, depth + 1)
  })
}

/** Values that hold a registry alone, and below which no image is known: something is fetched from there. */
function emptyRegistries(
  { written }: Observation,
  edits: readonly PlannedEdit[],
  occurrences: readonly ImageOccurrence[],
  naming: Naming,
): readonly string[] {
  const images = occurrences.filter(
    (occurrence) => occurrence.isOpen === true || (isImage(occurrence) && isTagged(occurrence.reference)),
  )
  const printed = images.flatMap(({ spans }) => spans.map(({ origin }) => origin))
  const used = new Set([
    ...printed.flatMap((origin) => (origin.kind === 'leaf' ? [placeKey(origin.file, origin.path)] : [])),
    ...written.flatMap((use) =>
      use.kind === 'written' && use.leaves.some(({ role }) => role === 'repository' || role === 'reference')
        ? use.leaves.map(({ leaf }) => placeKey(leaf.file, leaf.path))
        : [],
    ),
  ])
  return edits.flatMap((edit) => {
    if (edit.kind !== 'leaf' || used.has(placeKey(edit.file, edit.path)) || !isRegistry(edit.old)) return []
    if (naming.renameRegistry(edit.old) !== textOf(edit.new)) return []
    const place = `${edit.file} ${formatPath(edit.path)}`
    return [
      `${place} moves from ${edit.old}, and no image below it is known: name what is fetched from there with --image`,
    ]
  })
}

const isRegistry = (text: string): boolean =>
  !isTagged(text) && tryParseReference(`${text.replace(/\/+$/, '')}/x`)?.host !== undefined

/** Registries that say how other people's names are read: they stay. */
function othersDefaults(occurrences: readonly ImageOccurrence[]): readonly string[] {
  const others = occurrences.filter(({ isOthers }) => isOthers === true)
  return once(
    others.map(
      ({ reference, resource, path }) =>
        `${resource} ${formatPath(path)} reads images without a registry as those of ${reference}: that stays, since they are not the chart's`,
    ),
  )
}

const once = (texts: readonly string[]): readonly string[] => [...new Set(texts)]
