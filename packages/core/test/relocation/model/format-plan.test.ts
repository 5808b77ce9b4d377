import { describe, expect, it } from 'vitest'
import { buildChart } from '../../../../../test/kit/charts.ts'
import { readChartArchive } from '../../../src/helm/chart/chart-archive.ts'
import { formatPlan } from '../../../src/relocation/model/format-plan.ts'
import { parsePlan } from '../../../src/relocation/model/parse-plan.ts'
import { relocate } from '../../../src/relocation/relocate.ts'

describe('formatPlan', () => {
  it.each(['json', 'yaml'] as const)('writes %s that parsePlan reads as the same plan', async (form) => {
    const chart = {
      name: 'web',
      version: '1.10.0',
      values: 'image: "quay.io/acme/web:1.10"\n',
      templates: { 'a.yaml': 'kind: Pod\nspec: {containers: [{image: "{{ .Values.image }}"}, {image: busybox}]}\n' },
    }
    const { plan } = await relocate(await readChartArchive(await buildChart(chart)), { to: 'reg.corp:5000' })
    expect(plan.edits).toHaveLength(2)
    expect(parsePlan(formatPlan(plan, form), 'plan')).toEqual(plan)
  })

  it('reads what older versions called `given`', async () => {
    const chart = { name: 'web', values: 'image: quay.io/acme/web:1\n' }
    const { plan } = await relocate(await readChartArchive(await buildChart(chart)), { to: 'reg.corp:5000' })
    const { userValues: _, ...older } = plan
    const text = JSON.stringify({ ...older, given: ['acme/theirs:1'] })
    expect(parsePlan(text, 'plan')).toEqual({ ...older, userValues: ['acme/theirs:1'] })
  })
})
