// From a chart to its relocation plan: observe, then plan, and try the plan.

import type { Report, Stage } from '../../events.ts'
import type { Chart, ChartArchive } from '../../helm/chart/chart.ts'
import { type ChartLeaves, furtherValuesFiles } from '../../helm/chart/leaves.ts'
import type { RenderValues } from '../../helm/render/chart-renderer.ts'
import { type Naming, namingOf, type TargetMode } from '../../reference/naming.ts'
import { canonicalReference, formatReference, parseReference, tryParseReference } from '../../reference/reference.ts'
import { parseTarget } from '../../reference/target.ts'
import { explain, type FoundImage } from '../find/discover.ts'
import { findUses } from '../find/find-uses.ts'
import type { ImageUse } from '../find/image-use.ts'
import { type Observation, observeChart } from '../find/observe-chart.ts'
import type { RenderContext } from '../find/scenarios/scenarios.ts'
import { whenUsed } from '../find/when-used.ts'
import type { Plan, PlannedImage } from '../model/plan.ts'
import { namingByRules, type Rule } from '../model/rule.ts'
import { buildPlan, type PlanRequest } from './build-plan.ts'
import { type DeniedImage, deniedImages, withoutDenied } from './denied-images.ts'
import { nextPins, pinnedNaming, type ResolveDigest, resolvePins } from './pin-digests.ts'

export interface PlanOptions {
  /** The target: `host[:port][/prefix]`. */
  readonly to: string
  /** How names at the target are made. Default: `path`. */
  readonly mode?: TargetMode | undefined
  /** Images that go elsewhere, stay, or may not be used; the first rule that matches decides. Default: none. */
  readonly rules?: readonly Rule[]
  /** Values of the user, for rendering only: they are not written into the chart. Default: none. */
  readonly values?: RenderValues
  /** Kubernetes version, release and the like, and the signal that stops the run. Default: the renderer's own. */
  readonly context?: RenderContext
  /** Images that move along although the chart does not name them. Default: none. */
  readonly images?: readonly string[]
  /**
   * Which images that a rule denies stay where they are instead of ending the run: those that no rendering with the
   * values given needs, or all. Default: none.
   */
  readonly skipDenied?: 'unneeded' | 'all' | undefined
  /** Whether what templates say may be edited. Default: true. */
  readonly templateEdits?: boolean
  /** Finds the digest of each image that is named by its tag; the plan writes it into the chart. Default: tags stay. */
  readonly pinDigests?: ResolveDigest | undefined
  /** The name of an image pull secret that pods get, where the chart's values have a place for it. Default: none. */
  readonly pullSecret?: string | undefined
  /** The URL of the repository that dependencies come from afterwards. Default: theirs. */
  readonly dependencyRepository?: string | undefined
  /** Takes what happens meanwhile. Default: nobody does. */
  readonly report?: Report
}

/** A plan, and what it was made from. */
export interface PlannedRelocation {
  readonly plan: Plan
  /** Each place where an image is written or rendered. */
  readonly uses: readonly ImageUse[]
  readonly observation: Observation
  /** Images that a rule denies and that stay where they are, as was asked for. */
  readonly denied: readonly DeniedImage[]
}

/**
 * Plans the relocation of one chart, and tries the plan in this process. Throws TARGET_COLLISION, REFERENCE_INVALID for
 * the target or an image, IMAGE_DENIED by a rule, RENDER_FAILED where the edited chart no longer renders, CANCELLED.
 */
export async function planRelocation(original: ChartArchive, options: PlanOptions): Promise<PlannedRelocation> {
  const { values = {}, context = {}, rules = [], mode = 'path', images = [], templateEdits = true } = options
  const ruled = namingByRules(rules, namingOf(parseTarget(options.to), mode))
  const added = images.map((image) => formatReference(parseReference(image)))
  const { start, finish, warn } = reporter(original, options.report)

  start('discover')
  const observation = await observeChart(original.chart, values, context)
  const uses = findUses(observation)
  finish('discover', `${explain(uses).length} images in ${observation.scenarios.length} scenarios`)
  const failure = observation.failed.find(({ scenario }) => scenario.kind === 'default' || scenario.kind === 'user')
  if (failure !== undefined) warn(failure.reason)

  start('plan')
  const { metadata } = original.chart
  const denied = deniedImages(explain(uses), ruled, (image) => whenUsed(original.chart, observation.leaves, image))
  const chart = `${metadata.name}-${metadata.version}`
  const naming = withoutDenied(ruled, denied, chart, { skip: options.skipDenied, warn })
  const { pinDigests, pullSecret, dependencyRepository } = options
  const build = (request: Pick<PlanRequest, 'naming' | 'pins'>): Promise<Plan> =>
    buildPlan(original, observation, uses, {
      ...request,
      mode,
      added,
      templateEdits,
      ignored: context.extraValues === false ? furtherValuesFiles(original.chart) : [],
      pullSecret,
      dependencyRepository,
    })
  const tagged = await build({ naming })
  const plan = pinDigests === undefined ? tagged : await pinPlan(tagged, naming, pinDigests, build)
  finish('plan', `${plan.edits.length} edits in ${new Set(plan.edits.map(({ file }) => file)).size} files`)
  for (const warning of plan.warnings) warn(warning)
  return {
    plan: { ...plan, images: withTimes(original.chart, observation.leaves, plan.images, explain(uses)) },
    uses,
    observation,
    denied,
  }
}

/** The images with when they run. */
function withTimes(
  chart: Chart,
  leaves: ChartLeaves,
  images: readonly PlannedImage[],
  found: readonly FoundImage[],
): readonly PlannedImage[] {
  const byName = new Map(found.map((image) => [canonicalText(image.reference), image]))
  return images.map((image) => {
    const use = byName.get(canonicalText(image.from))
    return use === undefined ? image : { ...image, when: whenUsed(chart, leaves, use) }
  })
}

function canonicalText(text: string): string {
  const reference = tryParseReference(text)
  return reference === undefined ? text : formatReference(canonicalReference(reference))
}

/** The plan with digests, each written in the first way that a trial agreed to. */
async function pinPlan(
  tagged: Plan,
  naming: Naming,
  resolve: ResolveDigest,
  build: (request: Pick<PlanRequest, 'naming' | 'pins'>) => Promise<Plan>,
): Promise<Plan> {
  let { pins, warnings } = await resolvePins(tagged, resolve)
  for (;;) {
    const plan = await build({ naming: pinnedNaming(naming, pins), pins })
    const next = nextPins(pins, tagged, plan)
    if (next.pins === pins) return { ...plan, warnings: [...plan.warnings, ...warnings] }
    pins = next.pins
    warnings = [...warnings, ...next.warnings]
  }
}

/** Reports the stages of one chart. */
export interface StageReporter {
  readonly start: (stage: Stage) => void
  readonly finish: (stage: Stage, summary: string) => void
  readonly warn: (message: string) => void
}

/** A reporter that names the chart in each event. */
export function reporter({ chart: { metadata } }: ChartArchive, report: Report = () => {}): StageReporter {
  const chart = `${metadata.name}-${metadata.version}`
  return {
    start: (stage) => report({ type: 'stage-started', chart, stage }),
    finish: (stage, summary) => report({ type: 'stage-finished', chart, stage, summary }),
    warn: (message) => report({ type: 'warning', chart, message }),
  }
}
