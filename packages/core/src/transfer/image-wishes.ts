// Who wants which images, and how much: for what happens where one of them is gone.
import type { ChartArchive } from '../helm/chart/chart.ts'
import { readLeaves } from '../helm/chart/leaves.ts'
import { whenUsed } from '../relocation/find/when-used.ts'
import { type ListImagesOptions, listImages } from '../relocation/list-images.ts'
import type { Plan, PlannedImage } from '../relocation/model/plan.ts'
import type { ImageWish } from './copy-images.ts'

/** An image of a chart. */
export interface WantedImage extends ImageWish {
  readonly reference: string
}

/** The images of a chart, those that nothing renders as optional ones. Throws as `listImages` does. */
export async function wantedImages(archive: ChartArchive, options: ListImagesOptions): Promise<readonly WantedImage[]> {
  const { images } = await listImages(archive, options)
  const { chart } = archive
  const leaves = readLeaves(chart)
  return images.map((image) => ({
    reference: image.reference,
    ...wishOf(chart.metadata, { rendered: !image.isOptional, when: whenUsed(chart, leaves, image) }),
  }))
}

/** How much a chart wants an image. */
export function wishOf(
  { name, version }: Pick<Plan['chart'], 'name' | 'version'>,
  { rendered, when }: Pick<PlannedImage, 'rendered'> & { readonly when?: string | undefined },
): ImageWish {
  const words = when === undefined || when === 'always' ? '' : ` (${when})`
  return {
    optional: !rendered,
    isNeeded: when === undefined ? rendered : when === 'always',
    wantedBy: [`${name}-${version}${words}`],
  }
}
