// What a traced rendering shows of an image: the text that is printed, and who wrote each character of it.
import type { ValuesPath } from '../yaml/path.ts'

/** Who wrote a piece of text; `offset` is where the piece begins in the leaf's text or in the template file. */
export type Origin =
  | {
      readonly kind: 'leaf'
      readonly file: string
      readonly path: ValuesPath
      readonly text: string
      readonly offset: number
    }
  | { readonly kind: 'literal'; readonly file: string; readonly offset: number }
  | { readonly kind: 'field'; readonly file: string; readonly path: ValuesPath }
  | { readonly kind: 'computed'; readonly name: string }

/** The characters from `start` to before `end` of a reference, and their origin. Pieces never overlap; gaps have no known origin. */
export interface Piece {
  readonly start: number
  readonly end: number
  readonly origin: Origin
}

/**
 * How certain it is that the text is an image: `pod` is the image of a container or volume, `field` an image field of a custom resource,
 * `joined` several fields that an operator joins, `text` a reference inside an argument, a variable or a file.
 */
export type OccurrenceForm = 'pod' | 'field' | 'joined' | 'text'

/** One place where a rendering prints an image. */
export interface ImageOccurrence {
  readonly reference: string
  readonly form: OccurrenceForm
  /** The scenario in which it is printed. */
  readonly scenario: string
  /** The template that printed it. */
  readonly source: string
  /** `Deployment/web`. */
  readonly resource: string
  readonly path: ValuesPath
  readonly pieces: readonly Piece[]
}
