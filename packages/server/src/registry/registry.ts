// PORT: the read side of a registry: repositories by their names, each a place that content comes from.

import type { Digest } from '@chartferry/core'
import type { ContentOptions, ContentSource, Descriptor } from '@chartferry/core/oci'
import type { AskedBy } from '../repository/chart-repository.ts'

/** Whoever asks, and how the question came. */
export interface RegistryOptions extends ContentOptions, AskedBy {
  /** The servers that the question has come through. Default: none. */
  readonly via?: string | undefined
  /**
   * The registry that a client of a mirror means (containerd's query parameter `ns`). Default: this one.
   */
  readonly namespace?: string | undefined
}

/**
 * One repository. Its methods also throw REPOSITORY_NOT_FOUND and CHART_NOT_FOUND where the name turns out to mean
 * nothing.
 */
export interface RegistryRepository extends ContentSource {
  /** What a digest stands for if it is that of a blob of this repository; undefined where it is none. */
  blob(digest: Digest, options?: ContentOptions): Promise<Descriptor | undefined>
}

export interface Registry {
  /** The repository of a name; undefined where there can be none. */
  repository(name: string, options?: RegistryOptions): RegistryRepository | undefined
}
