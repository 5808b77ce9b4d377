// A relocation plan: pure data that says which images move where, and which bytes change for it.
import type { Digest } from '../../digest.ts'
import type { Leaf } from '../../helm/chart/leaves.ts'
import type { ValuesPath } from '../../helm/yaml/path.ts'
import type { TargetMode } from '../../reference/naming.ts'
import type { Target } from '../../reference/target.ts'

/** The format that this version writes, and the only one that it reads. */
export const planFormat = 'chartferry.plan/v1'

/** A piece of new text: what the target gives, and what stays as it was. */
export interface TextPart {
  readonly kind: 'host' | 'prefix' | 'literal'
  readonly text: string
}

interface EditBase {
  /** The address of the file in the archive. */
  readonly file: string
  /** Line of the first character that changes; the first line is 1. */
  readonly line: number
  readonly old: string
  /** The new text in parts, so that it can be written for another target. */
  readonly new: readonly TextPart[]
  /** Whether a rendering printed it. What no rendering prints is edited by convention alone. */
  readonly observed: boolean
}

/** One scalar of a values file that gets a new text. */
export interface LeafEdit extends EditBase {
  readonly kind: 'leaf'
  readonly path: ValuesPath
  /** The token as it is written, quotes included: what undoing puts back. Default: not known. */
  readonly source?: string
}

/** Some characters of a template, or of another file that is no values file, or none, that get a new text. */
export interface TemplateEdit extends EditBase {
  readonly kind: 'template'
  /** Where `old` begins, in UTF-16 units from the beginning of the file, a byte order mark left out. */
  readonly offset: number
}

export type PlannedEdit = LeafEdit | TemplateEdit

/** One image and its new name, which is the old one where a rule keeps it. */
export interface PlannedImage {
  /** As the chart writes it; what several spellings mean is one image. */
  readonly from: string
  readonly to: string
  /** Whether a rendering printed it, or the user named it. A copy may miss what is not. */
  readonly rendered: boolean
  /** When it runs: `always` with the values given, or what must be on. Default: not known. */
  readonly when?: string
  /** What a person should know of it: `only with values-openshift.yaml`. Default: nothing. */
  readonly note?: string
}

/** The note of an image that the user named with `--image`. */
export const namedByUser = 'named by you'

/** An image for which no edit was found. */
export interface UnresolvedImage {
  readonly image: string
  readonly reason: string
  /** Whether it runs with the values given. */
  readonly rendered: boolean
}

/** Everything that a relocation changes. */
export interface Plan {
  readonly format: typeof planFormat
  readonly chart: { readonly name: string; readonly version: string; readonly digest: Digest }
  /** `host[:port][/prefix]`. */
  readonly target: string
  /** How names at the target were made. */
  readonly mode: TargetMode
  readonly images: readonly PlannedImage[]
  readonly edits: readonly PlannedEdit[]
  readonly unresolved: readonly UnresolvedImage[]
  /** Images that the values given name, not the chart: they are whoever gave these values to change. */
  readonly userValues: readonly string[]
  readonly warnings: readonly string[]
  /** The image pull secret that pods get. Default: none. */
  readonly pullSecret?: string
  /** The digest of each file that is edited, before: what undoing has to give. Default: not known. */
  readonly originals?: Readonly<Record<string, Digest>>
}

/** A new text in parts: what is the target's, and what is not. */
export function partsOf(text: string, { host, prefix }: Target): readonly TextPart[] {
  const path = prefix === '' ? '' : `/${prefix}`
  if (!`${text}/`.startsWith(`${host}${path}/`)) return [{ kind: 'literal', text }]
  const parts: readonly TextPart[] = [
    { kind: 'host', text: host },
    { kind: 'prefix', text: path },
    { kind: 'literal', text: text.slice(host.length + path.length) },
  ]
  return parts.filter((part) => part.text !== '')
}

/** The text of an edit's parts. */
export function textOf(parts: readonly TextPart[]): string {
  return parts.map(({ text }) => text).join('')
}

/** The edit that gives a leaf a new text. */
export function leafEdit(
  { file, path, line, text, source }: Leaf,
  parts: readonly TextPart[],
  observed: boolean,
): LeafEdit {
  return { kind: 'leaf', file, path, line, old: text, source, new: parts, observed }
}
