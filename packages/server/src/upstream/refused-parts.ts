// What an upstream refuses of what it has, written into the index itself: so that it lasts as long as the index does.
import type { ChartferryError } from '@chartferry/core'
import type { IndexFile } from '@chartferry/core/helm'

/** A chart, or one version of it, that an upstream does not give. */
export interface RefusedPart {
  readonly chart: string
  /** Absent where all of the chart is refused. */
  readonly tag?: string | undefined
  /** In a few words. */
  readonly reason: string
  /** Whether what it was when it could be had is served on. */
  readonly isKnown: boolean
}

/** The annotation of an index file; Helm does not read it. */
const annotation = 'chartferry/refused'
const asItWas = '; as it was'

/** A refusal as the index has it: `web:1.1.0 (status 412)`, `api (status 403; as it was)`. */
function formatPart({ chart, tag, reason, isKnown }: RefusedPart): string {
  return `${chart}${tag === undefined ? '' : `:${tag}`} (${reason.replaceAll(/[(),\n]/g, ' ')}${isKnown ? asItWas : ''})`
}

/** Why something was refused, in a few words. */
export function refusalOf({ details: { status, reason }, code }: ChartferryError): string {
  if (typeof status === 'number') return `status ${status}`
  return typeof reason === 'string' ? reason : code
}

/** The annotations of an index whose upstream refuses these parts; none where it refuses nothing. */
export function refusedAnnotations(parts: readonly RefusedPart[]): Pick<IndexFile, 'annotations'> {
  return parts.length === 0 ? {} : { annotations: { [annotation]: parts.map(formatPart).sort().join(', ') } }
}

/** The refusals that an index tells of, as text. */
export function refusedParts({ annotations }: Pick<IndexFile, 'annotations'>): readonly string[] {
  const text = annotations?.[annotation]
  return text === undefined || text === '' ? [] : text.split(', ')
}

/** The charts of which an index does not know all versions, since the upstream refused some and never gave them. */
export function unansweredCharts(index: Pick<IndexFile, 'annotations'>): ReadonlySet<string> {
  return new Set(
    refusedParts(index).flatMap((part) => (part.endsWith(`${asItWas})`) ? [] : (/^[^\s:]+/.exec(part)?.[0] ?? []))),
  )
}
