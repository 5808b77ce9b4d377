// What a traced rendering shows of an image: the text that is printed, and who wrote each character of it.
import type { Span } from '../../../helm/template/value.ts'
import type { ValuesPath } from '../../../helm/yaml/path.ts'
import type { Scenario } from '../scenarios/scenario.ts'

/**
 * How certain it is that the text is an image: `pod` is the image of a container or volume, `field` an image field of a
 * custom resource, `joined` several fields that an operator joins, `text` a reference inside an argument, a variable or
 * a file.
 */
export type OccurrenceForm = 'pod' | 'field' | 'joined' | 'text'

/** One place where a rendering prints an image. */
export interface ImageOccurrence {
  readonly reference: string
  readonly form: OccurrenceForm
  /**
   * Whether it goes on with what is filled in when it runs, so that only its beginning is known. Default: false.
   */
  readonly isOpen?: boolean
  /** The scenario in which it is printed. */
  readonly scenario: Pick<Scenario, 'kind' | 'name'>
  /** The template that printed it. */
  readonly source: string
  /** `Deployment/web`. */
  readonly resource: string
  readonly path: ValuesPath
  /** Who wrote which characters of the reference; gaps have no known origin. */
  readonly spans: readonly Span[]
  /**
   * Where in a template text could be inserted that is printed right before the reference. Default: not known, or
   * nowhere.
   */
  readonly before?: { readonly file: string; readonly offset: number }
}
