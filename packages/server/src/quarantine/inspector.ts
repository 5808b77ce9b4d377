// PORT: what decides about a chart version before anybody is shown it.

import type { Digest } from '@chartferry/core'
import type { ChartVersion } from '@chartferry/core/helm'

/** A version that was fetched, but is shown to nobody yet. */
export interface InspectedVersion {
  readonly repository: string
  readonly version: ChartVersion
  /** The last segment of its path: what `helm pull` writes. */
  readonly fileName: string
  readonly digest: Digest
  readonly archive: () => Promise<Uint8Array>
  /** Gives undefined where there is none. */
  readonly provenance: () => Promise<Uint8Array | undefined>
}

export interface Inspector {
  /** Names the rules: a verdict of other rules counts for nothing. */
  readonly rules: string
  /** The reason to refuse a version, or undefined. Throws where that cannot be told now. */
  inspect(version: InspectedVersion, signal: AbortSignal): Promise<string | undefined>
}

/** Refuses what any of them refuses. */
export function allInspectors(inspectors: readonly Inspector[]): Inspector {
  return {
    rules: inspectors.map(({ rules }) => rules).join('\n'),
    inspect: async (version, signal) => {
      for (const inspector of inspectors) {
        const reason = await inspector.inspect(version, signal)
        if (reason !== undefined) return reason
      }
      return undefined
    },
  }
}
