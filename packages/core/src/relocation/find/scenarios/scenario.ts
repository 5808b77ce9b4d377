// One way of rendering a chart.
import type { RenderOptions, RenderValues } from '../../../helm/render/chart-renderer.ts'

/**
 * `default`: the chart's own values; `user`: with the values that the user gave; `kube-version`: the same for another
 * Kubernetes version; `ci`: a values file of the chart's own tests on top; `features`: switches on top.
 */
export type ScenarioKind = 'default' | 'user' | 'kube-version' | 'ci' | 'features'

/** One way of rendering a chart. */
export interface Scenario {
  readonly kind: ScenarioKind
  /**
   * For people: `default`, `ci/with-ingress-values.yaml`, `all features`; for another Kubernetes version `default,
   * Kubernetes 1.30.0`.
   */
  readonly name: string
  readonly values: RenderValues
  readonly context: RenderOptions
}

/** What was rendered: the engine, or the engine with all that fails left out, of which nothing can be proven. */
export type ScenarioRenderer = 'engine' | 'lenient engine'

/** Whether a kind of scenario is the chart with the values given, and no others. */
export const isAsGiven = (kind: ScenarioKind): boolean =>
  kind === 'default' || kind === 'user' || kind === 'kube-version'
