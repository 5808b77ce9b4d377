// What the server is told of relocations, once read: the target, the rules, and what renders the charts.
import type { Rule, TargetMode } from '@chartferry/core'
import type { SigningKey } from '@chartferry/core/helm'
import type { RegistrySetting } from '@chartferry/core/oci'

/** How images come to the target; see docs/relocated-repositories.md. */
export type TargetImages = 'copy' | 'pull-through' | 'present'

/** How one repository is relocated. */
export interface RelocationConfig {
  /** The repository whose charts are relocated: another one, or the same name where it is served relocated itself. */
  readonly of: string
  /** `host[:port][/prefix]` as clusters name it. */
  readonly to: string
  readonly mode: TargetMode
  readonly rules: readonly Rule[]
  /** What charts are rendered with, by their names: the text of values files. */
  readonly values: ReadonlyMap<string, { readonly name: string; readonly text: string }>
  /** How images come to the target. */
  readonly images: TargetImages
  /** The platforms that are copied; undefined: all. */
  readonly platforms?: readonly string[] | undefined
  /** What becomes of a chart that cannot be proven. */
  readonly unproven: 'refuse' | 'mark'
  /** Signs what is served; undefined: nothing has a provenance file. */
  readonly sign?: SigningKey | undefined
  /** How many versions of each chart, the newest first, are relocated before anybody asks. */
  readonly warm: number
  /** How the registry of the target is reached. */
  readonly registry: RegistrySetting
}

/** A repository that is another one, relocated; or one that is served relocated itself has such a part. */
export interface RelocatingConfig {
  /** Whether this server relocates charts, or serves only what others have made. */
  readonly render: boolean
  /** Charts that are relocated at a time. */
  readonly processes: number
  /** Bytes that one of them may take. */
  readonly memory: number
  /** Milliseconds that one may take. */
  readonly within: number
}
