// THE MAIN PATH: discover -> plan -> apply -> verify, for one chart archive.
import { editChart } from './apply/edit-chart.ts'
import type { ChartArchive } from './chart/chart.ts'
import { discover, explain } from './discover/discover.ts'
import type { ImageUse } from './discover/image-use.ts'
import { readLeaves } from './discover/leaf.ts'
import { ChartferryError } from './errors.ts'
import type { Report, Stage } from './events.ts'
import { parseTarget } from './image/target.ts'
import { observeChart } from './observe/observe-chart.ts'
import { makePlan } from './plan/make-plan.ts'
import type { Plan, UnresolvedImage } from './plan/plan.ts'
import { proposeEdits } from './plan/propose-edits.ts'
import type { ChartRenderer, RenderOptions, RenderValues } from './render/chart-renderer.ts'
import { settleEdits } from './trial/settle-edits.ts'
import { type Proof, unverified, verify } from './verify/verify.ts'

export interface RelocateOptions {
  /** The target: `host[:port][/prefix]`. */
  readonly to: string
  /** What renders the chart before and after. Default: nothing does, and the result is unverified. */
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
 * Relocates one chart. Throws IMAGE_UNRESOLVED where an image cannot be moved (unless that is allowed), VERIFICATION_FAILED where the
 * relocated chart renders otherwise than planned, TARGET_COLLISION, REFERENCE_INVALID for the target, CANCELLED.
 */
export async function relocate(original: ChartArchive, options: RelocateOptions): Promise<Relocation> {
  const { renderer, values = {}, circumstances = {} } = options
  const { chart } = original
  const target = parseTarget(options.to)
  const { start, finish, warn } = reporter(original, options.report)

  start('discover')
  const observed = await observeChart(original, renderer, values, circumstances)
  const uses = discover(chart, observed.snapshot?.documents ?? [])
  finish('discover', `${explain(uses).length} images`)
  if (observed.whyNot !== undefined) warn(observed.whyNot)

  start('plan')
  const written = uses.filter((use) => use.kind !== 'rendered')
  const leaves = readLeaves(chart)
  const proposals = proposeEdits(
    uses.filter((use) => use.kind === 'written'),
    leaves,
    target,
  )
  const settled = await settleEdits(original, proposals, leaves, target, { ...observed, values, circumstances })
  const plan = makePlan(original, target, { written, ...settled })
  finish('plan', `${plan.edits.length} edits in ${new Set(plan.edits.map(({ file }) => file)).size} files`)
  for (const warning of plan.warnings) warn(warning)
  const stuck = plan.unresolved.filter(({ rendered }) => rendered)
  if (stuck.length > 0 && options.allowUnresolved !== true) throw unresolved(original, plan, stuck)

  const archive = await editChart(original, plan.edits)

  start('verify')
  const { snapshot } = observed
  const proof =
    renderer && snapshot
      ? await verify(original, archive, plan, { renderer, values, circumstances, snapshot })
      : unverified(observed.whyNot ?? '')
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
