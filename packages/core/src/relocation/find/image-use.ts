// PORT: what finds images, and what it says of each place where one is used.
import type { Chart } from '../../helm/chart/chart.ts'
import type { ChartLeaves, Leaf } from '../../helm/chart/leaves.ts'
import type { ValuesPath } from '../../helm/yaml/path.ts'
import type { Evidence } from './rendered/evidence.ts'
import type { ScenarioKind } from './scenarios/scenario.ts'

/** What a leaf holds of a reference. `reference` is the whole of it. */
export type LeafRole = 'registry' | 'repository' | 'tag' | 'digest' | 'reference'

/** An image written in a values file, in one leaf or several. */
export interface WrittenUse {
  readonly kind: 'written'
  /** The reference as the leaves compose it; what a template adds (a default tag, say) is not in it. */
  readonly reference: string
  readonly leaves: readonly { readonly role: LeafRole; readonly leaf: Leaf }[]
}

/** An image in a rendered document. */
export interface RenderedUse {
  readonly kind: 'rendered'
  /** The reference as it is printed. */
  readonly reference: string
  /** The template that printed it. */
  readonly source: string
  /** `Deployment/web`. */
  readonly resource: string
  /** `spec.template.spec.containers[0].image`. */
  readonly path: ValuesPath
  /** The way of rendering in which it is printed. Default: the only one. */
  readonly scenario?: string
  /** What speaks for it being an image. Default: its place does. */
  readonly evidence?: Evidence
  /** What kind of scenario that is. Default: not known. */
  readonly scenarioKind?: ScenarioKind
}

/** An image written in a template. */
export interface LiteralUse {
  readonly kind: 'literal'
  readonly reference: string
  /** The address of the template in the archive. */
  readonly file: string
  /** The first line is 1. */
  readonly line: number
}

/**
 * An image that is named where nothing renders it: in an annotation of Chart.yaml, in a list beside the chart, by the
 * user.
 */
export interface NamedUse {
  readonly kind: 'named'
  readonly reference: string
  /** The address of the file in the archive, or the option that names it. */
  readonly file: string
  /** The first line is 1. Default: it stands in no file. */
  readonly line?: number
  /**
   * Where the reference begins, in UTF-16 units from the beginning of the file, a byte order mark left out. Default: it
   * stands in no file.
   */
  readonly offset?: number
}

/** A use that stands in a file, rendered or not. */
export type StandingUse = WrittenUse | LiteralUse | NamedUse

/** An image reference and one place where it is used. */
export type ImageUse = StandingUse | RenderedUse

/** A way of finding images that are written in a chart. Pure: the same chart gives the same uses. */
export interface ImageFinder {
  readonly name: string
  find(chart: Chart, leaves: ChartLeaves): Iterable<StandingUse>
}
