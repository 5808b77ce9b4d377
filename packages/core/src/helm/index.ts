// Helm in TypeScript, `@chartferry/core/helm`: charts, versions, index files and rendering. Knows no registry and no relocation.
export type { Digest } from '../digest.ts'
export { defaultLimits, type Limits } from '../limits.ts'
export type { ArchiveEntry } from './archive/entry.ts'
export { annotateChart } from './chart/annotate-chart.ts'
export { type ArchiveName, formatArchiveName, parseArchiveName } from './chart/archive-name.ts'
export type { Chart, ChartArchive, ChartId } from './chart/chart.ts'
export { type ChartArchiveOptions, readChartArchive, replaceFiles } from './chart/chart-archive.ts'
export type { ChartDependency } from './chart/dependency.ts'
export type { YamlMapping } from './chart/fields.ts'
export type { ChartMaintainer, ChartMetadata } from './chart/metadata.ts'
export { type SigningKey, signArchive } from './chart/sign-archive.ts'
export { type SignedArchive, verifyProvenance } from './chart/verify-provenance.ts'
export { type AutoRendererOptions, autoRenderer } from './render/auto-renderer.ts'
export { bothRenderer } from './render/both-renderer.ts'
export type {
  ChartRenderer,
  HelmMajor,
  LintResult,
  RenderedDocument,
  Rendering,
  RenderOptions,
  RenderResult,
  RenderValues,
} from './render/chart-renderer.ts'
export { createPredictor, type LeafChange, leavesOf, type Prediction } from './render/engine/predict.ts'
export type { RenderedChart } from './render/engine/render-chart.ts'
export { type EngineRendererOptions, engineRenderer } from './render/engine-renderer.ts'
export type { EngineRenderer, EngineRendering } from './render/engine-rendering.ts'
export { type HelmRendererOptions, helmRenderer } from './render/helm-renderer.ts'
export type { Manifest } from './render/output/manifests.ts'
export { formatTemplateOutput, type TemplateOutputOptions } from './render/output/template-output.ts'
export { processRenderer } from './render/process-renderer.ts'
export type { ChangedLeaf } from './render/values/trace-values.ts'
export { type WorkerRendererOptions, workerRenderer } from './render/worker-renderer.ts'
export { fileNameOf, indexFileUrl, provenanceUrl, resolveChartUrl } from './repository/chart-url.ts'
export { formatEntry, formatIndexFile, type IndexForm } from './repository/format-index-file.ts'
export type { ChartVersion, IndexFile, SkippedEntry } from './repository/index-file.ts'
export { type ParseIndexOptions, parseIndexFile } from './repository/parse-index-file.ts'
export { selectVersion } from './repository/select-version.ts'
export { compareVersions, parseVersion, type Version, type VersionPart } from './semver/version.ts'
export { parseVersionRange, type VersionRange } from './semver/version-range.ts'
export { bytesOf } from './template/bytes.ts'
export type { Condition } from './template/state.ts'
export {
  type Derived,
  type Field,
  type Leaf,
  type Origin,
  type Span,
  type Text,
  TracedText,
  type Value,
} from './template/value.ts'
export { type ParseYamlOptions, parseYaml } from './yaml/parse.ts'
export { formatPath, parsePath, type ValuesPath } from './yaml/path.ts'
