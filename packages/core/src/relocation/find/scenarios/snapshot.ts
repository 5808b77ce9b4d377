// What a chart prints in one scenario, and what of it changes by itself: passwords, certificates, dates.
import type { RenderedDocument, Rendering, RenderOptions, RenderValues } from '../../../helm/render/chart-renderer.ts'
import type { Difference } from '../../../helm/render/output/diff-documents.ts'

/** The documents of one scenario, hooks included. */
export interface Snapshot {
  readonly documents: readonly RenderedDocument[]
  /** The places that differ between two renderings of the same chart. */
  readonly volatile: readonly Difference[]
}

/** All documents that a rendering installs, hooks included. */
export async function renderAll(
  rendering: Rendering,
  values: RenderValues,
  options: RenderOptions,
): Promise<readonly RenderedDocument[]> {
  const { documents, hooks } = await rendering.render(values, options)
  return [...documents, ...hooks]
}
