// Puts charts into a registry, as `helm push` does: below the path given, each under its own name.

import { isChartferryError } from '../../errors.ts'
import type { ContentRepository } from '../../oci/content/content.ts'
import { chartArtifact, pushChart, tagOf } from '../chart-artifact.ts'
import type { ChartSink } from './chart-sink.ts'

/** `open` gives the repository of a chart's name below the path. */
export function ociRepositorySink(open: (name: string) => ContentRepository): ChartSink {
  return {
    async has({ name, version }) {
      try {
        await open(name).resolve(tagOf(version))
        return true
      } catch (thrown) {
        if (isChartferryError(thrown, 'MANIFEST_NOT_FOUND')) return false
        throw thrown
      }
    },
    async put(archive) {
      const repository = open(archive.chart.metadata.name)
      const artifact = chartArtifact(archive)
      const { digest } = await pushChart(repository, artifact)
      return `oci://${repository.name}:${artifact.tag}@${digest}`
    },
    close: async () => {},
  }
}
