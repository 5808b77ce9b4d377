import { describe, expect, it } from 'vitest'
import { isChartferryError } from '../../../src/errors.ts'
import { parseYaml } from '../../../src/helm/yaml/parse.ts'
import type { EmittedImage } from '../../../src/transfer/emit/emission.ts'
import { type EmitOptions, emitImages, type ImageFormat, mergerOf } from '../../../src/transfer/emit/image-formats.ts'

const digest = `sha256:${'a'.repeat(64)}`
const images: readonly EmittedImage[] = [
  { from: 'nginx:1.25', to: 'r.corp:5000/mirror/library/nginx:1.25' },
  { from: 'grafana/grafana:11', to: 'r.corp:5000/mirror/grafana/grafana:11' },
  { from: `quay.io:443/acme/web.x@${digest}`, to: `r.corp:5000/mirror/acme/web.x@${digest}` },
]
const emit = (format: ImageFormat, list = images, options: Partial<EmitOptions> = {}) =>
  emitImages(format, list, { name: 'web', ...options })
const textOf = (format: ImageFormat, list = images, options: Partial<EmitOptions> = {}): string =>
  emit(format, list, options).files[0]?.text ?? ''
const yamlOf = (format: ImageFormat, list = images, options: Partial<EmitOptions> = {}): unknown =>
  JSON.parse(JSON.stringify(parseYaml(textOf(format, list, options))))

function codeOf(work: () => unknown): string | undefined {
  try {
    work()
  } catch (error) {
    return isChartferryError(error) ? error.code : String(error)
  }
  return undefined
}

describe('images: of a kustomization', () => {
  it('has an entry a spelling of Docker Hub, escaped, with the new name alone', () => {
    const hub = { newName: 'r.corp:5000/mirror/library/nginx' }
    expect(yamlOf('kustomize', images.slice(0, 1))).toEqual({
      images: [
        { name: 'nginx', ...hub },
        { name: 'library/nginx', ...hub },
        { name: 'docker\\.io/nginx', ...hub },
        { name: 'docker\\.io/library/nginx', ...hub },
        { name: 'index\\.docker\\.io/nginx', ...hub },
        { name: 'index\\.docker\\.io/library/nginx', ...hub },
      ],
    })
    expect(yamlOf('kustomize', images.slice(2))).toEqual({
      images: [{ name: 'quay\\.io:443/acme/web\\.x', newName: 'r.corp:5000/mirror/acme/web.x' }],
    })
  })

  it('puts the old name first that is the new name of another', () => {
    const chain = [
      { from: 'a.io/x:1', to: 'b.io/x:1' },
      { from: 'b.io/x:1', to: 'c.io/x:1' },
    ]
    expect(yamlOf('kustomize', chain)).toEqual({
      images: [
        { name: 'b\\.io/x', newName: 'c.io/x' },
        { name: 'a\\.io/x', newName: 'b.io/x' },
      ],
    })
    const circle = [...chain.slice(0, 1), { from: 'b.io/x:1', to: 'a.io/x:1' }]
    expect(codeOf(() => emit('kustomize', circle))).toBe('NOT_EXPRESSED')
  })

  it('writes tag and digest where an image is pinned, and names what one entry cannot pin', () => {
    const pinned = { from: 'a.io/x:1', to: `r.corp/x:1@${digest}` }
    expect(yamlOf('kustomize', [pinned])).toEqual({
      images: [{ name: 'a\\.io/x', newName: 'r.corp/x', newTag: '1', digest }],
    })
    const several = emit('kustomize', [pinned, { from: 'a.io/x:2', to: 'r.corp/x:2' }])
    expect(several.notExpressed).toEqual([expect.stringContaining('a.io/x: its tags get several')])
  })

  it('leaves out what stays, and names tags of one repository that part', () => {
    expect(yamlOf('kustomize', [{ from: 'a.io/x:1', to: 'a.io/x:1' }])).toEqual({ images: [] })
    const parted = [
      { from: 'a.io/x:1', to: 'r.corp/x:1' },
      { from: 'a.io/x:2', to: 'r.corp/old/x:2' },
    ]
    expect(emit('kustomize', parted).notExpressed).toEqual([
      'a.io/x: its tags go to r.corp/old/x and r.corp/x, and only repositories can be renamed',
    ])
  })

  it('names places that kustomize does not look into', () => {
    const places = [
      'Deployment/web spec.template.spec.containers[0].image',
      'Deployment/web spec.template.spec.containers[0].args[1]',
      'Pod/web spec.volumes[0].image.reference',
      'Pod/web spec.ephemeralContainers[0].image',
    ]
    expect(emit('kustomize', [{ from: 'a.io/x:1', to: 'r.corp/x:1', places }]).notExpressed).toEqual([
      'a.io/x:1: kustomize does not look into Deployment/web spec.template.spec.containers[0].args[1]',
      'a.io/x:1: kustomize does not look into Pod/web spec.ephemeralContainers[0].image',
    ])
  })
})

describe('hosts.toml', () => {
  it('has `server` first, one table a mirror, capabilities that every version knows, and paths below /v2', () => {
    const { files, notExpressed } = emit('hosts')
    expect(files).toEqual([
      {
        path: 'docker.io/hosts.toml',
        text: `server = "https://registry-1.docker.io"

[host."https://r.corp:5000/v2/mirror"]
  capabilities = ["pull", "resolve"]
  override_path = true
`,
      },
      {
        path: 'quay.io_443_/hosts.toml',
        text: `server = "https://quay.io:443"

[host."https://r.corp:5000/v2/mirror"]
  capabilities = ["pull", "resolve"]
  override_path = true
`,
      },
    ])
    expect(notExpressed).toEqual([])
  })

  it('says `mirror or nothing` by server and host alike, and how the mirror itself is spoken to', () => {
    const { files } = emit('hosts', [{ from: 'nginx:1', to: 'r.corp:5000/library/nginx:1' }], {
      mirrorOnly: true,
      plainHttp: true,
    })
    const text = `server = "http://r.corp:5000"

[host."http://r.corp:5000"]
  capabilities = ["pull", "resolve"]
`
    expect(files).toEqual([
      { path: 'docker.io/hosts.toml', text },
      { path: 'r.corp_5000_/hosts.toml', text },
    ])
  })

  it('trusts a certificate by its path, also under the name of the mirror', () => {
    const { files } = emit('hosts', images.slice(0, 1), { caFile: '/etc/ca.pem' })
    expect(files.map(({ path }) => path)).toEqual(['docker.io/hosts.toml', 'r.corp_5000_/hosts.toml'])
    for (const { text } of files) expect(text).toContain('  ca = "/etc/ca.pem"\n')
  })

  it('names what no mirror of a registry finds, and refuses addresses of IPv6', () => {
    expect(emit('hosts', [{ from: 'a.io/x/y:1', to: 'r.corp/x-y:1' }])).toEqual({
      files: [],
      notExpressed: ['a.io/x/y: containerd cannot find it as r.corp/x-y'],
    })
    expect(emit('hosts', [{ from: 'a.io/x:1', to: 'r.corp/x:2' }]).notExpressed).toEqual([
      'a.io/x:1: a mirror does not change its tag to 2',
    ])
    expect(codeOf(() => emit('hosts', [{ from: 'a.io/x:1', to: '[::1]:5000/x:1' }]))).toBe('USAGE')
  })
})

describe('registries.conf', () => {
  it('has prefix and location, no scheme, and insecure for http', () => {
    expect(textOf('registries', images.slice(0, 1), { plainHttp: true })).toBe(`[[registry]]
prefix = "docker.io"
location = "docker.io"

[[registry.mirror]]
location = "r.corp:5000/mirror"
insecure = true
`)
  })

  it('says `mirror or nothing` by blocked, and finds single repositories', () => {
    expect(textOf('registries', [{ from: 'a.io/x/y:1', to: 'r.corp/x-y:1' }], { mirrorOnly: true })).toBe(`[[registry]]
prefix = "a.io/x/y"
location = "a.io/x/y"
blocked = true

[[registry.mirror]]
location = "r.corp/x-y"
`)
    expect(codeOf(() => emit('registries', [{ from: 'a.io/x:1', to: '[::1]:5000/x:1' }]))).toBe('USAGE')
  })

  it('replaces its own entries in a file that is there, and keeps every other line', () => {
    const existing = `# ours
unqualified-search-registries = ["quay.io"]

[[registry]]
location = "docker.io"
[[registry.mirror]]
location = "old.corp"

[[registry]]
prefix = "ghcr.io"
location = "ghcr.io"
[[registry.mirror]]
location = "other.corp/ghcr"

[aliases]
"web" = "quay.io/acme/web"
`
    const merged = mergerOf('web.conf')?.(existing, textOf('registries', images.slice(0, 1)), 'web.conf')
    expect(merged).toBe(`# ours
unqualified-search-registries = ["quay.io"]

[[registry]]
prefix = "ghcr.io"
location = "ghcr.io"
[[registry.mirror]]
location = "other.corp/ghcr"

[aliases]
"web" = "quay.io/acme/web"

[[registry]]
prefix = "docker.io"
location = "docker.io"

[[registry.mirror]]
location = "r.corp:5000/mirror"
`)
  })
})

describe('registries.yaml', () => {
  it('adds paths by one rewrite, not in the endpoint', () => {
    expect(yamlOf('k3s-registries', images.slice(0, 2), { caFile: '/etc/ca.pem' })).toEqual({
      mirrors: { 'docker.io': { endpoint: ['https://r.corp:5000'], rewrite: { '^(.*)$': 'mirror/$1' } } },
      configs: { 'r.corp:5000': { tls: { ca_file: '/etc/ca.pem' } } },
    })
  })

  it('has a rewrite a repository where one goes elsewhere, so that no two match one name', () => {
    const list = [...images.slice(0, 2), { from: 'bitnami/redis:7', to: 'r.corp:5000/redis:7' }]
    expect(yamlOf('k3s-registries', list)).toEqual({
      mirrors: {
        'docker.io': {
          endpoint: ['https://r.corp:5000'],
          rewrite: {
            '^bitnami/redis$': 'redis',
            '^grafana/grafana$': 'mirror/grafana/grafana',
            '^library/nginx$': 'mirror/library/nginx',
          },
        },
      },
    })
  })

  it('says `mirror or nothing` where k3s and rke2 read it', () => {
    expect(emit('k3s-registries', images, { mirrorOnly: true }).files[1]).toEqual({
      path: 'config.yaml.d/web.yaml',
      text: 'disable-default-registry-endpoint: true\n',
    })
  })

  it('goes into a file that is there and keeps what others wrote', () => {
    const ours = textOf('k3s-registries', images.slice(0, 1))
    const merge = mergerOf('registries.yaml')
    const configs = '# logins\nconfigs:\n  "x.corp": {auth: {username: u}}\n'
    expect(merge?.(configs, ours, 'registries.yaml')).toBe(configs + ours)
    expect(
      JSON.parse(JSON.stringify(parseYaml(merge?.(`mirrors: {ghcr.io: {endpoint: [a]}}\n${configs}`, ours, '') ?? ''))),
    ).toEqual({
      mirrors: {
        'ghcr.io': { endpoint: ['a'] },
        'docker.io': { endpoint: ['https://r.corp:5000'], rewrite: { '^(.*)$': 'mirror/$1' } },
      },
      configs: { 'x.corp': { auth: { username: 'u' } } },
    })
    expect(codeOf(() => merge?.('[a]', ours, 'registries.yaml'))).toBe('YAML_INVALID')
  })
})

describe('daemon.json', () => {
  const hub = [{ from: 'nginx:1', to: 'r.corp:5000/library/nginx:1' }]

  it('has mirrors of Docker Hub without a path, and names all else', () => {
    expect(JSON.parse(textOf('docker', hub, { plainHttp: true }))).toEqual({
      'registry-mirrors': ['http://r.corp:5000'],
      'insecure-registries': ['r.corp:5000'],
    })
    expect(emit('docker').notExpressed).toEqual([
      'quay.io:443: dockerd has mirrors of Docker Hub alone',
      'docker.io: a mirror below a path (r.corp:5000/mirror) keeps dockerd before 28 from starting',
    ])
    expect(emit('docker', hub, { mirrorOnly: true }).notExpressed).toEqual([
      'docker.io: dockerd asks Docker Hub when the mirror fails; only the network can forbid that',
    ])
  })

  it('keeps the settings that are there', () => {
    const existing = '{"data-root": "/d", "registry-mirrors": ["https://old.corp/", "https://r.corp:5000/"]}'
    const merged = mergerOf('daemon.json')?.(existing, textOf('docker', hub), 'daemon.json') ?? ''
    expect(JSON.parse(merged)).toEqual({
      'data-root': '/d',
      'registry-mirrors': ['https://r.corp:5000', 'https://old.corp/'],
    })
    expect(codeOf(() => mergerOf('daemon.json')?.('{,}', '{}', 'daemon.json'))).toBe('CONFIG_INVALID')
  })
})

describe('mirror sets of OpenShift', () => {
  it.each([
    ['idms', 'ImageDigestMirrorSet', 'imageDigestMirrors'],
    ['itms', 'ImageTagMirrorSet', 'imageTagMirrors'],
  ] as const)('%s says whether the source may be asked', (format, kind, list) => {
    expect(yamlOf(format, images.slice(0, 1), { mirrorOnly: true })).toEqual({
      apiVersion: 'config.openshift.io/v1',
      kind,
      metadata: { name: 'web' },
      spec: {
        [list]: [{ source: 'docker.io', mirrors: ['r.corp:5000/mirror'], mirrorSourcePolicy: 'NeverContactSource' }],
      },
    })
    expect(textOf(format)).toContain('AllowContactingSource')
  })
})

describe('snippets of Flux and Argo CD', () => {
  it('hold the entries where these read them', () => {
    const entry = { name: 'quay\\.io:443/acme/web\\.x', newName: 'r.corp:5000/mirror/acme/web.x' }
    expect(yamlOf('flux', images.slice(2))).toMatchObject({
      kind: 'HelmRelease',
      spec: { postRenderers: [{ kustomize: { images: [entry] } }] },
    })
    expect(yamlOf('argocd-kustomize', images.slice(2))).toMatchObject({
      kind: 'Application',
      spec: { source: { kustomize: { images: [`${entry.name}=${entry.newName}`] } } },
    })
    expect(yamlOf('component', images.slice(2))).toMatchObject({ kind: 'Component', images: [entry] })
  })
})

describe('lists', () => {
  it('plain: an image and its new name a line', () => {
    expect(textOf('list', images.slice(0, 1))).toBe('nginx:1.25 r.corp:5000/mirror/library/nginx:1.25\n')
  })

  it('hauler: the full name, and the path under which it is served', () => {
    expect(yamlOf('hauler', images.slice(0, 1))).toMatchObject({
      apiVersion: 'content.hauler.cattle.io/v1',
      kind: 'Images',
      spec: { images: [{ name: 'docker.io/library/nginx:1.25', rewrite: 'mirror/library/nginx:1.25' }] },
    })
  })

  it('hauler: a digest gets a tag, and a path that could be a host gets one', () => {
    const digest = `sha256:${'c'.repeat(64)}`
    const list = [
      { from: `quay.io/acme/web@${digest}`, to: `r.corp:5000/mirror/acme/web@${digest}` },
      { from: 'quay.io/acme/api:1', to: 'r.corp:5000/quay.io/acme/api:1' },
    ]
    expect(yamlOf('hauler', list)).toMatchObject({
      spec: {
        images: [{ rewrite: 'mirror/acme/web:digest-cccccccccccc' }, { rewrite: 'r.corp:5000/quay.io/acme/api:1' }],
      },
    })
  })

  it('zarf: the names that images come from', () => {
    expect(yamlOf('zarf', images.slice(0, 1))).toEqual({
      kind: 'ZarfPackageConfig',
      metadata: { name: 'web' },
      components: [{ name: 'web', required: true, images: ['docker.io/library/nginx:1.25'] }],
    })
  })

  it('CycloneDX: containers with a package URL', () => {
    expect(JSON.parse(textOf('cyclonedx', images.slice(1)))).toMatchObject({
      bomFormat: 'CycloneDX',
      specVersion: '1.6',
      components: [
        {
          type: 'container',
          name: 'r.corp:5000/mirror/grafana/grafana',
          version: '11',
          purl: 'pkg:oci/grafana?repository_url=r.corp:5000/mirror/grafana/grafana&tag=11',
        },
        {
          version: digest,
          hashes: [{ alg: 'SHA-256', content: 'a'.repeat(64) }],
          purl: `pkg:oci/web.x@sha256%3A${'a'.repeat(64)}?repository_url=r.corp:5000/mirror/acme/web.x`,
        },
      ],
    })
  })

  it('kOps: canonical and download names', () => {
    expect(textOf('kops', images.slice(0, 1))).toBe(
      'images:\n- canonical: nginx:1.25\n  download: r.corp:5000/mirror/library/nginx:1.25\n',
    )
  })
})
