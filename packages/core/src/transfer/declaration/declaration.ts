// What chartferry.yaml says: the charts, images and files that belong together, and where they go.

import type { RegistrySetting } from '../../oci/client/registry-setting.ts'
import type { TargetMode } from '../../reference/naming.ts'
import type { Rule } from '../../relocation/model/rule.ts'
import type { FileRequest } from '../assets/file-asset.ts'

/** A chart as it is asked for. */
export interface DeclaredChart {
  /** A folder, an archive, a URL, `oci://…`, or REPOSITORY/NAME as helm knows it. */
  readonly chart: string
  /** URL of the repository that the chart is in. Default: none. */
  readonly repo?: string
  /** A version or a range. Default: the newest stable one. */
  readonly version?: string
  /** Names of values files, or values, in the order in which they are put over each other. */
  readonly values: readonly (string | Readonly<Record<string, unknown>>)[]
}

/** A whole chartferry.yaml. */
export interface Declaration {
  readonly charts: readonly DeclaredChart[]
  /** Images that no chart names. */
  readonly images: readonly string[]
  readonly files: readonly FileRequest[]
  /** Default: all. */
  readonly platforms: readonly string[]
  readonly rules: readonly Rule[]
  /** The registry that images go to, and the path below it. Default: a flag says it. */
  readonly target?: string
  readonly mode?: TargetMode
  /** Where files go. Default: a flag says it. */
  readonly fileRepository?: string
  /** How registries are reached. Default: each by its name. */
  readonly registries: readonly RegistrySetting[]
  /** What charts are rendered for. Default: the renderer's own. */
  readonly kubeVersion?: string
  readonly apiVersions: readonly string[]
}
