// PORT: a place that charts come from.
import type { ChartArchive, ChartId } from '../../helm/chart/chart.ts'

/** Which chart is wanted. */
export interface ChartQuery {
  readonly name: string
  /** A version or a range, as Helm takes it. Default: the newest stable version. */
  readonly version?: string | undefined
}

/** A place that charts come from. A place with one chart in it gives that one, whatever the name asked for. */
export interface ChartSource {
  list(): AsyncIterable<ChartId>
  /** Throws CHART_NOT_FOUND, VERSION_NOT_FOUND, VERSION_INVALID. */
  resolve(query: ChartQuery): Promise<ChartId>
  /** The archive, with its provenance where there is one. Throws DIGEST_MISMATCH where other bytes were promised. */
  fetch(id: ChartId, options?: { readonly signal?: AbortSignal | undefined }): Promise<ChartArchive>
}
