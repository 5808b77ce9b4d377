import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { describeWithCorpus } from '../../../../../test/kit/corpus.ts'
import { type RecordedRendering, readRecordedCorpus } from '../../../../../test/oracle/corpus.ts'
import { type DocumentPath, hashDocument, splitDocuments } from '../../../../../test/oracle/document-hashes.ts'
import { scenarioOf } from '../../../../../test/oracle/scenarios.ts'
import { isChartferryError } from '../../../src/errors.ts'
import { readChartArchive } from '../../../src/helm/chart/chart-archive.ts'
import { formatRendered } from '../../../src/helm/render/engine/render-chart.ts'
import { engineRenderer } from '../../../src/helm/render/engine-renderer.ts'

/** What helm 3.22 and 4.3 made of real charts; `test/oracle/record-corpus.ts` asks them again. */
const { charts } = readRecordedCorpus()

/** What helm says of a schema that it would have to fetch; the engine fetches nothing, and says so in its own words. */
const remoteSchema = /^failing loading "https?:/m

async function outcome(
  render: () => Promise<Parameters<typeof formatRendered>[0]>,
  volatile: Readonly<Record<string, readonly DocumentPath[]>>,
): Promise<RecordedRendering> {
  try {
    const documents = splitDocuments(formatRendered(await render()))
    return { documents: documents.map((text, index) => hashDocument(text, volatile[index])).join(' '), volatile }
  } catch (error) {
    if (!isChartferryError(error)) throw error
    return { refused: error.message }
  }
}

describeWithCorpus('engineRenderer over real charts', (folder) => {
  it.each(charts.map((chart) => [chart.file, chart] as const))('renders %s as both helms do', async (file, chart) => {
    const path = join(folder, 'charts', file)
    expect(existsSync(path)).toBe(true)
    const bytes = readFileSync(path)
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(chart.sha256)
    const archive = await readChartArchive(bytes, { fileName: file })
    for (const recorded of chart.scenarios) {
      const { files, kubeVersion, apiVersions, skipSchema } = scenarioOf(file, recorded, archive)
      const context = { kubeVersion, apiVersions, release: { name: 't', namespace: 'default' } }
      for (const helm of [3, 4] as const) {
        const expected = (helm === 4 ? recorded.helm4 : undefined) ?? recorded.helm3
        const chartRendering = engineRenderer({ helm, skipSchema }).openChart(archive.chart)
        const volatile = 'volatile' in expected ? expected.volatile : {}
        const rendered = await outcome(() => chartRendering.render({ files }, context), volatile)
        const what = `${recorded.name} with helm ${helm}`
        if ('refused' in expected && remoteSchema.test(expected.refused)) {
          expect(rendered, what).toHaveProperty(
            'refused',
            expect.stringMatching(/^failing loading .*: other schemas are not fetched$/m),
          )
          continue
        }
        expect(rendered, what).toEqual(expected)
        if (helm === 4) continue
        const traced = await outcome(() => chartRendering.trace({ files }, context), volatile)
        expect(traced, `${what}, traced`).toEqual(expected)
      }
    }
  })
})
