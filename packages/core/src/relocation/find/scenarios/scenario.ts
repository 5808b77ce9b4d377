// One way of rendering a chart.
import type { Chart } from '../../../helm/chart/chart.ts'
import { fileAt } from '../../../helm/chart/chart-file.ts'
import type { HelmMajor, RenderOptions, RenderValues } from '../../../helm/render/chart-renderer.ts'
import type { Demand } from './demands.ts'

/**
 * `default`: the chart's own values; `user`: with the values that the user gave; `kube-version`: the same for another
 * Kubernetes version; `ci`: a values file of the chart's own tests on top; `values-file`: another values file that the
 * chart ships on top; `features`: switches on top.
 */
export type ScenarioKind = 'default' | 'user' | 'kube-version' | 'ci' | 'values-file' | 'features'

/** One way of rendering a chart. */
export interface Scenario {
  readonly kind: ScenarioKind
  /**
   * For people: `default`, `ci/with-ingress-values.yaml`, `all features`; for another Kubernetes version `default,
   * Kubernetes 1.30.0`.
   */
  readonly name: string
  readonly values: RenderValues
  /** The address of a file of the chart that comes before all values, as the chart has it. Default: none. */
  readonly ownFile?: string
  readonly context: RenderOptions
  /** What was made up since the chart asks for it; part of `values` and of `name`. Default: nothing. */
  readonly answers?: readonly Demand[]
  /** The Helm by whose rules it is rendered. Default: 3. */
  readonly helm?: HelmMajor
}

/** The values of a scenario, for a chart that may have been edited. */
export function valuesOf({ values, ownFile }: Scenario, chart: Chart): RenderValues {
  if (ownFile === undefined) return values
  const text = new TextDecoder().decode(fileAt(chart, ownFile))
  return { ...values, files: [{ name: ownFile, text }, ...(values.files ?? [])] }
}

/** What was rendered: the engine, or the engine with all that fails left out, of which nothing can be proven. */
export type ScenarioRenderer = 'engine' | 'lenient engine'

/** Whether a kind of scenario is the chart with the values given, and no others. */
export const isAsGiven = (kind: ScenarioKind): boolean =>
  kind === 'default' || kind === 'user' || kind === 'kube-version'
