// The real charts of a corpus as a repository: one upstream that has them all, with their provenance.
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { readChartArchive } from '@chartferry/core'
import { startUpstream, type TestUpstream } from './upstream.ts'

/** One chart of the corpus, as the index of the upstream has it. */
export interface CorpusChart {
  /** In the index; that of Chart.yaml unless two archives are of one chart and version. */
  readonly name: string
  readonly version: string
  /** Served below `charts/`. */
  readonly file: string
}

export interface CorpusRepository {
  readonly upstream: TestUpstream
  readonly charts: readonly CorpusChart[]
}

/** Makes the provenance file of an archive that has none; undefined leaves it without. */
export type Sign = (file: string, bytes: Uint8Array, chartYaml: string) => Promise<Uint8Array | undefined>

/** Serves all charts of a corpus. */
export async function startCorpusRepository(
  corpus: string,
  sign: Sign = async () => undefined,
): Promise<CorpusRepository> {
  const folder = join(corpus, 'charts')
  const names = (await readdir(folder)).sort()
  const upstream = await startUpstream()
  const charts: CorpusChart[] = []
  for (const file of names.filter((name) => name.endsWith('.tgz'))) {
    const bytes = await readFile(join(folder, file))
    const { chart } = await readChartArchive(bytes)
    const { version, apiVersion } = chart.metadata
    const isSecond = charts.some((other) => other.name === chart.metadata.name && other.version === version)
    const name = isSecond ? `${chart.metadata.name}-again` : chart.metadata.name
    const provenance = names.includes(`${file}.prov`)
      ? await readFile(join(folder, `${file}.prov`))
      : await sign(file, bytes, Buffer.from(chart.files.get('Chart.yaml') ?? '').toString())
    await upstream.add(
      { name, version },
      { path: `charts/${file}`, bytes, entry: { apiVersion }, ...(provenance ? { provenance } : {}) },
    )
    charts.push({ name, version, file })
  }
  return { upstream, charts }
}
