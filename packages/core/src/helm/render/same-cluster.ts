// One cluster for two renderers: each helm has a Kubernetes version of its own where none is given.

import type { ChartRenderer, RenderOptions } from './chart-renderer.ts'
import { helmVersions } from './engine/capabilities.ts'

/** RenderContext with the engine's Kubernetes version where none is given. */
export function sameCluster(engine: ChartRenderer, options: RenderOptions = {}): RenderOptions {
  return { kubeVersion: helmVersions[engine.helm].kubernetes, ...options }
}
