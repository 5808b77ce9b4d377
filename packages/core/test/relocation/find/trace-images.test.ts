import { describe, expect, it } from 'vitest'
import { buildChart } from '../../../../../test/kit/charts.ts'
import { readChartArchive } from '../../../src/helm/chart/chart-archive.ts'
import type { RenderValues } from '../../../src/helm/render/chart-renderer.ts'
import { engineRenderer } from '../../../src/helm/render/engine-renderer.ts'
import { type TracedPart, traceImages } from '../../../src/relocation/find/trace-images.ts'

async function partsOf(image: string, values: RenderValues = {}): Promise<readonly TracedPart[]> {
  const pod = `kind: Pod\nmetadata: {name: web}\nspec:\n  containers:\n    - image: ${image}\n`
  const bytes = await buildChart({
    name: 'web',
    metadata: { appVersion: '1.2' },
    values: 'base: &base quay.io\nregistry: *base\n\nimage:\n  repository: acme/web\n  tag: v7-long\n',
    templates: { 'pod.yaml': pod },
  })
  const { chart } = await readChartArchive(bytes)
  const images = traceImages(await engineRenderer().openChart(chart).trace(values), chart, values)
  expect(images).toMatchObject([
    { resource: 'Pod/web', source: 'web/templates/pod.yaml', path: ['spec', 'containers', 0, 'image'] },
  ])
  return images[0]?.parts ?? []
}

const written = (line: number) => ({ file: 'values.yaml', line })

describe('traceImages', () => {
  it('finds the line of a leaf, of a field and of characters of a template', async () => {
    expect(await partsOf('"docker.io/{{ .Values.image.repository }}:{{ .Chart.AppVersion }}"')).toEqual([
      { text: 'docker.io/', kind: 'literal', places: [{ file: 'templates/pod.yaml', line: 5 }] },
      { text: 'acme/web', kind: 'leaf', places: [{ ...written(5), path: ['image', 'repository'] }] },
      { text: ':', kind: 'literal', places: [{ file: 'templates/pod.yaml', line: 5 }] },
      { text: '1.2', kind: 'field', places: [{ file: 'Chart.yaml', line: 4, path: ['appVersion'] }] },
    ])
  })

  it('says of what a call made its text', async () => {
    expect((await partsOf('acme/web:{{ .Values.image.tag | b64enc | b64dec }}')).at(-1)).toEqual({
      text: 'v7-long',
      kind: 'call',
      name: 'b64dec',
      places: [{ ...written(6), path: ['image', 'tag'] }],
    })
  })

  it('knows no line behind an alias', async () => {
    expect((await partsOf('"{{ .Values.registry }}/acme/web:1"'))[0]).toEqual({
      text: 'quay.io',
      kind: 'leaf',
      places: [{ file: 'values.yaml', path: ['registry'] }],
    })
  })

  it("finds the line in a user's values file", async () => {
    const files = [{ name: 'mine.yaml', text: '# mine\nimage:\n  repository: corp/web\n' }]
    expect((await partsOf('"{{ .Values.image.repository }}:1"', { files }))[0]?.places).toEqual([
      { file: 'mine.yaml', line: 3, path: ['image', 'repository'] },
    ])
  })
})
