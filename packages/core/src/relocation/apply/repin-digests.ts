// Charts that name an image by its digest, after that digest changed because platforms were left out.
import type { Chart, ChartArchive } from '../../helm/chart/chart.ts'
import { replaceFiles } from '../../helm/chart/chart-archive.ts'

/**
 * The chart with digests replaced wherever its files name them, subcharts included; the same archive where none is
 * named. A digest is 64 digits that mean one content alone, so that its text can be replaced wherever it stands. Throws
 * as `replaceFiles` does.
 */
export async function repinDigests(archive: ChartArchive, digests: ReadonlyMap<string, string>): Promise<ChartArchive> {
  const replacements = new Map<string, Uint8Array>()
  const visit = (chart: Chart): void => {
    for (const [path, data] of chart.files) {
      const replaced = replaceIn(data, digests)
      if (replaced !== undefined) replacements.set(chart.address + path, replaced)
    }
    for (const subchart of chart.subcharts) visit(subchart)
  }
  visit(archive.chart)
  return replacements.size === 0 ? archive : replaceFiles(archive, replacements)
}

/** Byte by byte, so that files of any encoding keep all else; a digest has as many digits as the one in its place. */
function replaceIn(data: Uint8Array, digests: ReadonlyMap<string, string>): Uint8Array | undefined {
  let result: Buffer | undefined
  for (const [from, to] of digests) {
    const text = Buffer.from(data.buffer, data.byteOffset, data.byteLength)
    for (let at = text.indexOf(from); at >= 0; at = text.indexOf(from, at + from.length)) {
      result ??= Buffer.from(data)
      result.write(to, at, 'latin1')
    }
  }
  return result
}
