// The thread in which a chart is relocated, by the verb that the command line calls: one answer, the relocated archive
// with its plan and its proof, or an error's words.
import { parentPort, workerData } from 'node:worker_threads'
import {
  type AppliedPlan,
  applyPlan,
  type ChartArchive,
  type ChartRenderer,
  helmRenderer,
  type Limits,
  type Plan,
  type Proof,
  type ProveOptions,
  type RenderValues,
  type Rule,
  readChartArchive,
  relocate,
  type TargetMode,
} from '@chartferry/core'
import { annotateChart } from '@chartferry/core/helm'
import { packRelocated } from './relocated-answer.ts'
import { answerOf } from './thread-answer.ts'

/** What a thread is started with. */
export interface RelocateWork {
  readonly bytes: Uint8Array
  readonly fileName: string
  readonly limits: Limits
  readonly to: string
  readonly mode: TargetMode
  readonly rules: readonly Rule[]
  readonly values: RenderValues
  /** Whether a chart that cannot be proven is marked; otherwise one with images that cannot be moved is refused. */
  readonly mark: boolean
  /** The helm that proves, and MiB that it may take; undefined: the engine does. */
  readonly helm?: { readonly binary: string; readonly memory: number } | undefined
  /** A plan to be applied and proven, in place of one that is made here. */
  readonly plan?: Plan | undefined
}

/** The annotations of charts that are not proven. */
const proofKey = 'io.chartferry.proof'
const reasonsKey = 'io.chartferry.proof-reasons'

async function relocated(work: RelocateWork): Promise<Uint8Array> {
  const { bytes, fileName, limits, mark, values, helm } = work
  const original = await readChartArchive(bytes, { fileName, limits })
  const renderer = helm === undefined ? undefined : await helmRenderer({ ...helm, limits })
  const { plan, proof, archive } = await relocateOrApply(original, work, { renderer, values })
  const unproven = reasonsAgainst(original, plan, proof)
  const isMarked = mark && unproven.length > 0
  const annotations = { [proofKey]: proof.status, [reasonsKey]: unproven.join('\n') }
  const { bytes: made } = isMarked ? await annotateChart(archive, annotations) : archive
  return packRelocated({ plan, proof, unproven, annotations: isMarked ? annotations : {} }, made)
}

async function relocateOrApply(
  original: ChartArchive,
  { to, mode, rules, mark, plan }: RelocateWork,
  prove: ProveOptions & { readonly renderer: ChartRenderer | undefined },
): Promise<AppliedPlan> {
  if (plan !== undefined) return applyPlan(original, plan, prove)
  return relocate(original, {
    ...prove,
    to,
    mode,
    rules,
    allowUnresolved: mark,
    report: (event) => {
      if (event.type === 'stage-started') parentPort?.postMessage({ part: event.stage })
    },
  })
}

/**
 * Why a chart counts as not proven: nothing rendered it, or images that run stay where they are. A library is never
 * rendered by itself: the charts that it is part of are.
 */
function reasonsAgainst({ chart }: ChartArchive, { unresolved }: Plan, { status, reasons }: Proof): readonly string[] {
  if (chart.metadata.type === 'library') return []
  if (status === 'unverified') return reasons
  return unresolved.filter(({ rendered }) => rendered).map(({ image, reason }) => `${image} stays: ${reason}`)
}

parentPort?.postMessage(await answerOf(() => relocated(workerData as RelocateWork)))
