import { describe, expect, it } from 'vitest'
import { buildChart, type ChartSpec } from '../../../../../../test/kit/charts.ts'
import { readChartArchive } from '../../../../src/helm/chart/chart-archive.ts'
import { readLeaves } from '../../../../src/helm/chart/leaves.ts'
import { valuesFinder } from '../../../../src/relocation/find/written/values.ts'

async function find(values: string, more: Partial<ChartSpec> = {}): Promise<readonly string[]> {
  const { chart } = await readChartArchive(await buildChart({ name: 'web', values, ...more }))
  return [...valuesFinder.find(chart, readLeaves(chart))].map(({ reference }) => reference)
}

describe('valuesFinder', () => {
  it.each([
    [
      'registry, repository and tag',
      'image: {registry: quay.io, repository: acme/web, tag: "1.0"}',
      'quay.io/acme/web:1.0',
    ],
    ['a tag that YAML reads as a number', 'image:\n  repository: acme/web\n  tag: 1.10', 'acme/web:1.10'],
    ['an empty tag', 'image:\n  repository: acme/web\n  tag: ""', 'acme/web'],
    [
      'a digest without its algorithm',
      `image: {repository: acme/web, sha: ${'a'.repeat(64)}}`,
      `acme/web@sha256:${'a'.repeat(64)}`,
    ],
    ['a whole reference', 'sidecarImage: quay.io/acme/side:2', 'quay.io/acme/side:2'],
    ['an image with a tag beside it', 'image: acme/web\nimageTag: v3', 'acme/web:v3'],
    ['a whole reference under a key of any name', 'publicOne: icr.io/acme/plugin:1.2', 'icr.io/acme/plugin:1.2'],
    ['a name below images', 'images: {init: registry.example.com/acme/init}', 'registry.example.com/acme/init'],
    ['a list of references', 'images: [quay.io/a/b:1]', 'quay.io/a/b:1'],
    [
      'an image with a version beside it',
      'driver: {repository: nvcr.io/nvidia, image: driver, version: "5"}',
      'nvcr.io/nvidia/driver:5',
    ],
  ])('finds %s', async (_, values, reference) => {
    expect(await find(values)).toEqual([reference])
  })

  it.each([
    ['a git repository', 'git: {repository: "https://github.com/acme/web", branch: main}'],
    ['a pull policy', 'imagePullPolicy: Always'],
    ['a commented image', '# image: quay.io/acme/web:1\nreplicas: 1'],
    ['a template', 'image: "{{ .Values.other }}"'],
    ['an address', 'database: {host: "db.example.com/main:5432", url: "db.example.com/x:1"}'],
    ['a path of a site', 'site: example.com/some/page'],
    ['a name of something else', 'serviceAccount: {name: web, create: true}'],
  ])('does not take %s for an image', async (_, values) => {
    expect(await find(values)).toEqual([])
  })

  it('looks into subcharts, in folders and in archives', async () => {
    const subcharts: ChartSpec['subcharts'] = [
      { name: 'cache', values: 'image: {repository: acme/cache, tag: "1"}', as: 'folder' },
      { name: 'queue', values: 'image: {repository: acme/queue, tag: "1"}', as: 'archive' },
    ]
    expect(await find('image: {repository: acme/web, tag: "1"}', { subcharts })).toEqual([
      'acme/web:1',
      'acme/cache:1',
      'acme/queue:1',
    ])
  })

  it('has no opinion on a values file that is no text', async () => {
    const bytes = new Uint8Array([0x69, 0x6d, 0x3a, 0x20, 0xff, 0x0a])
    expect(await find('', { files: { 'values.yaml': bytes } })).toEqual([])
  })
})
