// The engine's own export, `@chartferry/core/render`: charts rendered in this process, with the source of every
// character.

export { bytesOf } from '../template/bytes.ts'
export type { Condition } from '../template/state.ts'
export type { Text } from '../template/value.ts'
export { type Derived, type Field, type Leaf, type Origin, type Span, TracedText } from '../template/value.ts'
export { type AutoRendererOptions, autoRenderer } from './auto-renderer.ts'
export { bothRenderer } from './both-renderer.ts'
export type { RenderOptions, RenderValues } from './chart-renderer.ts'
export { createPredictor, type LeafChange, leavesOf, type Prediction } from './engine/predict.ts'
export { formatRendered, type RenderedChart } from './engine/render-chart.ts'
export { type EngineRendererOptions, engineRenderer } from './engine-renderer.ts'
export type { EngineRenderer, EngineRendering } from './engine-rendering.ts'
export type { Manifest } from './output/manifests.ts'
export { formatTemplateOutput, type TemplateOutputOptions } from './output/template-output.ts'
export type { ChangedLeaf } from './values/trace-values.ts'
export { type WorkerRendererOptions, workerRenderer } from './worker-renderer.ts'
