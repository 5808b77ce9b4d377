// One cluster for two renderers: each helm has a Kubernetes version of its own where none is given.

import type { ChartRenderer, RenderOptions } from './chart-renderer.ts'
import { helmVersions } from './engine/capabilities.ts'

/** The major version of Helm that a renderer is or follows. */
export function helmMajor({ version }: ChartRenderer): 3 | 4 {
  return version.startsWith('v4') ? 4 : 3
}

/** Circumstances with the engine's Kubernetes version where none is given. */
export function sameCluster(engine: ChartRenderer, options: RenderOptions = {}): RenderOptions {
  return { kubeVersion: helmVersions[helmMajor(engine)].kubernetes, ...options }
}
