// An upstream whose index names archives in registries: those are fetched from there.

import { isChartferryError } from '@chartferry/core'
import type { ChartVersion } from '@chartferry/core/helm'
import type { OciCharts, OciPlace } from './oci-charts.ts'
import { parseOciUrl } from './oci-charts.ts'
import type { Upstream } from './upstream.ts'

/** HTTP comes first where an entry has both; a registry is asked where that failed, and where there is nothing else. */
export function withOciArchives(next: Upstream, charts: OciCharts): Upstream {
  async function either<Value>(
    version: ChartVersion,
    byHttp: () => Promise<Value>,
    byOci: (place: OciPlace) => Promise<Value>,
  ): Promise<Value> {
    const place = placeOf(version)
    if (place === undefined) return byHttp()
    if (next.archiveUrl(version) === undefined) return byOci(place)
    try {
      return await byHttp()
    } catch (thrown) {
      if (!isChartferryError(thrown) || thrown.code === 'CANCELLED' || thrown.code === 'STORE_UNAVAILABLE') throw thrown
      return byOci(place)
    }
  }
  return {
    ...next,
    archiveUrl: (version) => next.archiveUrl(version) ?? ociUrlOf(version),
    archive: (version, store, options = {}) =>
      either(
        version,
        () => next.archive(version, store, options),
        (place) => charts.archive(place, store, options),
      ),
    provenance: (version, options = {}) =>
      either(
        version,
        () => next.provenance(version, options),
        (place) => charts.provenance(place, options),
      ),
  }
}

/** The first URL of an entry that names a version in a registry. */
function ociUrlOf({ urls }: ChartVersion): string | undefined {
  return urls.find((url) => parseOciUrl(url) !== undefined)
}

function placeOf(version: ChartVersion): OciPlace | undefined {
  const url = ociUrlOf(version)
  return url === undefined ? undefined : parseOciUrl(url)
}
