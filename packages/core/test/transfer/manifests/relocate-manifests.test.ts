import { describe, expect, it } from 'vitest'
import { namingOf } from '../../../src/reference/naming.ts'
import { parseTarget } from '../../../src/reference/target.ts'
import { imagesInFiles, relocateManifests } from '../../../src/transfer/manifests/relocate-manifests.ts'

const naming = namingOf(parseTarget('r.corp/m'))

/** A file with a pod, whose images these are. */
const pod = (path: string, ...images: readonly string[]) => ({
  path,
  text: `apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers:\n${images.map((image, at) => `  - {name: c${at}, image: "${image}"}\n`).join('')}`,
})

const kustomization = (folder: string, text: string) => ({ path: `${folder}/kustomization.yaml`, text })

const textsOf = (files: readonly { readonly path: string; readonly text: string }[]): Record<string, string> =>
  Object.fromEntries(files.map(({ path, text }) => [path, text]))

describe('relocateManifests', () => {
  it('renames an image wherever its text names it, in base64, behind anchors and twice in one text', () => {
    const encoded = (image: string): string => Buffer.from(`run --image=${image} now`).toString('base64')
    const text = (image: string, other: string): string =>
      `apiVersion: v1\nkind: Secret\nmetadata: {name: s}\ndata:\n  command: ${encoded(image)}\nstringData:\n  a: &a "--image=${image} --image=${image}"\n  b: *a\n---\napiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: c, image: '${other}'}]}\n`
    const { files, left } = relocateManifests([{ path: 's.yaml', text: text('quay.io/acme/web:2', 'nginx') }], naming)
    expect(left).toEqual([])
    expect(files[0]?.text).toBe(text('r.corp/m/acme/web:2', 'r.corp/m/library/nginx'))
  })

  it('keeps a byte order mark, and YAML that is no object', () => {
    const given = [
      {
        path: 'a.json',
        text: `\uFEFF{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": {"containers": [{"name": "c", "image": "nginx:1"}]}}`,
      },
      { path: 'compose.yaml', text: 'services: {web: {image: nginx:1}}\n' },
      { path: 'broken.yaml', text: '{{ if }}\n' },
    ]
    const texts = textsOf(relocateManifests(given, naming).files)
    expect(texts['a.json']).toBe(given[0]?.text.replace('nginx:1', 'r.corp/m/library/nginx:1'))
    expect(texts['compose.yaml']).toBe(given[1]?.text)
    expect(texts['broken.yaml']).toBe(given[2]?.text)
  })

  it('moves a stand-in only where some way of building leaves it', () => {
    const base = [pod('base/pod.yaml', 'controller:latest'), kustomization('base', 'resources: [pod.yaml]\n')]
    const prod = kustomization(
      'prod',
      'resources: [../base]\nimages: [{name: controller, newName: quay.io/acme/c, newTag: "1"}]\n',
    )
    const kept = relocateManifests([...base, prod], naming)
    expect(kept.images.map(({ from, to }) => [from, to])).toEqual([['quay.io/acme/c:1', 'r.corp/m/acme/c:1']])
    expect(textsOf(kept.files)['base/pod.yaml']).toBe(base[0]?.text)
    expect(textsOf(kept.files)['prod/kustomization.yaml']).toContain('{name: controller, newName: r.corp/m/acme/c,')

    const both = relocateManifests([...base, prod, kustomization('dev', 'resources: [../base]\n')], naming)
    expect(both.images.map(({ from }) => from)).toEqual(['controller:latest', 'quay.io/acme/c:1'])
    expect(textsOf(both.files)['base/pod.yaml']).toContain('r.corp/m/library/controller:latest')
    expect(textsOf(both.files)['prod/kustomization.yaml']).toContain('{name: r.corp/m/library/controller, newName:')
    expect(both.left).toEqual([])
  })

  it('applies the entries of a component to what includes it', () => {
    const files = [
      pod('base/pod.yaml', 'nginx:1'),
      kustomization('base', 'resources: [pod.yaml]\n'),
      kustomization('parts', 'kind: Component\nimages: [{name: nginx, newTag: "2"}]\n'),
      kustomization('prod', 'resources: [../base]\ncomponents: [../parts]\n'),
    ]
    expect(imagesInFiles(files).images.map(({ from }) => from)).toEqual(['nginx:2'])
    const { files: moved, left } = relocateManifests(files, naming)
    expect(left).toEqual([])
    expect(imagesInFiles(moved).images.map(({ from }) => from)).toEqual(['r.corp/m/library/nginx:2'])
  })

  it('names the entry that would be for more than before, and what is not in the folder', () => {
    const files = [
      pod('base/pod.yaml', 'nginx:1', 'docker.io/library/nginx:1'),
      kustomization('base', 'resources: [pod.yaml]\nimages: [{name: nginx, newTag: "2"}]\n'),
    ]
    // Before, the entry is for one spelling; both have one name at the target.
    expect(imagesInFiles(files).images.map(({ from }) => from)).toEqual(['docker.io/library/nginx:1', 'nginx:2'])
    expect(relocateManifests(files, naming).left.join()).toContain(
      'kustomize would make r.corp/m/library/nginx:2 of it',
    )
    const { left } = imagesInFiles([
      kustomization('.', 'resources: [../base, "https://github.com/acme/web?ref=v1"]\nhelmCharts: [{name: web}]\n'),
    ])
    expect(left).toHaveLength(3)
  })
})
