// THE VERB `relocate --copy`: the images of relocated charts to their new names; then each chart names what is there,
// proven again where digests changed on the way.
import { ChartferryError, isChartferryError } from '../errors.ts'
import type { ChartArchive } from '../helm/chart/chart.ts'
import { openSlots } from '../oci/client/host-gate.ts'
import type { CopyResult } from '../oci/copy/copy-item.ts'
import { type AppliedPlan, applyPlan, editByPlan, type ProveOptions } from '../relocation/apply-plan.ts'
import type { Plan } from '../relocation/model/plan.ts'
import type { ChangedDigests } from '../relocation/model/repin-plan.ts'
import type { Proof } from '../relocation/verify/proof.ts'
import { type ImagePair, pinnedName, placeOf } from './copy-images.ts'
import { type CopyPairsOptions, copyPairs } from './copy-pairs.ts'
import { passChart } from './gate.ts'
import { wishOf } from './image-wishes.ts'

/** A chart that a plan relocated, and how that is proven. */
export interface ChartToCopy {
  readonly original: ChartArchive
  /** Default: the chart goes as it is. */
  readonly relocation?:
    | { readonly plan: Plan; readonly archive: ChartArchive; readonly proof?: Proof | undefined }
    | undefined
  /** How a chart that names changed digests is proven again. Default: by the engine in this process. */
  readonly prove?: ProveOptions | undefined
  /** Applies a plan with changed digests and proves it, elsewhere. Default: in this process, as `prove` says. */
  readonly applyAgain?: ((plan: Plan) => Promise<AppliedPlan>) | undefined
}

export interface CopyForChartsOptions extends CopyPairsOptions {
  /** What is copied. Default: the images of the charts' plans. */
  readonly images?: readonly ImagePair[]
}

export interface CopiedForCharts<Chart extends ChartToCopy> {
  /** As they are to be written: with the digests that the target has. */
  readonly charts: readonly Chart[]
  readonly copied: CopyResult
}

/** Images that are asked about at once. */
const atOnce = 16

/**
 * Copies the images of all charts in one run: what they share travels once, and those that run with no values given may
 * be missing. A digest that changed since platforms were left out is replaced in the charts that name it, and these are
 * proven again. At the end every image that a chart names is asked for at the target, by its digest. Throws as
 * `copyPairs` and `applyPlan` do, COPY_INCOMPLETE where the target has not what a chart names.
 */
export async function copyForCharts<Chart extends ChartToCopy>(
  charts: readonly Chart[],
  options: CopyForChartsOptions,
): Promise<CopiedForCharts<Chart>> {
  const { images = imagesOf(charts), gate, report } = options
  if (gate !== undefined)
    for (const { relocation, original } of charts) await passChart(gate, relocation?.archive ?? original)
  const pinned = images.map((pair) => ({ ...pair, from: pinnedName(pair.from, pair.to) }))
  const copied = await copyPairs(pinned, options)
  const digests = changedBy(copied)
  const settled: Chart[] = []
  for (const chart of charts) {
    const again = await repin(chart, digests)
    settled.push(again)
    if (again !== chart)
      report?.({
        type: 'warning',
        chart: chart.original.fileName,
        message: 'digests of images without some platforms are replaced in the chart',
      })
  }
  await checkThere(settled, copied, options)
  return { charts: settled, copied }
}

/** The images of charts with their new names; those that run with no values given may be missing. */
export function imagesOf(charts: readonly ChartToCopy[]): readonly ImagePair[] {
  return charts.flatMap(({ relocation }) => {
    const { images = [], chart } = relocation?.plan ?? {}
    return images.map((image) => ({ from: image.from, to: image.to, ...(chart && wishOf(chart, image)) }))
  })
}

function changedBy({ images }: CopyResult): ChangedDigests {
  return new Map(
    images.flatMap(({ source, target }) => (source.digest === target.digest ? [] : [[source.digest, target.digest]])),
  )
}

async function repin<Chart extends ChartToCopy>(chart: Chart, digests: ChangedDigests): Promise<Chart> {
  const { original, relocation, prove, applyAgain } = chart
  if (relocation === undefined) return chart
  const { plan } = await editByPlan(original, relocation.plan, { digests })
  if (plan === relocation.plan) return chart
  return { ...chart, relocation: await (applyAgain?.(plan) ?? applyPlan(original, plan, prove)) }
}

/** A chart must not be written that names what nobody can pull. */
async function checkThere(
  charts: readonly ChartToCopy[],
  { images }: CopyResult,
  { open, signal }: CopyForChartsOptions,
): Promise<void> {
  const arrived = new Map(images.map(({ item, target }) => [`${item.sink.name}:${item.tag}`, target.digest]))
  const slots = openSlots(atOnce)
  const names = new Set(charts.flatMap(({ relocation }) => relocation?.plan.images.map(({ to }) => to) ?? []))
  const faults = await Promise.all(
    [...names].map((name) =>
      slots.run(async (): Promise<readonly string[]> => {
        const { repository, tag, digest } = placeOf(name)
        const sink = open(repository)
        const copied = arrived.get(`${sink.name}:${tag}`)
        // It stays where it is, or was left out with a warning.
        if (copied === undefined) return []
        const found = await sink.resolve(digest ?? tag, { signal }).catch((thrown: unknown) => {
          if (isChartferryError(thrown, 'MANIFEST_NOT_FOUND')) return undefined
          throw thrown
        })
        if (found?.digest === copied) return []
        return [found === undefined ? `${name}: it is not there` : `${name}: it is ${found.digest}, not ${copied}`]
      }),
    ),
  )
  if (faults.flat().length === 0) return
  throw new ChartferryError('COPY_INCOMPLETE', `after the copy, at the target:\n${faults.flat().join('\n')}`)
}
