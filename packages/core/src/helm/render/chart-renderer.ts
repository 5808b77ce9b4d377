// PORT: what renders a chart, whether a helm binary or the engine in this process.
import type { ChartArchive } from '../chart/chart.ts'

/** User-supplied values, in the order in which Helm merges them: files, `setJson`, `set`, `setString`, `setFile`, `setLiteral`. */
export interface RenderValues {
  /** Values files as text. Later ones win. Default: none. */
  readonly files?: readonly { readonly name: string; readonly text: string }[]
  /** Assignments of JSON, as `--set-json` takes them. Default: none. */
  readonly setJson?: readonly string[]
  /** Assignments as `--set` takes them. Default: none. */
  readonly set?: readonly string[]
  /** Assignments as `--set-string` takes them. Default: none. */
  readonly setString?: readonly string[]
  /** Assignments of the text of a file, as `--set-file` makes them. Default: none. */
  readonly setFile?: readonly { readonly key: string; readonly text: string }[]
  /** Assignments of a text as it is, as `--set-literal` takes them. Default: none. */
  readonly setLiteral?: readonly string[]
}

/** The context of one rendering. */
export interface RenderOptions {
  /** Kubernetes version, as `--kube-version` takes it. Default: the renderer's own. */
  readonly kubeVersion?: string
  /** Further API versions, as `--api-versions` takes them. Default: none. */
  readonly apiVersions?: readonly string[]
  /** Release name and namespace. Default: `release-name` in `default`, as `helm template` has it. */
  readonly release?: { readonly name: string; readonly namespace: string }
  /** Whether values.schema.json is left aside, as `--skip-schema-validation` does. Default: as the renderer has it. */
  readonly skipSchema?: boolean
  readonly signal?: AbortSignal
  /** How long the rendering may take, in milliseconds. Default: as the renderer has it. */
  readonly timeoutMs?: number
  /** Whether it has to be rendered now: what an earlier rendering gave does not do. Default: false. */
  readonly fresh?: boolean
}

/** One piece of the output: what one template printed up to the next document separator. */
export interface RenderedDocument {
  /** The path of the template, the chart's name first: `web/charts/redis/templates/service.yaml`. */
  readonly source: string
  readonly text: string
}

/** What a chart prints. */
export interface RenderResult {
  /** Custom resource definitions and manifests, in the order in which Helm installs them. */
  readonly documents: readonly RenderedDocument[]
  /** Manifests that are hooks, tests included. */
  readonly hooks: readonly RenderedDocument[]
  /** The notes for the user; undefined where the renderer cannot tell. */
  readonly notes?: string | undefined
}

/** The verdict of `helm lint`. */
export interface LintResult {
  readonly ok: boolean
  /** Errors and warnings, one a line. */
  readonly messages: readonly string[]
}

/** One chart, opened for any number of renderings. */
export interface Rendering {
  /** Throws RENDER_FAILED with the renderer's own words, OUTPUT_TOO_LARGE, RENDER_TIMEOUT, CANCELLED. */
  render(values: RenderValues, options?: RenderOptions): Promise<RenderResult>
  lint(options?: { readonly signal?: AbortSignal }): Promise<LintResult>
  close(): Promise<void>
}

/** The majors of Helm that are known. */
export type HelmMajor = 3 | 4

/** A way to render charts. A proof names it. */
export interface ChartRenderer {
  /** `engine`, `helm`, `auto` or `both`. */
  readonly name: string
  /** The version of Helm that it is or follows: `v3.22.0`. */
  readonly version: string
  /** The major version of that Helm. */
  readonly helm: HelmMajor
  /** Whether a rendering can tell which leaf wrote each character. */
  readonly traces: boolean
  open(archive: ChartArchive): Promise<Rendering>
}
