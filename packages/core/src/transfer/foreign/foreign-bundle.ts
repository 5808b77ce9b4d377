// A bundle that another tool made, as something to read charts, images and files from.

import type { ChartArchive } from '../../helm/chart/chart.ts'
import type { ContentSource } from '../../oci/content/content.ts'
import type { BundledFile } from '../bundle/layout-plan.ts'

/** What such a bundle holds. It can be read while its unpacked content is there. */
export interface ForeignBundle {
  readonly name: string
  readonly charts: readonly ChartArchive[]
  /** Canonical references, each once. */
  readonly images: readonly string[]
  readonly files: readonly BundledFile[]
  /** What could not be taken over, a sentence each. */
  readonly warnings: readonly string[]
  /** The source of an image by its repository, `host/path`, and its tag or digest; undefined where it is not inside. */
  readonly find: (repository: string, reference: string) => ContentSource | undefined
}
