// What a traced rendering shows of an image: the text that is printed, and who wrote each character of it.
import type { Span } from '../../../helm/template/value.ts'
import type { ValuesPath } from '../../../helm/yaml/path.ts'
import { tryParseReference } from '../../../reference/reference.ts'
import type { Scenario } from '../scenarios/scenario.ts'
import type { Evidence } from './evidence.ts'

/**
 * How certain it is that the text is an image: `pod` is the image of a container or volume, `field` an image field of a
 * custom resource, `joined` several fields that an operator joins, `registry` a registry that stands alone, `text` a
 * reference inside an argument, a variable or a file.
 */
export type OccurrenceForm = 'pod' | 'field' | 'joined' | 'registry' | 'text'

/** One place where a rendering prints an image. */
export interface ImageOccurrence {
  readonly reference: string
  readonly form: OccurrenceForm
  /** What speaks for a text being an image. Default: its place does. */
  readonly evidence?: Evidence
  /**
   * Whether it goes on with what is filled in when it runs, so that only its beginning is known. Default: false.
   */
  readonly isOpen?: boolean
  /** Whether it stands in a text that is printed in base64. Default: false. */
  readonly isEncoded?: boolean
  /**
   * Of a registry: whether it stands for the unqualified names of other people's images, and has to stay. Default:
   * false.
   */
  readonly isOthers?: boolean
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

/** Whether an occurrence is a whole reference, of one image: no registry alone, and not the beginning of one. */
export const isImage = ({ form, isOpen }: ImageOccurrence): boolean => form !== 'registry' && isOpen !== true

/**
 * The names that occurrences leave without a tag, and that others give a tag: an operator joins them, or the tag stands
 * beside. What runs in a pod is an image without a tag, too.
 */
export function isNamedElsewhere(occurrences: readonly ImageOccurrence[]): (occurrence: ImageOccurrence) => boolean {
  const tagged = new Set(occurrences.filter(isImage).flatMap(({ reference }) => taggedName(reference)))
  return ({ form, reference }) => form !== 'pod' && tagged.has(reference)
}

function taggedName(text: string): readonly string[] {
  const reference = tryParseReference(text)
  if (reference === undefined || (reference.tag === undefined && reference.digest === undefined)) return []
  const { host, path } = reference
  return [host === undefined ? path : `${host}/${path}`]
}
