import { describe, expect, it } from 'vitest'
import { formatPath } from '../../../../src/helm/yaml/path.ts'
import { imagesInManifests } from '../../../../src/relocation/find/rendered/manifests.ts'

function find(text: string): readonly string[] {
  const uses = [...imagesInManifests([{ source: 'web/templates/a.yaml', text }])]
  return uses.map((use) => `${use.resource} ${formatPath(use.path)} ${use.reference}`)
}

describe('imagesInManifests', () => {
  it('finds the images of a pod spec at any depth', () => {
    const text = `
kind: CronJob
metadata: {name: nightly}
spec:
  jobTemplate:
    spec:
      template:
        spec:
          initContainers: [{name: a, image: busybox}]
          containers: [{name: b, image: "quay.io/acme/web:1"}]
`
    const pod = 'CronJob/nightly spec.jobTemplate.spec.template.spec'
    expect(find(text)).toEqual([
      `${pod}.initContainers[0].image busybox`,
      `${pod}.containers[0].image quay.io/acme/web:1`,
    ])
  })

  it('finds image volumes', () => {
    const text =
      'kind: Pod\nmetadata: {name: p}\nspec: {volumes: [{name: v, image: {reference: "quay.io/acme/data:1"}}]}'
    expect(find(text)).toEqual(['Pod/p spec.volumes[0].image.reference quay.io/acme/data:1'])
  })

  it('finds image fields of custom resources', () => {
    const text =
      'kind: Prometheus\nmetadata: {name: p}\nspec: {image: "quay.io/prometheus/prometheus:v3", logLevel: info}'
    expect(find(text)).toEqual(['Prometheus/p spec.image quay.io/prometheus/prometheus:v3'])
  })

  it('reads every document of a text', () => {
    const pod = (name: string) =>
      `kind: Pod\nmetadata: {name: ${name}}\nspec: {containers: [{image: "acme/${name}:1"}]}\n`
    expect(find(`${pod('a')}---\n${pod('b')}`)).toHaveLength(2)
  })

  it.each([
    ['data of a ConfigMap', 'kind: ConfigMap\ndata: {image: "quay.io/acme/web:1"}'],
    ['a schema', 'kind: CustomResourceDefinition\nspec: {image: "quay.io/acme/web:1"}'],
    ['an image that is no reference', 'kind: Page\nspec: {image: "https://example.com/logo.png"}'],
    ['text that is no YAML', 'image: [quay.io/acme'],
  ])('leaves out %s', (_, text) => {
    expect(find(text)).toEqual([])
  })
})
