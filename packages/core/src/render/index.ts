// The engine's own export, `@chartferry/core/render`: charts rendered in this process, with the source of every character.

export type { Condition } from '../template/state.ts'
export type { Text } from '../template/value.ts'
export { type Derived, type Field, type Leaf, type Origin, type Span, TracedText } from '../template/value.ts'
export type { RenderOptions, RenderValues } from './chart-renderer.ts'
export { type EngineRendererOptions, engineRenderer } from './engine-renderer.ts'
export type { EngineRenderer, EngineRendering } from './engine-rendering.ts'
export type { Manifest } from './manifests.ts'
export { createPredictor, type LeafChange, leavesOf, type Prediction } from './predict.ts'
export { formatRendered, type RenderedChart } from './render-chart.ts'
export type { ChangedLeaf } from './trace-values.ts'
export { type WorkerRendererOptions, workerRenderer } from './worker-renderer.ts'
