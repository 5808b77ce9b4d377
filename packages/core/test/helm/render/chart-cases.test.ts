import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { buildChart } from '../../../../../test/kit/charts.ts'
import { type ChartCase, chartCases } from '../../../../../test/oracle/chart-cases.ts'
import { randomCharts } from '../../../../../test/oracle/random-charts.ts'
import { isChartferryError } from '../../../src/errors.ts'
import { readChartArchive } from '../../../src/helm/chart/chart-archive.ts'
import { formatRendered } from '../../../src/helm/render/engine/render-chart.ts'
import { engineRenderer } from '../../../src/helm/render/engine-renderer.ts'

interface Recorded {
  readonly output?: string
  readonly error?: string
}

/** What helm 3.22 and 4.3 answered; `test/oracle/record-charts.ts` asks them again. */
const recorded = JSON.parse(readFileSync(new URL('chart-cases.json', import.meta.url), 'utf8')) as {
  readonly randomSeed: number
  readonly randomCount: number
  readonly cases: Readonly<Record<string, readonly [Recorded, Recorded]>>
}

/** Helm's words without the warnings before them and the advice behind. */
function words(error: string): string {
  return error
    .slice(error.indexOf('Error: ') + 'Error: '.length)
    .replace(/\n\nUse --debug flag[\s\S]*$/, '')
    .trim()
}

async function outcome(given: ChartCase, helm: 3 | 4, traced: boolean): Promise<Recorded> {
  const values = {
    files: (given.values ?? []).map((text, index) => ({ name: `/${index}.yaml`, text })),
    set: given.set ?? [],
    setString: given.setString ?? [],
  }
  const options = {
    kubeVersion: given.kubeVersion ?? '1.31.0',
    apiVersions: given.apiVersions ?? [],
    release: { name: 't', namespace: 'default' },
  }
  try {
    const archive = await readChartArchive(await buildChart(given.chart), { fileName: 'chart.tgz' })
    const rendering = engineRenderer({ helm }).openChart(archive.chart)
    return {
      output: formatRendered(await (traced ? rendering.trace(values, options) : rendering.render(values, options))),
    }
  } catch (error) {
    if (!isChartferryError(error)) throw error
    return { error: error.message }
  }
}

const cases = [...chartCases, ...randomCharts(recorded.randomSeed, recorded.randomCount)]

describe.each([3, 4] as const)('engineRenderer as Helm %i', (helm) => {
  it.each(cases.map((given) => [given.name, given] as const))(
    'renders or refuses as helm does: %s',
    async (name, given) => {
      const answer = recorded.cases[name]?.[helm - 3]
      const expected = answer?.error === undefined ? answer : { error: words(answer.error) }
      expect(await outcome(given, helm, false)).toEqual(expected)
      expect(await outcome(given, helm, true)).toEqual(expected)
    },
  )
})
