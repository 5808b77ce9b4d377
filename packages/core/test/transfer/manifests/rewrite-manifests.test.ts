import { describe, expect, it } from 'vitest'
import { isChartferryError } from '../../../src/errors.ts'
import { namingOf } from '../../../src/reference/naming.ts'
import { parseTarget } from '../../../src/reference/target.ts'
import { namingByRules, parseRules } from '../../../src/relocation/model/rule.ts'
import { imagesOfManifests } from '../../../src/transfer/manifests/find-in-stream.ts'
import { rewriteManifests } from '../../../src/transfer/manifests/rewrite-manifests.ts'

const naming = namingOf(parseTarget('r.corp/m'))

const stream = `---
# Source: web/templates/hook.yaml
apiVersion: batch/v1
kind: Job
metadata:
  name: setup
  annotations: {"helm.sh/hook": pre-install} # stays
spec:
  template:
    spec:
      containers:
        - {name: a, image: 'nginx:1.25', args: ["--sidecar-image=quay.io/acme/side:2", "nginx:1.25x"]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      initContainers:
      - image: "docker.io/library/busybox@sha256:${'a'.repeat(64)}"   # pinned
      ephemeralContainers: [{image: r.corp/m/there:1}]
---
{{ no yaml
`

describe('rewriteManifests', () => {
  it('renames images and leaves every other byte', () => {
    const { text, renamed, left } = rewriteManifests(stream, naming)
    expect(text).toBe(
      stream
        .replace("'nginx:1.25'", "'r.corp/m/library/nginx:1.25'")
        .replace('quay.io/acme/side:2', 'r.corp/m/acme/side:2')
        .replace('docker.io/library/busybox', 'r.corp/m/library/busybox'),
    )
    expect(renamed.map(({ resource, path, reference, to }) => [resource, path, reference, to])).toEqual([
      ['Job/setup', 'spec.template.spec.containers[0].image', 'nginx:1.25', 'r.corp/m/library/nginx:1.25'],
      ['Job/setup', 'spec.template.spec.containers[0].args[0]', 'quay.io/acme/side:2', 'r.corp/m/acme/side:2'],
      [
        'Deployment/web',
        'spec.template.spec.initContainers[0].image',
        `docker.io/library/busybox@sha256:${'a'.repeat(64)}`,
        `r.corp/m/library/busybox@sha256:${'a'.repeat(64)}`,
      ],
    ])
    expect(left).toEqual([])
    expect(rewriteManifests(text, naming)).toEqual({ text, renamed: [], changes: [], left: [], remarks: [] })
  })

  it('fails for an image that a rule denies', () => {
    const rules = parseRules('rules: [{match: quay.io/**, deny: not ours}]', 'rules.yaml')
    let thrown: unknown
    try {
      rewriteManifests(stream, namingByRules(rules, naming))
    } catch (error) {
      thrown = error
    }
    expect(isChartferryError(thrown, 'IMAGE_DENIED')).toBe(true)
  })

  it('says which images kustomize would reach', () => {
    expect(imagesOfManifests(stream).map(({ reference, isPodImage }) => [reference, isPodImage])).toEqual([
      ['nginx:1.25', true],
      ['quay.io/acme/side:2', false],
      [`docker.io/library/busybox@sha256:${'a'.repeat(64)}`, true],
      ['r.corp/m/there:1', false],
    ])
  })
})
