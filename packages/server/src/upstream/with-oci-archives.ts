// An upstream whose index names archives in registries: those are fetched from there.

import { isChartferryError } from '@chartferry/core'
import type { ChartVersion } from '@chartferry/core/helm'
import { fetchableUrls, type OciPlace, ociUrlOf, parseOciUrl } from './archive-url.ts'
import type { OciCharts } from './oci-charts.ts'
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
    if (fetchableUrls(next.urls.base ?? '', version).length === 0) return byOci(place)
    try {
      return await byHttp()
    } catch (thrown) {
      if (!isChartferryError(thrown) || thrown.code === 'CANCELLED' || thrown.code === 'STORE_UNAVAILABLE') throw thrown
      return byOci(place)
    }
  }
  return {
    ...next,
    urls: { ...next.urls, registries: true },
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

function placeOf(version: ChartVersion): OciPlace | undefined {
  const url = ociUrlOf(version)
  return url === undefined ? undefined : parseOciUrl(url)
}
