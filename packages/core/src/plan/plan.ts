// A relocation plan: pure data that says which images move where, and which bytes change for it.
import type { Digest } from '../digest.ts'
import type { ValuesPath } from '../yaml/path.ts'

/** The format that this version writes, and the only one that it reads. */
export const planFormat = 'chartferry.plan/v1'

/** A piece of new text: what the target gives, and what stays as it was. */
export interface TextPart {
  readonly kind: 'host' | 'prefix' | 'literal'
  readonly text: string
}

/** One scalar of a values file that gets a new text. */
export interface PlannedEdit {
  /** The address of the file in the archive. */
  readonly file: string
  readonly path: ValuesPath
  /** Line of the scalar; the first line is 1. */
  readonly line: number
  readonly old: string
  /** The new text in parts, so that it can be written for another target. */
  readonly new: readonly TextPart[]
  /** Whether a rendering printed it. What no rendering prints is edited by convention alone. */
  readonly observed: boolean
}

/** One image and its name at the target. */
export interface PlannedImage {
  /** As the chart writes it; what several spellings mean is one image. */
  readonly from: string
  readonly to: string
  /** Whether a rendering printed it. */
  readonly rendered: boolean
}

/** An image for which no edit was found. */
export interface UnresolvedImage {
  readonly image: string
  readonly reason: string
  /** Whether a rendering printed it: it runs with these values. */
  readonly rendered: boolean
}

/** Everything that a relocation changes. */
export interface Plan {
  readonly format: typeof planFormat
  readonly chart: { readonly name: string; readonly version: string; readonly digest: Digest }
  /** `host[:port][/prefix]`. */
  readonly target: string
  readonly images: readonly PlannedImage[]
  readonly edits: readonly PlannedEdit[]
  readonly unresolved: readonly UnresolvedImage[]
  readonly warnings: readonly string[]
}

/** The text of an edit's parts. */
export function textOf(parts: readonly TextPart[]): string {
  return parts.map(({ text }) => text).join('')
}
