// From what was observed to a plan that was tried: edits that move images, edits by convention for what nothing prints,
// and what stays.
import type { ChartArchive } from '../../helm/chart/chart.ts'
import { placeKey } from '../../helm/chart/leaves.ts'
import { isPlaced, type Naming, type TargetMode } from '../../reference/naming.ts'
import { formatReference, tryParseReference } from '../../reference/reference.ts'
import { isAtTarget } from '../../reference/target.ts'
import type { ImageUse } from '../find/image-use.ts'
import type { Observation } from '../find/observe-chart.ts'
import { isImage } from '../find/rendered/occurrence.ts'
import { isAsGiven } from '../find/scenarios/scenario.ts'
import { type LeafEdit, leafEdit, type Plan, partsOf, type TemplateEdit, type UnresolvedImage } from '../model/plan.ts'
import { conventionalProposals } from './edits/convention.ts'
import { dependencyEdits } from './edits/dependency-edits.ts'
import { pullSecretEdits } from './edits/pull-secret.ts'
import { listImagesMoved } from './listed-images.ts'
import { makePlan } from './make-plan.ts'
import { planWarnings } from './plan-warnings.ts'
import type { EditOptions } from './propose.ts'
import { refineEdits, type Settlement } from './settle.ts'

/** What is wanted of a plan. */
export interface PlanRequest extends EditOptions {
  /** How the naming came about, for the plan to say. */
  readonly mode: TargetMode
  /** Images that move along, whatever the chart says. */
  readonly added: readonly string[]
  /** Values files of the chart that are not looked at. Default: none. */
  readonly ignored?: readonly string[]
  /** An image pull secret for all pods whose values have a place for it. Default: none. */
  readonly pullSecret?: string | undefined
  /** The URL of another repository for the dependencies. Default: none. */
  readonly dependencyRepository?: string | undefined
}

/**
 * Plans, and tries the plan in this process. Throws RENDER_FAILED where the edited chart no longer renders,
 * TARGET_COLLISION.
 */
export async function buildPlan(
  original: ChartArchive,
  observation: Observation,
  uses: readonly ImageUse[],
  request: PlanRequest,
): Promise<Plan> {
  const { naming, mode, added, pullSecret, dependencyRepository } = request
  const dependencies =
    dependencyRepository === undefined ? undefined : dependencyEdits(original.chart, dependencyRepository)
  const conventional = [
    ...conventionalEdits(observation, uses, naming),
    ...namedEdits(uses, naming),
    ...(dependencies?.edits ?? []),
  ]
  const settlement = await refineEdits(original, observation, conventional, request)
  const { edits, stuck } = settlement
  const listed = listImagesMoved(settlement, observation)
  const secrets = pullSecret === undefined ? [] : await pullSecretEdits(original, observation, edits, pullSecret)
  return makePlan(original, naming, {
    written: uses.filter((use) => use.kind !== 'rendered'),
    edits: [...edits, ...secrets],
    ...listed,
    stuck: stuckImages(settlement, observation),
    kept: keptImages(observation, naming),
    added,
    pullSecret: secrets.length === 0 ? undefined : pullSecret,
    warnings: [
      ...planWarnings(observation, edits, listed, naming),
      ...(request.ignored ?? []).map((file) => `${file} is not looked at: images that it alone names stay`),
      ...(dependencies?.warnings ?? []),
      ...(pullSecret !== undefined && secrets.length === 0
        ? [`no value of the chart gives its pods the pull secret ${pullSecret}`]
        : []),
    ],
    mode,
    userValues: stuck.filter(({ isUsers }) => isUsers).map(({ occurrence }) => occurrence.reference),
  })
}

/** Edits for leaves that no image in any scenario comes from: what they hold is known by convention alone. */
function conventionalEdits(
  { leaves, scenarios }: Observation,
  uses: readonly ImageUse[],
  naming: Naming,
): readonly LeafEdit[] {
  const spans = scenarios.flatMap(({ occurrences }) => occurrences.flatMap((occurrence) => occurrence.spans))
  const printed = new Set(
    spans.flatMap(({ origin }) => (origin.kind === 'leaf' ? [placeKey(origin.file, origin.path)] : [])),
  )
  const written = uses.filter((use) => use.kind === 'written')
  return conventionalProposals(written, leaves.all, naming)
    .filter(({ leaf, kind, isLikely }) => !printed.has(placeKey(leaf.file, leaf.path)) && (kind === 'host' || isLikely))
    .map(({ leaf, new: parts }) => leafEdit(leaf, parts, false))
}

/** Edits for images that annotations and lists name. */
function namedEdits(uses: readonly ImageUse[], naming: Naming): readonly TemplateEdit[] {
  return uses.flatMap((use): readonly TemplateEdit[] => {
    if (use.kind !== 'named' || use.offset === undefined || use.line === undefined) return []
    const { reference, file, line, offset } = use
    const parsed = tryParseReference(reference)
    if (parsed === undefined || isPlaced(parsed, naming)) return []
    const parts = partsOf(formatReference(naming.rename(parsed)), naming.target)
    return [{ kind: 'template', file, line, offset, old: reference, new: parts, observed: false }]
  })
}

/** Images that are not at the target, and are to stay where they are. */
function keptImages({ scenarios }: Observation, naming: Naming): readonly string[] {
  return scenarios
    .flatMap(({ occurrences }) => occurrences.filter(isImage))
    .flatMap(({ reference }) => {
      const parsed = tryParseReference(reference)
      return parsed !== undefined && !isAtTarget(parsed, naming.target) && isPlaced(parsed, naming) ? [reference] : []
    })
}

/** Images that stay, once each, with the reason; those that run with the default values first. */
function stuckImages({ stuck, comparisons }: Settlement, { scenarios }: Observation): readonly UnresolvedImage[] {
  const reasons = new Map(stuck.map(({ occurrence, reason }) => [occurrence.reference, reason]))
  const given = new Set(stuck.filter(({ isUsers }) => isUsers).map(({ occurrence }) => occurrence.reference))
  const images = new Map<string, UnresolvedImage>()
  const note = (image: string, rendered: boolean): void => {
    if (given.has(image) || images.get(image)?.rendered === true) return
    images.set(image, { image, reason: reasons.get(image) ?? 'no leaf or template was found that moves it', rendered })
  }
  for (const [index, { left }] of comparisons.entries()) {
    const { scenario, renderedBy } = scenarios[index] ?? {}
    const real =
      renderedBy === 'engine' ? left : left.filter(({ reference }) => tryParseReference(reference) !== undefined)
    for (const { reference } of real) note(reference, scenario !== undefined && isAsGiven(scenario.kind))
  }
  // What stands inside a longer text is less certain to be an image: it is named, and stops nothing.
  for (const { occurrence, isUsers } of stuck) if (!isUsers) note(occurrence.reference, false)
  return [...images.values()]
}
