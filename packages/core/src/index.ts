// The public surface of @chartferry/core.
export type { BundledChart } from './bundle/layout.ts'
export { writeBundle } from './bundle/write-bundle.ts'
export { formatArchiveName, parseArchiveName } from './chart/archive-name.ts'
export type { Chart, ChartArchive, ChartId } from './chart/chart.ts'
export { type ChartArchiveOptions, readChartArchive, replaceFiles } from './chart/chart-archive.ts'
export type { ChartMetadata } from './chart/metadata.ts'
export { type Digest, digestOf } from './digest.ts'
export type { FoundImage } from './discover/discover.ts'
export type { ImageUse, RenderedUse, WrittenUse } from './discover/image-use.ts'
export {
  ChartferryError,
  type ErrorCode,
  type ErrorKind,
  type ErrorOptions,
  errorTable,
  isChartferryError,
  messageOf,
} from './errors.ts'
export type { Report, RunEvent, Stage } from './events.ts'
export type { Credential } from './http/credentials.ts'
export { type HttpClient, type HttpClientOptions, openHttpClient } from './http/http-client.ts'
export { version } from './http/user-agent.ts'
export {
  canonicalReference,
  familiarName,
  formatReference,
  type ImageReference,
  parseReference,
  tryParseReference,
} from './image/reference.ts'
export { formatTarget, parseTarget, type Target } from './image/target.ts'
export { defaultLimits, type Limits } from './limits.ts'
export { type ImageList, type ListImagesOptions, listImages } from './list-images.ts'
export { type Plan, type PlannedEdit, type PlannedImage, textOf, type UnresolvedImage } from './plan/plan.ts'
export { type RelocateOptions, type Relocation, relocate } from './relocate.ts'
export type { ChartRenderer, Rendering, RenderOptions, RenderResult, RenderValues } from './render/chart-renderer.ts'
export { type HelmRendererOptions, helmRenderer } from './render/helm-renderer.ts'
export type { ChartSink } from './sink/chart-sink.ts'
export { directorySink } from './sink/directory.ts'
export { archiveFile } from './source/archive-file.ts'
export type { ChartQuery, ChartSource } from './source/chart-source.ts'
export { directory } from './source/directory.ts'
export { type HttpRepositoryOptions, httpArchive, httpRepository } from './source/http-repository.ts'
export { replaceFile } from './storage/replace-file.ts'
export type { Proof, ProofStatus } from './verify/verify.ts'
export { parseYaml } from './yaml/parse.ts'
export { formatPath, parsePath, type ValuesPath } from './yaml/path.ts'
