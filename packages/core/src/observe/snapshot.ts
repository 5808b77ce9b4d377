// What a chart prints in one scenario, rendered twice so that what changes by itself (passwords, certificates, dates) is known.
import type { RenderedDocument, Rendering, RenderOptions, RenderValues } from '../render/chart-renderer.ts'
import { type Difference, diffDocuments } from './diff-documents.ts'

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

/** Renders twice. Throws what the renderer throws. */
export async function takeSnapshot(
  rendering: Rendering,
  values: RenderValues,
  options: RenderOptions,
): Promise<Snapshot> {
  const documents = await renderAll(rendering, values, options)
  const again = await renderAll(rendering, values, options)
  return { documents, volatile: diffDocuments(documents, again) }
}

/** Whether a difference lies at, above or below a place that changes by itself. */
export function isVolatile(snapshot: Snapshot, { source, ordinal, path }: Difference): boolean {
  return snapshot.volatile.some(
    (place) =>
      place.source === source &&
      place.ordinal === ordinal &&
      place.path.every((step, index) => index >= path.length || step === path[index]),
  )
}
