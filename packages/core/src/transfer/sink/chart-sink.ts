// PORT: a place that charts go to.
import type { ChartArchive, ChartId } from '../../helm/chart/chart.ts'

/** A place that charts go to. */
export interface ChartSink {
  has(id: ChartId): Promise<boolean>
  /** Writes archive and provenance whole or not at all; gives the place it went to, in words. */
  put(archive: ChartArchive): Promise<string>
  close(): Promise<void>
}
