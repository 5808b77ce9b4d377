import { describe, expect, it } from 'vitest'
import { buildChart } from '../../../../../test/kit/charts.ts'
import { digestOf } from '../../../src/digest.ts'
import { readChartArchive } from '../../../src/helm/chart/chart-archive.ts'
import { checkPlan } from '../../../src/relocation/apply/check-plan.ts'
import type { Plan } from '../../../src/relocation/model/plan.ts'
import { relocate } from '../../../src/relocation/relocate.ts'

const pod = `kind: Pod
apiVersion: v1
metadata: {name: web}
spec:
  containers:
    - {name: a, image: "{{ .Values.a }}"}
    - {name: b, image: quay.io/acme/b:1}
`
const original = await readChartArchive(
  await buildChart({ name: 'web', values: '# ours\na: quay.io/acme/a:1\n', templates: { 'pod.yaml': pod } }),
)
const { plan } = await relocate(original, { to: 'reg.corp:5000/m' })

describe('checkPlan', () => {
  it('takes the plan of the chart', () => {
    checkPlan(original, plan)
    expect(plan.edits.map(({ kind, line }) => [kind, line])).toEqual(
      expect.arrayContaining([
        ['leaf', 2],
        ['template', 7],
      ]),
    )
  })

  it.each<readonly [string, Partial<Plan>, string]>([
    ['another chart', { chart: { ...plan.chart, name: 'api' } }, 'made for api 1.0.0, and this is web 1.0.0'],
    ['another version', { chart: { ...plan.chart, version: '1.0.1' } }, 'made for web 1.0.1, and this is web 1.0.0'],
    ['other bytes', { chart: { ...plan.chart, digest: digestOf('') } }, 'made for web 1.0.0 as sha256:e3b0'],
    ['another file', { originals: { ...plan.originals, 'values.yaml': digestOf('') } }, 'another text of values.yaml'],
    ['a file that is not there', { originals: { 'no.yaml': digestOf('') } }, 'speaks of no.yaml'],
    [
      'another line',
      { edits: plan.edits.map((edit) => ({ ...edit, line: edit.kind === 'leaf' ? edit.line : edit.line + 1 })) },
      'it is line 7',
    ],
  ])('refuses one for %s', (_title, change, words) => {
    expect(() => checkPlan(original, { ...plan, ...change })).toThrowError(
      expect.objectContaining({ code: 'PLAN_STALE', message: expect.stringContaining(words) }),
    )
  })
})
