// What the structure of charts does to images: text blocks, anchors, subcharts, guards, checksums; with real helm as the judge.
import { readChartArchive, relocate } from '@chartferry/core'
import { expect, it } from 'vitest'
import { buildArchive } from '../../kit/charts.ts'
import { expectMoved, podOf, renderText, type Shape, shapeTarget } from '../../kit/shapes.ts'
import { describeWithTools } from '../../kit/tools.ts'

const at = 'reg.corp:5000/mirror'
const composed = '"{{ .Values.image.registry }}/{{ .Values.image.repository }}:{{ .Values.image.tag }}"'

const shapes: Readonly<Record<string, Shape>> = {
  'an image in a block of text that is a template': {
    chart: {
      name: 'web',
      values: `name: web
extraDeploy:
  - |
    apiVersion: v1
    kind: Pod
    metadata: {name: "{{ .Release.Name }}-extra"}
    spec: {containers: [{name: a, image: "quay.io/acme/{{ .Values.name }}:1"}, {name: b, image: acme/b:2}]}
affinity: |
  podAntiAffinity: {preferred: "{{ .Release.Name }}"}
`,
      templates: { 'a.yaml': '{{ range .Values.extraDeploy }}{{ tpl . $ }}{{ end }}' },
    },
    moves: { 'quay.io/': `${at}/`, 'image: acme/b': `image: ${at}/acme/b` },
    keeps: ['podAntiAffinity: {preferred: "{{ .Release.Name }}"}'],
  },
  'a remark that names an image': {
    chart: {
      name: 'web',
      values:
        'image: quay.io/acme/web:1\n# image: busybox:glibc\n# initImage: quay.io/acme/init:1\nextra: [] # e.g. quay.io/acme/x:1\n',
      templates: { 'pod.yaml': podOf('{{ .Values.image }}') },
    },
    moves: { 'quay.io/acme/web': `${at}/acme/web` },
    keeps: ['# image: busybox:glibc\n# initImage: quay.io/acme/init:1\nextra: [] # e.g. quay.io/acme/x:1'],
  },
  'keys that only sound like images': {
    chart: {
      name: 'web',
      values: `image: quay.io/acme/web:1
repository: repo-1
git: {repository: "https://github.com/acme/web.git", tag: v1}
imageRenderer: {enabled: "true"}
imagePullPolicy: IfNotPresent
iconImage: https://example.com/a.png
`,
      templates: {
        'pod.yaml': `${podOf('{{ .Values.image }}')}      imagePullPolicy: {{ .Values.imagePullPolicy }}\n`,
        'c.yaml':
          'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {repository: "{{ .Values.repository }}", git: "{{ .Values.git.repository }}#{{ .Values.git.tag }}", renderer: "{{ .Values.imageRenderer.enabled }}", icon: "{{ .Values.iconImage }}"}\n',
      },
    },
    moves: { 'quay.io/': `${at}/` },
    keeps: ['repository: repo-1', 'https://github.com/acme/web.git', 'https://example.com/a.png'],
  },
  'anchors, aliases and merged maps': {
    chart: {
      name: 'web',
      values:
        'a: {image: &img "quay.io/acme/web:1"}\nb: {image: *img}\nbase: &base {registry: ghcr.io, repository: acme/c, tag: "1"}\nc:\n  <<: *base\n  tag: "2"\n',
      templates: {
        'pod.yaml': podOf(
          '{{ .Values.a.image }}',
          '{{ .Values.b.image }}',
          '{{ .Values.c.registry }}/{{ .Values.c.repository }}:{{ .Values.c.tag }}',
        ),
      },
    },
    moves: { 'quay.io/': `${at}/`, 'ghcr.io/': `${at}/` },
    keeps: ['b: {image: *img}', '  <<: *base'],
  },
  "a parent's values over those of its subchart, and the subchart's own": {
    chart: {
      name: 'shop',
      values: 'web: {image: {repository: ghcr.io/acme/web}}\n',
      subcharts: [
        {
          as: 'archive',
          name: 'web',
          values: 'image: {repository: docker.io/acme/web, tag: "1"}\n',
          templates: { 'pod.yaml': podOf('"{{ .Values.image.repository }}:{{ .Values.image.tag }}"') },
        },
      ],
    },
    moves: { 'ghcr.io/': `${at}/` },
  },
  'one subchart under two names': {
    chart: {
      name: 'shop',
      metadata: 'dependencies:\n  - {name: redis, version: 1.0.0}\n  - {name: redis, version: 1.0.0, alias: cache}\n',
      values: 'cache: {image: {tag: "2"}}\n',
      subcharts: [
        {
          as: 'archive',
          name: 'redis',
          values: 'image: {registry: quay.io, repository: acme/redis, tag: "1"}\n',
          templates: { 'pod.yaml': podOf(composed) },
        },
      ],
    },
    moves: { 'quay.io/': `${at}/` },
  },
  'a guard that knows only one registry': {
    chart: {
      name: 'web',
      values:
        'global: {security: {allowInsecureImages: false}}\nimage: {registry: docker.io, repository: bitnami/web, tag: "1"}\n',
      templates: {
        'pod.yaml': `{{ if and (ne .Values.image.registry "docker.io") (not .Values.global.security.allowInsecureImages) }}{{ fail "unknown images: set global.security.allowInsecureImages" }}{{ end }}${podOf(composed)}`,
      },
    },
    moves: { 'docker.io/': `${at}/` },
  },
  'a helper that puts a registry in front of whatever the values say': {
    chart: {
      name: 'web',
      values: 'global: {registry: ""}\nimage: {repository: acme/web, tag: "1"}\n',
      templates: {
        'pod.yaml': podOf(
          '{{ if .Values.global.registry }}{{ .Values.global.registry }}{{ else }}docker.io{{ end }}/{{ .Values.image.repository }}:{{ .Values.image.tag }}',
        ),
      },
    },
    moves: { 'docker.io/acme': `${at}/acme` },
    keeps: ['global: {registry: ""}\nimage: {repository: acme/web, tag: "1"}'],
  },
  'a tag that depends on the version of Kubernetes': {
    chart: {
      name: 'web',
      values: 'kubectl: {registry: registry.k8s.io, repository: kubectl, tag: ""}\n',
      templates: {
        'pod.yaml': podOf(
          '{{ with .Values.kubectl }}{{ .registry }}/{{ .repository }}:{{ .tag | default (printf "v%s.%s.0" $.Capabilities.KubeVersion.Major $.Capabilities.KubeVersion.Minor) }}{{ end }}',
        ),
      },
    },
    moves: { 'registry.k8s.io/': `${at}/` },
    keeps: ['tag: ""'],
    options: { context: { kubeVersion: '1.30.0', alsoKubeVersions: ['1.31.0', '1.32.0'] } },
  },
}

describeWithTools('relocate moves', ['helm3'], ({ helm3 }) => {
  it.each(Object.keys(shapes))('%s', async (name) => {
    const { plan } = await expectMoved(helm3, shapes[name] as Shape)
    expect(plan.unresolved).toEqual([])
  })

  it('each tag that a version of Kubernetes gives', async () => {
    const { plan } = await expectMoved(helm3, shapes['a tag that depends on the version of Kubernetes'] as Shape)
    expect(plan.images.map(({ from }) => from)).toEqual(
      ['30', '31', '32'].map((minor) => `registry.k8s.io/kubectl:v1.${minor}.0`),
    )
  })

  it('the last of duplicate entries, which is the one that Helm reads', async () => {
    const original = await readChartArchive(
      await buildArchive([
        { name: 'web/Chart.yaml', data: 'apiVersion: v2\nname: web\nversion: 1.0.0\n' },
        { name: 'web/values.yaml', data: 'image: quay.io/acme/first:1\n' },
        { name: 'web/templates/pod.yaml', data: podOf('{{ .Values.image }}') },
        { name: 'web/values.yaml', data: 'image: quay.io/acme/last:1\n' },
      ]),
    )
    const { archive, proof } = await relocate(original, { to: shapeTarget })
    expect(proof.status).toBe('proven')
    expect(await renderText(helm3, archive)).toContain(`${at}/acme/last:1`)
    const values = archive.entries.filter(({ path }) => path.endsWith('values.yaml'))
    expect(values.map(({ data }) => Buffer.from(data).toString())).toEqual([
      'image: quay.io/acme/first:1\n',
      `image: ${at}/acme/last:1\n`,
    ])
  })

  it('a checksum of a file that names an image, which follows it', async () => {
    const config = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {image: "{{ .Values.side }}"}\n'
    const original = await readChartArchive(
      await buildArchive([
        { name: 'web/Chart.yaml', data: 'apiVersion: v2\nname: web\nversion: 1.0.0\n' },
        { name: 'web/values.yaml', data: 'side: quay.io/acme/side:1\n' },
        { name: 'web/templates/c.yaml', data: config },
        {
          name: 'web/templates/pod.yaml',
          data: podOf('quay.io/acme/web:1').replace(
            'metadata:',
            'metadata:\n  annotations: {checksum/config: {{ include (print $.Template.BasePath "/c.yaml") . | sha256sum }}}',
          ),
        },
      ]),
    )
    const { archive, proof } = await relocate(original, { to: shapeTarget })
    expect(proof).toMatchObject({ status: 'proven', derived: 1 })
    const text = await renderText(helm3, archive)
    expect(text).not.toContain('quay.io')
    expect(/checksum\/config: (\w+)/.exec(text)?.[1]).not.toBe(
      /checksum\/config: (\w+)/.exec(await renderText(helm3, original))?.[1],
    )
  })
})
