// THE MAIN PATH: observe -> plan -> apply -> verify, for one chart archive.
import { editChart } from './apply/edit-chart.ts'
import type { ChartArchive } from './chart/chart.ts'
import { explain } from './discover/discover.ts'
import type { ImageUse } from './discover/image-use.ts'
import { ChartferryError } from './errors.ts'
import type { Report, Stage } from './events.ts'
import { namingOf, type TargetMode } from './image/naming.ts'
import { parseTarget } from './image/target.ts'
import { findUses } from './observe/find-uses.ts'
import { observeChart } from './observe/observe-chart.ts'
import type { Plan, UnresolvedImage } from './plan/plan.ts'
import { namingByRules, type Rule } from './plan/rule.ts'
import type { ChartRenderer, RenderOptions, RenderValues } from './render/chart-renderer.ts'
import { engineRenderer } from './render/engine-renderer.ts'
import { settlePlan } from './trial/settle-plan.ts'
import { type Proof, unverified, verify } from './verify/verify.ts'

export interface RelocateOptions {
  /** The target: `host[:port][/prefix]`. */
  readonly to: string
  /** How names at the target are made. Default: `path`. */
  readonly mode?: TargetMode | undefined
  /** Images that go elsewhere, stay, or may not be used; the first rule that matches decides. Default: none. */
  readonly rules?: readonly Rule[]
  /** What renders the chart before and after for the proof. Default: the engine in this process. */
  readonly renderer?: ChartRenderer | undefined
  /** Values of the user, for rendering only: they are not written into the chart. Default: none. */
  readonly values?: RenderValues
  /** Kubernetes version, release and the like, and the signal that stops the run. Default: the renderer's own. */
  readonly circumstances?: RenderOptions
  /** Whether a chart is relocated although images of it cannot be moved. Default: false. */
  readonly allowUnresolved?: boolean
  /** Takes what happens meanwhile. Default: nobody does. */
  readonly report?: Report
}

/** A relocated chart, and what is known of it. */
export interface Relocation {
  readonly plan: Plan
  /** The relocated chart; the original itself where nothing had to change. */
  readonly archive: ChartArchive
  readonly proof: Proof
  /** Each place where an image is written or rendered in the original. */
  readonly uses: readonly ImageUse[]
}

/**
 * Relocates one chart. Throws IMAGE_UNRESOLVED where an image that runs with the values given cannot be moved (unless that is allowed),
 * VERIFICATION_FAILED where the relocated chart renders otherwise than planned, TARGET_COLLISION, REFERENCE_INVALID for the target, CANCELLED.
 */
export async function relocate(original: ChartArchive, options: RelocateOptions): Promise<Relocation> {
  const { chart } = original
  const mode = options.mode ?? 'path'
  const naming = namingByRules(options.rules ?? [], namingOf(parseTarget(options.to), mode))
  const { start, finish, warn } = reporter(original, options.report)

  start('discover')
  const observation = await observeChart(chart, options.values ?? {}, options.circumstances ?? {})
  const uses = findUses(chart, observation)
  const failure = observation.failed.find(({ scenario }) => scenario.name === 'default')?.reason
  finish('discover', `${explain(uses).length} images in ${observation.scenarios.length} scenarios`)
  if (failure !== undefined) warn(failure)

  start('plan')
  const plan = await settlePlan(original, observation, uses, naming, mode)
  finish('plan', `${plan.edits.length} edits in ${new Set(plan.edits.map(({ file }) => file)).size} files`)
  for (const warning of plan.warnings) warn(warning)
  const stuck = plan.unresolved.filter(({ rendered }) => rendered)
  if (stuck.length > 0 && options.allowUnresolved !== true) throw unresolved(original, plan, stuck)

  const archive = await editChart(original, plan.edits)

  start('verify')
  const renderer = options.renderer ?? engineRenderer()
  const provable = observation.scenarios.filter(({ isStrict }) => isStrict)
  const proof =
    provable.length === 0 ? unverified(failure ?? '') : await verify(original, archive, plan, renderer, provable)
  if (proof.status === 'refuted') {
    const details = { plan, proof }
    throw new ChartferryError('VERIFICATION_FAILED', `${original.fileName}: ${proof.reasons.join('\n')}`, { details })
  }
  finish('verify', `${proof.status}: ${proof.moved} images moved, ${proof.left.length} left`)
  return { plan, archive, proof, uses }
}

function unresolved({ fileName }: ChartArchive, plan: Plan, stuck: readonly UnresolvedImage[]): ChartferryError {
  const lines = stuck.map(({ image, reason }) => `  ${image}: ${reason}`)
  const message = `${fileName}: ${lines.length} images cannot be moved\n${lines.join('\n')}`
  return new ChartferryError('IMAGE_UNRESOLVED', message, { details: { plan } })
}

interface Reporter {
  readonly start: (stage: Stage) => void
  readonly finish: (stage: Stage, summary: string) => void
  readonly warn: (message: string) => void
}

function reporter({ chart: { metadata } }: ChartArchive, report: Report = () => {}): Reporter {
  const chart = `${metadata.name}-${metadata.version}`
  return {
    start: (stage) => report({ type: 'stage-started', chart, stage }),
    finish: (stage, summary) => report({ type: 'stage-finished', chart, stage, summary }),
    warn: (message) => report({ type: 'warning', chart, message }),
  }
}
