// The library: relocate a chart, plan and prove it, read charts, list their images. Names are listed by hand.
export { type Digest, digestOf, isDigest } from './digest.ts'
export type { ErrorKind } from './error-table.ts'
export { ChartferryError, type ErrorCode, type ErrorOptions, isChartferryError } from './errors.ts'
export type { CopyProgress, Report, RunEvent, Stage } from './events.ts'
export type { ArchiveEntry } from './helm/archive/entry.ts'
export type { Chart, ChartArchive, ChartId } from './helm/chart/chart.ts'
export { type ChartArchiveOptions, readChartArchive, replaceFiles } from './helm/chart/chart-archive.ts'
export type { ChartDependency } from './helm/chart/dependency.ts'
export type { YamlMapping } from './helm/chart/fields.ts'
export type { Leaf } from './helm/chart/leaves.ts'
export type { ChartMaintainer, ChartMetadata } from './helm/chart/metadata.ts'
export { type AutoRendererOptions, autoRenderer } from './helm/render/auto-renderer.ts'
export type {
  ChartRenderer,
  HelmMajor,
  LintResult,
  RenderedDocument,
  Rendering,
  RenderOptions,
  RenderResult,
  RenderValues,
} from './helm/render/chart-renderer.ts'
export { type HelmRendererOptions, helmRenderer } from './helm/render/helm-renderer.ts'
export type { ValuesPath } from './helm/yaml/path.ts'
export { defaultLimits, type Limits } from './limits.ts'
export { type Naming, type TargetMode, targetModes } from './reference/naming.ts'
export type { ImageReference } from './reference/reference.ts'
export { parseTarget, type Target } from './reference/target.ts'
export { undoPlan } from './relocation/apply/undo-plan.ts'
export {
  type AppliedPlan,
  type ApplyPlanOptions,
  applyPlan,
  type ProveOptions,
  proveRelocation,
} from './relocation/apply-plan.ts'
export { type FoundImage, whenRendered } from './relocation/find/discover.ts'
export type {
  ImageUse,
  LeafRole,
  LiteralUse,
  NamedUse,
  RenderedUse,
  StandingUse,
  WrittenUse,
} from './relocation/find/image-use.ts'
export type { Observation } from './relocation/find/observe-chart.ts'
export type { Evidence } from './relocation/find/rendered/evidence.ts'
export type { ScenarioKind } from './relocation/find/scenarios/scenario.ts'
export type { RenderContext } from './relocation/find/scenarios/scenarios.ts'
export type { WrittenPlace } from './relocation/find/written/written-places.ts'
export { type ImageList, type ListImagesOptions, listImages } from './relocation/list-images.ts'
export { formatPlan, type PlanForm } from './relocation/model/format-plan.ts'
export { parsePlan } from './relocation/model/parse-plan.ts'
export type {
  LeafEdit,
  Plan,
  PlannedEdit,
  PlannedImage,
  TemplateEdit,
  TextPart,
  UnresolvedImage,
} from './relocation/model/plan.ts'
export type { ChangedDigests } from './relocation/model/repin-plan.ts'
export { namingByRules, parseMode, parseRules, type Rule } from './relocation/model/rule.ts'
export type { DeniedImage } from './relocation/plan/denied-images.ts'
export type { ResolveDigest } from './relocation/plan/pin-digests.ts'
export { type PlannedRelocation, type PlanOptions, planRelocation } from './relocation/plan/plan-relocation.ts'
export { type RelocateOptions, type Relocation, relocate } from './relocation/relocate.ts'
export type { ImageProof, Proof, ProofStatus, RefusedScenario } from './relocation/verify/proof.ts'
