// THE MAIN PATH: observe -> plan -> apply -> verify, for one chart archive.

import { count } from '../count.ts'
import { ChartferryError } from '../errors.ts'
import type { ChartArchive } from '../helm/chart/chart.ts'
import type { ChartRenderer } from '../helm/render/chart-renderer.ts'
import { engineRenderer } from '../helm/render/engine-renderer.ts'
import { editChart } from './apply/edit-chart.ts'
import type { ImageUse } from './find/image-use.ts'
import type { Plan, UnresolvedImage } from './model/plan.ts'
import type { DeniedImage } from './plan/denied-images.ts'
import { type PlanOptions, planRelocation, reporter } from './plan/plan-relocation.ts'
import type { Proof } from './verify/proof.ts'
import { countsOfProof, verdictOf } from './verify/proof-words.ts'
import { prove, throwIfRefuted } from './verify/prove.ts'

export interface RelocateOptions extends PlanOptions {
  /** What renders the chart before and after for the proof. Default: the engine in this process. */
  readonly renderer?: ChartRenderer | undefined
  /** Whether a chart is relocated although images of it cannot be moved. Default: false. */
  readonly allowUnresolved?: boolean
}

/** A relocated chart, and what is known of it. */
export interface Relocation {
  readonly plan: Plan
  /** The relocated chart; the original itself where nothing had to change. */
  readonly archive: ChartArchive
  readonly proof: Proof
  /** Each place where an image is written or rendered in the original. */
  readonly uses: readonly ImageUse[]
  /** Images that a rule denies and that stay where they are, as was asked for. Default: none. */
  readonly denied?: readonly DeniedImage[]
}

/**
 * Relocates one chart. Throws IMAGE_UNRESOLVED where an image that runs with the values given cannot be moved (unless
 * that is allowed), VERIFICATION_FAILED where the relocated chart renders otherwise than planned, and as
 * `planRelocation` does.
 */
export async function relocate(original: ChartArchive, options: RelocateOptions): Promise<Relocation> {
  const { plan, uses, observation, denied } = await planRelocation(original, options)
  const stuck = plan.unresolved.filter(({ rendered }) => rendered)
  if (stuck.length > 0 && options.allowUnresolved !== true) throw unresolved(original, plan, stuck)

  const archive = await editChart(original, plan.edits)

  const { start, finish } = reporter(original, options.report)
  start('verify')
  const proof = await prove(original, archive, plan, options.renderer ?? engineRenderer(), observation)
  throwIfRefuted(original, plan, proof)
  finish('verify', [verdictOf({ status: proof.status }), countsOfProof(proof)].filter((part) => part !== '').join(': '))
  return { plan, archive, proof, uses, ...(denied.length === 0 ? {} : { denied }) }
}

function unresolved({ fileName }: ChartArchive, plan: Plan, stuck: readonly UnresolvedImage[]): ChartferryError {
  const lines = stuck.map(({ image, reason }) => `  ${image}: ${reason}`)
  const message = `${fileName}: ${count(lines.length, 'image')} cannot be moved\n${lines.join('\n')}`
  return new ChartferryError('IMAGE_UNRESOLVED', message, { details: { plan } })
}
