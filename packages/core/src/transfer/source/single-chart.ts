// A place that holds one chart.

import { ChartferryError } from '../../errors.ts'
import type { ChartArchive, ChartId } from '../../helm/chart/chart.ts'
import { parseVersion } from '../../helm/semver/version.ts'
import { parseVersionRange } from '../../helm/semver/version-range.ts'
import type { ChartSource } from './chart-source.ts'

/** A source whose one chart is read when it is first asked for. `where` names the place in messages. */
export function singleChart(where: string, read: () => Promise<ChartArchive>): ChartSource {
  let archive: Promise<ChartArchive> | undefined
  const fetch = (): Promise<ChartArchive> => {
    archive ??= read()
    return archive
  }
  const identify = async (): Promise<ChartId> => {
    const { name, version } = (await fetch()).chart.metadata
    return { name, version }
  }
  return {
    fetch,
    async *list() {
      yield await identify()
    },
    async resolve({ version }) {
      const id = await identify()
      if (version === undefined || version === id.version) return id
      const parsed = parseVersion(id.version)
      if (parsed === undefined || !parseVersionRange(version)(parsed)) {
        throw new ChartferryError('VERSION_NOT_FOUND', `${where}: version ${id.version} does not satisfy "${version}"`)
      }
      return id
    },
  }
}
