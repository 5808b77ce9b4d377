import { describe, expect, it } from 'vitest'
import { buildChart } from '../../../../../test/kit/charts.ts'
import { readChartArchive } from '../../../src/helm/chart/chart-archive.ts'
import { engineRenderer } from '../../../src/helm/render/engine-renderer.ts'
import { planRelocation } from '../../../src/relocation/plan/plan-relocation.ts'
import { formatOverrideValues, overrideValues } from '../../../src/transfer/emit/override-values.ts'

const pod = (name: string, image: string): string =>
  `apiVersion: v1\nkind: Pod\nmetadata: {name: ${name}}\nspec: {containers: [{name: a, image: ${image}}]}\n---\n`

async function overridden(definition: Parameters<typeof buildChart>[0]) {
  const archive = await readChartArchive(await buildChart(definition))
  const { plan } = await planRelocation(archive, { to: 'r.corp/m' })
  const { values, notExpressed } = overrideValues(archive.chart, plan)
  const rendering = await engineRenderer().open(archive)
  const { documents } = await rendering.render({ files: [{ name: 'o.yaml', text: formatOverrideValues(values) }] }, {})
  await rendering.close()
  const text = documents.map((document) => document.text).join('\n')
  return { values, notExpressed, images: [...text.matchAll(/image: "?([^"}\s]+)/g)].map((match) => match[1]).sort() }
}

describe('overrideValues', () => {
  it('moves the chart, its subcharts under each alias, and the items of lists', async () => {
    const { values, images, notExpressed } = await overridden({
      name: 'shop',
      values: 'image: {registry: quay.io, repository: acme/shop, tag: 1.10}\nextra: [{image: "a.io/x:1", keep: 1}]\n',
      templates: {
        'a.yaml':
          pod('a', '"{{ .Values.image.registry }}/{{ .Values.image.repository }}:{{ .Values.image.tag }}"') +
          pod('b', '{{ (index .Values.extra 0).image }}'),
      },
      metadata: {
        dependencies: [
          { name: 'redis', version: '1.0.0', alias: 'cache' },
          { name: 'redis', version: '1.0.0', alias: 'queue' },
        ],
      },
      subcharts: [
        {
          name: 'redis',
          version: '1.0.0',
          values: 'image: docker.io/bitnami/redis:7\n',
          templates: { 'r.yaml': pod('{{ .Chart.Name }}', '{{ .Values.image }}') },
        },
      ],
    })
    expect(notExpressed).toEqual([])
    expect(values).toEqual({
      image: { registry: 'r.corp/m' },
      extra: [{ image: 'r.corp/m/x:1', keep: 1 }],
      cache: { image: 'r.corp/m/bitnami/redis:7' },
      queue: { image: 'r.corp/m/bitnami/redis:7' },
    })
    expect(images).toEqual([
      'r.corp/m/acme/shop:1.1',
      'r.corp/m/bitnami/redis:7',
      'r.corp/m/bitnami/redis:7',
      'r.corp/m/x:1',
    ])
  })

  it('names what only a template says', async () => {
    const { values, notExpressed } = await overridden({
      name: 'web',
      templates: { 'a.yaml': pod('a', 'quay.io/x/y:1') },
    })
    expect(values).toEqual({})
    expect(notExpressed).toEqual(['templates/a.yaml:4: "quay.io" is written there, and no value says it'])
  })
})
