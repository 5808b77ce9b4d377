import { describe, expect, it } from 'vitest'
import { canonicalHost, mirrorPath } from '../../src/registry/mirror-path.ts'

const options = {
  registries: new Map([
    ['docker.io', 'docker.io'],
    ['registry.lab:5000', 'lab'],
    ['[::1]:5006', 'six'],
  ]),
  isOwn: (name: string) => name === 'local',
  dockerHub: true,
}
const path = (text: string, namespace?: string, more: object = {}): string =>
  mirrorPath(text.split('/'), namespace, { ...options, ...more }).join('/')

describe('mirrorPath', () => {
  it.each([
    // The path says it.
    ['v2/docker.io/library/nginx/manifests/1', undefined, 'v2/docker.io/library/nginx/manifests/1'],
    ['v2/docker.io/nginx/manifests/1', undefined, 'v2/docker.io/library/nginx/manifests/1'],
    ['v2/docker.io/nginx/tags/list', undefined, 'v2/docker.io/library/nginx/tags/list'],
    ['v2/lab/web/manifests/1', undefined, 'v2/lab/web/manifests/1'],
    ['v2/local/web/manifests/1', undefined, 'v2/local/web/manifests/1'],
    // containerd says it, with or without a path of its own.
    ['v2/library/nginx/manifests/1', 'docker.io', 'v2/docker.io/library/nginx/manifests/1'],
    ['v2/docker.io/library/nginx/manifests/1', 'docker.io', 'v2/docker.io/library/nginx/manifests/1'],
    ['v2/library/nginx/blobs/sha256:0', 'index.docker.io', 'v2/docker.io/library/nginx/blobs/sha256:0'],
    ['v2/library/nginx/blobs/sha256:0', 'docker.io:443', 'v2/docker.io/library/nginx/blobs/sha256:0'],
    ['v2/team/web/manifests/1', 'registry.lab:5000', 'v2/lab/team/web/manifests/1'],
    ['v2/team/web/manifests/1', '[::1]:5006', 'v2/six/team/web/manifests/1'],
    ['v2/team/web/manifests/1', 'quay.io', 'v2/team/web/manifests/1'],
    // Docker takes us for the Hub.
    ['v2/library/nginx/manifests/1', undefined, 'v2/docker.io/library/nginx/manifests/1'],
    ['v2/grafana/loki/manifests/1', undefined, 'v2/docker.io/grafana/loki/manifests/1'],
    // Not that of an image.
    ['v2', undefined, 'v2'],
    ['v2/token', undefined, 'v2/token'],
    ['local/index.yaml', undefined, 'local/index.yaml'],
  ])('takes %s with ns=%s as %s', (text, namespace, expected) => expect(path(text, namespace)).toBe(expected))

  it('leaves what has no registry alone where nobody takes us for the Hub', () => {
    expect(path('v2/library/nginx/manifests/1', undefined, { dockerHub: false })).toBe('v2/library/nginx/manifests/1')
  })
})

describe('canonicalHost', () => {
  it.each([
    ['Registry-1.docker.io', 'docker.io'],
    ['quay.io:443', 'quay.io'],
    ['quay.io:8443', 'quay.io:8443'],
  ])('takes %s as %s', (host, expected) => expect(canonicalHost(host)).toBe(expected))
})
