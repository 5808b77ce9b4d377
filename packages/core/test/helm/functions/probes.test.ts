import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { buildChart } from '../../../../../test/kit/charts.ts'
import { type Answer, dateOf, probeChart, readAnswers, readError } from '../../../../../test/oracle/probe-chart.ts'
import { messageOf } from '../../../src/errors.ts'
import { readChartArchive } from '../../../src/helm/chart/chart-archive.ts'
import { engineRenderer } from '../../../src/helm/render/engine-renderer.ts'

/** What Helm 3 answers, and where Helm 4 does otherwise; recorded by test/oracle/record-probes.ts. */
const recorded = JSON.parse(readFileSync(new URL('probes.json', import.meta.url), 'utf8')) as {
  readonly answers: readonly (readonly [string, Answer])[]
  readonly helm4: Readonly<Record<string, Answer>>
}

/** What time it is for the engine: the last half hour of a leap day in UTC, the first of March further east. */
const clock = new Date('2028-02-29T23:30:00Z')

async function render(given: readonly (readonly [number, string])[], helm: 3 | 4): Promise<string> {
  const archive = await readChartArchive(await buildChart(probeChart(given)), { fileName: 'probe.tgz' })
  const rendering = await engineRenderer({ helm, now: () => clock }).open(archive)
  const { documents } = await rendering.render({}, { release: { name: 'probe', namespace: 'default' } })
  return documents.map(({ source, text }) => `# Source: ${source}\n${text}\n`).join('')
}

async function answer(index: number, probe: string, helm: 3 | 4): Promise<Answer> {
  try {
    return { out: readAnswers(await render([[index, probe]], helm)).get(index) ?? '(nothing)' }
  } catch (error) {
    return { error: readError(messageOf(error)).error }
  }
}

describe.each([3, 4] as const)('template functions as Helm %i has them', (helm) => {
  const expected = recorded.answers.map(([probe, answer3], index): [number, string, Answer] => {
    const wanted = helm === 4 ? (recorded.helm4[index] ?? answer3) : answer3
    return [index, probe, 'today' in wanted ? { out: dateOf(clock) } : wanted]
  })

  it(`answers ${expected.length} probes alike`, { timeout: 120_000 }, async () => {
    const differences: unknown[] = []
    for (const [index, probe, wanted] of expected) {
      const found = await answer(index, probe, helm)
      if (JSON.stringify(found) !== JSON.stringify(wanted)) differences.push({ probe, wanted, found })
    }
    expect(differences).toEqual([])
  })
})
