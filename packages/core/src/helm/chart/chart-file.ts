// Finds a file of a chart by its address.
import type { Chart } from './chart.ts'

/**
 * The bytes of the file at an address such as `charts/a-1.0.0.tgz!charts/b/values.yaml`; undefined where there is
 * none.
 */
export function fileAt(chart: Chart, address: string): Uint8Array | undefined {
  const within = chart.subcharts.find((subchart) => address.startsWith(subchart.address))
  return within ? fileAt(within, address) : chart.files.get(address.slice(chart.address.length))
}
