import { describe, expect, it } from 'vitest'
import { buildChart } from '../../../../../../test/kit/charts.ts'
import { readChartArchive } from '../../../../src/helm/chart/chart-archive.ts'
import { engineRenderer } from '../../../../src/helm/render/engine-renderer.ts'
import { type Relocation, relocate } from '../../../../src/relocation/relocate.ts'

const to = 'reg.corp:5000/m'

async function withSecret(values: string, template: string): Promise<Relocation & { readonly text: string }> {
  const pod = `kind: Pod\nmetadata: {name: web}\nspec:\n${template}\n  containers: [{image: "quay.io/a/b:1"}]\n`
  const archive = await readChartArchive(await buildChart({ name: 'web', values, templates: { 'pod.yaml': pod } }))
  const result = await relocate(archive, { to, pullSecret: 'mirror' })
  const { documents } = await engineRenderer().openChart(result.archive.chart).render({})
  return { ...result, text: documents.map(({ text }) => text).join('') }
}

const asMaps = '  {{- with .Values.imagePullSecrets }}\n  imagePullSecrets: {{ toYaml . | nindent 4 }}\n  {{- end }}'
const asNames =
  '  {{- with .Values.global.imagePullSecrets }}\n  imagePullSecrets:\n  {{- range . }}\n    - name: {{ . }}\n  {{- end }}\n  {{- end }}'
const asText = '  {{- with .Values.pullSecret }}\n  imagePullSecrets: [{name: {{ . }}}]\n  {{- end }}'

describe('relocate with a pull secret', () => {
  it.each([
    ['a list of maps', 'imagePullSecrets: [] # none\n', asMaps],
    ['a list of names', 'global: {imagePullSecrets: []}\n', asNames],
    ['a text', 'pullSecret: ""\n', asText],
  ])('gives it to pods through %s', async (_, values, template) => {
    const { plan, proof, text } = await withSecret(values, template)
    expect(text).toMatch(/name: "?mirror/)
    expect(plan).toMatchObject({ pullSecret: 'mirror', warnings: [] })
    expect(proof).toMatchObject({ status: 'proven', reasons: [] })
  })

  it('says so where the values have no place for it', async () => {
    const { plan, proof } = await withSecret('imagePullSecrets: []\n', '  x: 1')
    expect(plan.pullSecret).toBeUndefined()
    expect(plan.warnings).toEqual(['no value of the chart gives its pods the pull secret mirror'])
    expect(proof.status).toBe('proven')
  })

  it('leaves a value alone that does more than that', async () => {
    const { plan } = await withSecret('imagePullSecrets: []\n', `${asMaps}\n  note: {{ len .Values.imagePullSecrets }}`)
    expect(plan.pullSecret).toBeUndefined()
  })
})
