import { describe, expect, it } from 'vitest'
import { buildChart, type ChartSpec } from '../../../../../test/kit/charts.ts'
import { ChartferryError } from '../../../src/errors.ts'
import { readChartArchive } from '../../../src/helm/chart/chart-archive.ts'
import { type Relocation, relocate } from '../../../src/relocation/relocate.ts'

const to = 'reg.corp:5000/m'
const digest = `sha256:${'5'.repeat(64)}`

async function pinned(spec: Omit<ChartSpec, 'name'>): Promise<Relocation> {
  const archive = await readChartArchive(await buildChart({ name: 'web', metadata: { appVersion: '9' }, ...spec }))
  const options = { to, pinDigests: async () => digest }
  const result = await relocate(archive, options)
  const again = await relocate(result.archive, options)
  expect(again.plan.edits).toEqual([])
  return result
}

const pod = (...images: readonly string[]): Readonly<Record<string, string>> => ({
  'pod.yaml': `kind: Pod\nmetadata: {name: web}\nspec:\n  containers:\n${images.map((image) => `    - {image: "${image}"}\n`).join('')}`,
})
const withDigest =
  '{{ with .Values.image }}{{ .registry }}/{{ .name }}{{ if .digest }}@{{ .digest }}{{ else }}:{{ .tag | default $.Chart.AppVersion }}{{ end }}{{ end }}'
const withBoth =
  '{{ with .Values.image }}{{ .registry }}/{{ .name }}:{{ .tag }}{{ if .sha }}@sha256:{{ .sha }}{{ end }}{{ end }}'

describe('relocate with digests', () => {
  it.each([
    [
      'behind a tag',
      'image: {registry: quay.io, name: a/b, tag: "1"}\n',
      '{{ .Values.image.registry }}/{{ .Values.image.name }}:{{ .Values.image.tag }}',
      `${to}/a/b:1@${digest}`,
    ],
    ['in a whole reference', 'image: quay.io/a/b:1\n', '{{ .Values.image }}', `${to}/a/b:1@${digest}`],
    ['behind a name without a tag', 'image: quay.io/a/b\n', '{{ .Values.image }}', `${to}/a/b@${digest}`],
    [
      'in an empty leaf, instead of the tag',
      'image: {registry: quay.io, name: a/b, tag: "", digest: ""}\n',
      withDigest,
      `${to}/a/b@${digest}`,
    ],
    [
      'in an empty leaf, beside the tag',
      'image: {registry: quay.io, name: a/b, tag: "1", sha: ""}\n',
      withBoth,
      `${to}/a/b:1@${digest}`,
    ],
  ])('writes one %s', async (_, values, image, expected) => {
    const { plan, proof } = await pinned({ values, templates: pod(image) })
    expect(plan.images.map((planned) => planned.to)).toEqual([expected])
    expect(plan.warnings.filter((text) => !text.includes('has no tag'))).toEqual([])
    expect(proof.status).toBe('proven')
  })

  it('keeps a tag that no value holds, and says so', async () => {
    const { plan, proof } = await pinned({
      values: 'name: quay.io/a/b\nother: quay.io/c/d:1\n',
      templates: pod('{{ .Values.name }}:{{ .Chart.AppVersion }}', '{{ .Values.other }}'),
    })
    expect(plan.images.map((image) => image.to)).toEqual([`${to}/a/b:9`, `${to}/c/d:1@${digest}`])
    expect(plan.warnings).toEqual([expect.stringContaining('quay.io/a/b:9 keeps its tag: it comes from Chart.yaml')])
    expect(proof.status).toBe('proven')
  })

  it('keeps a tag that is printed elsewhere, too', async () => {
    const { plan } = await pinned({
      values: 'name: quay.io/a/b\ntag: "1"\n',
      templates: {
        ...pod('{{ .Values.name }}:{{ .Values.tag }}'),
        'c.yaml': 'kind: ConfigMap\ndata: {version: "{{ .Values.tag }}"}\n',
      },
    })
    expect(plan.images.map((image) => image.to)).toEqual([`${to}/a/b:1`])
  })

  it('fails where the registry of an image that runs knows no digest', async () => {
    const archive = await readChartArchive(await buildChart({ name: 'web', templates: pod('quay.io/a/b:1') }))
    const pinDigests = async (): Promise<string> => {
      throw new ChartferryError('MANIFEST_NOT_FOUND', 'no such tag')
    }
    await expect(relocate(archive, { to, pinDigests })).rejects.toMatchObject({ code: 'MANIFEST_NOT_FOUND' })
  })
})
