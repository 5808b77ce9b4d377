import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { buildChart } from '../../../../../test/kit/charts.ts'
import { fuzzCases, fuzzChart, fuzzSets, readHashes } from '../../../../../test/oracle/fuzz.ts'
import { readChartArchive } from '../../../src/helm/chart/chart-archive.ts'
import { engineRenderer } from '../../../src/helm/render/engine-renderer.ts'
import { bare } from '../../../src/helm/template/text.ts'

/** The hashes that helm made: eight digits for each case; recorded by test/oracle/record-probes.ts. */
const recorded = JSON.parse(readFileSync(new URL('fuzz.json', import.meta.url), 'utf8')) as Readonly<
  Record<'helm3' | 'helm4', Readonly<Record<string, string>>>
>

async function hashes(name: string, helm: 3 | 4, traced: boolean): Promise<string> {
  const archive = await readChartArchive(await buildChart(fuzzChart(name)), { fileName: 'fuzz.tgz' })
  const rendering = await engineRenderer({ helm }).open(archive)
  const [document] = (await (traced ? rendering.trace({}) : rendering.render({}))).documents
  return readHashes(bare(document?.text ?? ''))
}

/** The cases whose hashes differ. */
function differing(name: string, found: string, wanted: string): unknown[] {
  return fuzzCases(name).filter((_, index) => {
    return found.slice(8 * index, 8 * index + 8) !== wanted.slice(8 * index, 8 * index + 8)
  })
}

describe.each([3, 4] as const)('random cases as Helm %i has them', (helm) => {
  it.each(fuzzSets)('agrees on all of %s', async (name) => {
    const wanted = recorded[`helm${helm}`][name] ?? ''
    expect(wanted).toHaveLength(8 * fuzzCases(name).length)
    expect(differing(name, await hashes(name, helm, false), wanted)).toEqual([])
  })

  it.each(fuzzSets)('prints the same in a traced rendering of %s', async (name) => {
    expect(differing(name, await hashes(name, helm, true), recorded[`helm${helm}`][name] ?? '')).toEqual([])
  })
})
