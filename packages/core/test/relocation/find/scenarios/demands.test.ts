import { describe, expect, it } from 'vitest'
import { buildChart, type ChartSpec } from '../../../../../../test/kit/charts.ts'
import { readChartArchive } from '../../../../src/helm/chart/chart-archive.ts'
import { type Relocation, relocate } from '../../../../src/relocation/relocate.ts'

const pod = 'kind: Pod\nmetadata: {name: web}\nspec: {containers: [{name: web, image: "{{ .Values.image }}"}]}\n'

async function move(check: string, values: string, helpers = '', more: Partial<ChartSpec> = {}): Promise<Relocation> {
  const chart = await buildChart({
    name: 'web',
    values: `image: quay.io/acme/web:1.0.0\n${values}`,
    templates: { '_helpers.tpl': helpers, 'check.yaml': check, 'pod.yaml': pod },
    ...more,
  })
  return relocate(await readChartArchive(chart), { to: 'reg.corp:5000/m', allowUnresolved: true })
}

describe('a chart that asks for values is rendered with made-up ones', () => {
  it.each([
    ['a text that is required', '{{ $_ := required "a name, please" .Values.clusterName }}', '', 'clusterName=example'],
    [
      'a host',
      '{{ if empty .Values.global.domain }}{{ fail "domain is empty" }}{{ end }}',
      'global: {}',
      'global.domain=example.com',
    ],
    [
      'a switch',
      '{{ if not .Values.license }}{{ fail "accept the license" }}{{ end }}',
      'license: false',
      'license=true',
    ],
    [
      'a word that it is compared with',
      '{{ if ne (toString .Values.terms) "accept" }}{{ fail "no" }}{{ end }}',
      'terms: ""',
      'terms=accept',
    ],
    [
      'a word that the message sets',
      '{{ if ne (.Values.terms | toString | upper) "YES" }}{{ fail "use terms=yes" }}{{ end }}',
      '',
      'terms=yes',
    ],
    [
      'an address',
      '{{ if not .Values.read.url }}{{ fail "set `.read.url`" }}{{ end }}',
      'read: {url: ""}',
      'read.url=https://example.com',
    ],
    [
      'one value of two',
      '{{ if not (or .Values.a.host .Values.b) }}{{ fail "set a.host or b" }}{{ end }}',
      'a: {}',
      'a.host=example.com',
    ],
    [
      'a leaf of a map',
      '{{ if not .Values.key.text }}{{ fail "set .Values.key" }}{{ end }}',
      'key: {text: ""}',
      'key.text=example',
    ],
    ['a key that is looked up', '{{ if not (index .Values "a-b") }}{{ fail "no" }}{{ end }}', '', 'a-b=example'],
    [
      'two values, one after the other',
      '{{ $_ := required "a" .Values.one }}{{ $_ := required "b" .Values.two }}',
      '',
      'one=example, two=example',
    ],
  ])('%s', async (_, check, values, answers) => {
    const { plan, proof } = await move(check, values)
    expect(proof).toMatchObject({ status: 'proven', scenarios: [`default with ${answers}`], refused: [] })
    expect(plan.warnings.join('\n')).toContain('made-up')
    expect(plan.images).toEqual([
      { from: 'quay.io/acme/web:1.0.0', to: 'reg.corp:5000/m/acme/web:1.0.0', rendered: true, when: 'always' },
    ])
  })

  it('what helpers read is found', async () => {
    const helpers =
      '{{ define "a" }}{{ include "b" . }}{{ end }}{{ define "b" }}{{ if not .Values.token }}{{ fail "no" }}{{ end }}{{ end }}'
    const { proof } = await move('{{ include "a" . }}', '', helpers)
    expect(proof.scenarios).toEqual(['default with token=example'])
  })

  it('what a subchart asks for stands below its name', async () => {
    const subchart = await buildChart({ name: 'sub', templates: { 'a.yaml': '{{ $_ := required "a" .Values.key }}' } })
    const { proof } = await move('', '', '', { files: { 'charts/sub-1.0.0.tgz': subchart } })
    expect(proof.scenarios).toEqual(['default with sub.key=example'])
  })
})

describe('features that ask for values', () => {
  it('are rendered with them and without: a license may choose another image', async () => {
    const job = pod.replace('{{ .Values.image }}', 'quay.io/acme/job:1{{ if .Values.license }}-licensed{{ end }}')
    const check = `{{ if .Values.job.enabled }}{{ if not .Values.license }}{{ fail "a license" }}{{ end }}\n${job}{{ end }}`
    const { plan, proof } = await move(check, 'job: {enabled: false}\nlicense: ""')
    expect(plan.images.map(({ from }) => from)).toEqual([
      'quay.io/acme/job:1',
      'quay.io/acme/job:1-licensed',
      'quay.io/acme/web:1.0.0',
    ])
    expect(proof.status).toBe('proven-in-part')
  })
})

describe('nothing is made up', () => {
  it('of an image', async () => {
    const { plan, proof } = await move('{{ $_ := required "a" .Values.sidecar.image }}', 'sidecar: {}')
    expect([proof.status, plan.warnings.join()]).toEqual(['unverified', expect.not.stringContaining('made-up')])
  })

  it('where the chart prints half an image with it', async () => {
    const check = `{{ if not .Values.ok }}{{ fail "no" }}{{ end }}${pod.replace('{{ .Values.image }}', '{{ .Values.hub }}/acme/job:1')}`
    const { proof } = await move(check, 'ok: false\nhub: ""')
    expect(proof.status).toBe('unverified')
  })

  it('where nothing helps', async () => {
    const { proof } = await move('{{ fail "never" }}', 'a: 1')
    expect(proof.status).toBe('unverified')
  })

  it('beside what the user gave', async () => {
    const chart = await buildChart({
      name: 'web',
      values: 'image: quay.io/acme/web:1.0.0\n',
      templates: { 'a.yaml': `{{ $_ := required "a" .Values.one }}${pod}` },
    })
    const { proof } = await relocate(await readChartArchive(chart), {
      to: 'reg.corp:5000/m',
      values: { set: ['one=mine'] },
    })
    expect(proof.scenarios).toEqual(['default'])
  })
})
