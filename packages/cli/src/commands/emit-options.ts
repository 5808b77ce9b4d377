// The flags of `chartferry emit`, and the formats that are made of a whole chart.
import type { EmittedImagesOptions } from '../flags/emitted-images.ts'
import type { OutputOptions } from '../flags/output-options.ts'
import type { RegistryOptions } from '../flags/registry-options.ts'
import type { WriteEmittedOptions } from './write-emitted.ts'

/** Formats that are made of one chart: its values, or its name and version. */
export const chartFormats = {
  values: "a values file: what the chart's values can say",
  'argocd-helm': 'the same as an Application of Argo CD whose source is the chart',
  'images-lock': "dt's Images.lock; the digests come from the registries",
} as const

/** One of them. */
export type ChartFormat = keyof typeof chartFormats

/** What the flags of the command give. */
export interface EmitOptions extends EmittedImagesOptions, RegistryOptions, OutputOptions, WriteEmittedOptions {
  readonly mirrorOnly?: boolean
  readonly mirrorCa?: string
  readonly allowUnresolved?: boolean
  readonly name?: string
}
