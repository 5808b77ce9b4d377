// Images that charts compose from their values, in every way of the field, with real helm as the judge.
import { expect, it } from 'vitest'
import { expectMoved, podOf, type Shape } from '../../kit/shapes.ts'
import { describeWithTools } from '../../kit/tools.ts'

const sha = 'a'.repeat(64)
const other = 'b'.repeat(64)
const at = 'reg.corp:5000/mirror'

/** The helper of a whole family of charts: a digest wins over a tag, and one registry over all. */
const family = `{{- define "image" -}}
{{- $registry := .image.registry -}}
{{- if and .global .global.imageRegistry }}{{ $registry = .global.imageRegistry }}{{ end -}}
{{- $end := ternary (printf "@%s" (toString .image.digest)) (printf ":%s" (toString .image.tag)) (not (empty .image.digest)) -}}
{{- printf "%s/%s%s" $registry .image.repository $end -}}
{{- end -}}
`
const familyImage = (path: string): string =>
  `{{ include "image" (dict "image" .Values.${path} "global" .Values.global) }}`

const shapes: Readonly<Record<string, Shape>> = {
  'registry, repository, tag and digest, the digest winning': {
    chart: {
      name: 'web',
      values: `image:\n  registry: docker.io\n  repository: acme/redis\n  tag: "7.4"\n  digest: sha256:${sha}\n`,
      templates: { '_h.tpl': family, 'pod.yaml': podOf(familyImage('image')) },
    },
    moves: { 'docker.io/acme/redis': `${at}/acme/redis` },
    also: ['image: {digest: ""}'],
    keeps: [`digest: sha256:${sha}`, 'tag: "7.4"'],
  },
  'an empty registry over all stays empty where images come from several': {
    chart: {
      name: 'web',
      values: `global: {imageRegistry: ""}\na: {registry: docker.io, repository: acme/a, tag: "1", digest: ""}\nb: {registry: quay.io, repository: acme/b, tag: "2", digest: ""}\n`,
      templates: { '_h.tpl': family, 'pod.yaml': podOf(familyImage('a'), familyImage('b')) },
    },
    moves: { 'docker.io/acme/a': `${at}/acme/a`, 'quay.io/acme/b': `${at}/acme/b` },
    keeps: ['global: {imageRegistry: ""}'],
  },
  'a registry alone where a name is expected, and that nothing prints': {
    chart: {
      name: 'web',
      values: 'main: quay.io/acme/web:1\nlegacy: {image: {repository: registry.ng.example.net, name: x, tag: ""}}\n',
      templates: { 'pod.yaml': podOf('{{ .Values.main }}') },
    },
    moves: { 'quay.io/': `${at}/` },
    keeps: [`legacy: {image: {repository: ${at}, name: x, tag: ""}}`],
  },
  'a registry over all that is set': {
    chart: {
      name: 'web',
      values: `global: {imageRegistry: quay.io}\na: {registry: docker.io, repository: acme/a, tag: "1", digest: ""}\nb: {registry: ghcr.io, repository: acme/b, tag: "2", digest: ""}\n`,
      templates: { '_h.tpl': family, 'pod.yaml': podOf(familyImage('a'), familyImage('b')) },
    },
    moves: { 'quay.io/acme': `${at}/acme` },
  },
  'a repository that carries its host, with a tag from appVersion': {
    chart: {
      name: 'web',
      metadata: { appVersion: 'v2.9.1' },
      values: 'global: {image: {repository: quay.io/argoproj/argocd, tag: ""}}\n',
      templates: {
        'pod.yaml': podOf(
          '{{ .Values.global.image.repository }}:{{ default .Chart.AppVersion .Values.global.image.tag }}',
        ),
      },
    },
    moves: { 'quay.io/argoproj': `${at}/argoproj` },
    keeps: ['tag: ""'],
  },
  'an empty repository that inherits stays empty': {
    chart: {
      name: 'web',
      values: 'global: {image: {repository: quay.io/a/cd, tag: v1}}\ncontroller: {image: {repository: "", tag: ""}}\n',
      templates: {
        'pod.yaml': podOf(
          '{{ default .Values.global.image.repository .Values.controller.image.repository }}:{{ default .Values.global.image.tag .Values.controller.image.tag }}',
        ),
      },
    },
    moves: { 'quay.io/a/cd': `${at}/a/cd` },
    keeps: ['controller: {image: {repository: "", tag: ""}}'],
  },
  'null leaves that a coalesce passes over': {
    chart: {
      name: 'web',
      values: `global: {image: {registry: null}}
tempo: {image: {registry: docker.io, repository: acme/tempo, tag: "2"}}
ingester: {image: {registry: null, repository: null, tag: null}}
cache: {image: {registry: quay.io, repository: acme/cache, tag: "1"}}
`,
      templates: {
        '_h.tpl': `{{- define "i" }}{{ $t := .root.tempo.image }}{{ coalesce .root.global.image.registry .own.registry $t.registry }}/{{ coalesce .own.repository $t.repository }}:{{ coalesce .own.tag $t.tag }}{{ end }}`,
        'pod.yaml': podOf(
          '{{ include "i" (dict "root" .Values "own" .Values.ingester.image) }}',
          '{{ include "i" (dict "root" .Values "own" .Values.cache.image) }}',
        ),
      },
    },
    moves: { 'docker.io/acme': `${at}/acme`, 'quay.io/acme': `${at}/acme` },
    keeps: ['ingester: {image: {registry: null, repository: null, tag: null}}', 'global: {image: {registry: null}}'],
  },
  'a repository of Docker Hub without any registry': {
    chart: {
      name: 'web',
      values:
        'image: {repository: hashicorp/vault-k8s, tag: 1.7.0}\nagentImage: {repository: hashicorp/vault, tag: 1.20.4}\n',
      templates: {
        'pod.yaml': podOf(
          '{{ .Values.image.repository }}:{{ .Values.image.tag }}',
          '{{ .Values.agentImage.repository }}:{{ .Values.agentImage.tag }}',
        ),
      },
    },
    moves: { 'image: hashicorp/': `image: ${at}/hashicorp/` },
  },
  'a repository that names Docker Hub': {
    chart: {
      name: 'web',
      values: 'image: {repository: docker.io/rook/ceph, tag: v1}\n',
      templates: { 'pod.yaml': podOf('"{{ .Values.image.repository }}:{{ .Values.image.tag }}"') },
    },
    moves: { 'docker.io/rook': `${at}/rook` },
  },
  'a path below a registry that all share, unless a repository is given': {
    chart: {
      name: 'web',
      values: `global: {image: {registry: registry.k8s.io}}\ncontroller: {image: {image: ingress/controller, tag: v1, digest: "sha256:${sha}"}}\n`,
      templates: {
        'pod.yaml': podOf(
          '{{ with .Values.controller.image }}{{ if .repository }}{{ .repository }}{{ else }}{{ .registry | default $.Values.global.image.registry }}/{{ .image }}{{ end }}:{{ .tag }}@{{ .digest }}{{ end }}',
        ),
      },
    },
    moves: { 'registry.k8s.io/ingress': `${at}/ingress` },
    keeps: ['image: ingress/controller'],
  },
  'two images that one leaf makes, by a suffix': {
    chart: {
      name: 'web',
      values: `image: {registry: registry.k8s.io, image: ingress/controller, tag: v1, chroot: false, digest: "sha256:${sha}", digestChroot: "sha256:${other}"}\n`,
      templates: {
        'pod.yaml': podOf(
          '{{ with .Values.image }}{{ .registry }}/{{ .image }}{{ if .chroot }}-chroot:{{ .tag }}@{{ .digestChroot }}{{ else }}:{{ .tag }}@{{ .digest }}{{ end }}{{ end }}',
        ),
      },
    },
    moves: { 'registry.k8s.io/ingress': `${at}/ingress` },
    also: ['image: {chroot: true}'],
  },
  'a repository with a suffix of the cloud and a digest for each': {
    chart: {
      name: 'web',
      values: `operator: {image: {override: ~, repository: quay.io/cilium/operator, tag: v1, genericDigest: "sha256:${sha}", awsDigest: "sha256:${other}", useDigest: true, suffix: ""}}\neni: {enabled: false}\n`,
      templates: {
        '_h.tpl': `{{- define "cloud" }}{{ if .Values.eni.enabled }}aws{{ else }}generic{{ end }}{{ end -}}
{{- define "digest" }}{{ with .Values.operator.image }}{{ if .useDigest }}@{{ get . (printf "%sDigest" (include "cloud" $)) }}{{ end }}{{ end }}{{ end -}}`,
        'pod.yaml': podOf(
          '{{ with .Values.operator.image }}{{ if .override }}{{ .override }}{{ else }}{{ printf "%s-%s%s:%s%s" .repository (include "cloud" $) .suffix .tag (include "digest" $) }}{{ end }}{{ end }}',
        ),
      },
    },
    moves: { 'quay.io/cilium/operator': `${at}/cilium/operator` },
    also: ['eni: {enabled: true}', 'operator: {image: {useDigest: false}}'],
  },
  'a digest without its algorithm': {
    chart: {
      name: 'web',
      values: `image: {registry: quay.io, repository: prometheus/alertmanager, tag: v1, sha: ${sha}}\n`,
      templates: {
        'pod.yaml': podOf(
          '{{ with .Values.image }}{{ .registry }}/{{ .repository }}:{{ .tag }}{{ if .sha }}@sha256:{{ .sha }}{{ end }}{{ end }}',
        ),
      },
    },
    moves: { 'quay.io/prometheus': `${at}/prometheus` },
    also: ['image: {sha: ""}'],
  },
  'registry, namespace and name, beside a registry that would be put before a repository': {
    chart: {
      name: 'web',
      values:
        'imageRegistry: quay.io\nimageNamespace: jetstack\nimage: {repository: "", name: cert-manager-controller, tag: v1, registry: ""}\n',
      templates: {
        'pod.yaml': podOf(
          '{{ with .Values.image }}{{ if .repository }}{{ if .registry }}{{ .registry }}/{{ end }}{{ .repository }}{{ else }}{{ $.Values.imageRegistry }}/{{ $.Values.imageNamespace }}/{{ .name }}{{ end }}:{{ .tag }}{{ end }}',
        ),
      },
    },
    moves: { 'quay.io/jetstack': `${at}/jetstack` },
    keeps: ['registry: ""', 'imageNamespace: jetstack'],
  },
  'defaults of registry, repository and tag, and components that leave them empty': {
    chart: {
      name: 'web',
      values: `defaultImageRegistry: quay.io
defaultImageRepository: strimzi
defaultImageTag: 1.0.0
image: {registry: "", repository: "", name: operator, tag: ""}
kafka: {image: {registry: "", repository: "", name: kafka, tagPrefix: ""}}
`,
      templates: {
        '_h.tpl': `{{- define "i" }}{{ default .root.defaultImageRegistry .own.registry }}/{{ default .root.defaultImageRepository .own.repository }}/{{ .own.name }}{{ end }}`,
        'pod.yaml': podOf(
          '{{ include "i" (dict "root" .Values "own" .Values.image) }}:{{ default .Values.defaultImageTag .Values.image.tag }}',
          '{{ include "i" (dict "root" .Values "own" .Values.kafka.image) }}:{{ default .Values.defaultImageTag .Values.kafka.image.tagPrefix }}-kafka-4.1.0',
        ),
      },
    },
    moves: { 'quay.io/strimzi': `${at}/strimzi` },
    keeps: ['image: {registry: "", repository: "", name: operator, tag: ""}'],
  },
  'a registry with a path, and a name that would be whole if it had a slash': {
    chart: {
      name: 'web',
      values: 'global: {registry: ghcr.io/dapr, tag: "1.15"}\nimage: {name: daprd}\n',
      templates: {
        'pod.yaml': podOf(
          '{{ if contains "/" .Values.image.name }}{{ .Values.image.name }}{{ else }}{{ .Values.global.registry }}/{{ .Values.image.name }}:{{ .Values.global.tag }}{{ end }}',
        ),
      },
    },
    moves: { 'ghcr.io/dapr': `${at}/dapr` },
    keeps: ['image: {name: daprd}'],
  },
  'a hub and a short image, with a variant': {
    chart: {
      name: 'web',
      values: '_defaults: {global: {hub: docker.io/istio, tag: 1.26.0, variant: ""}, pilot: {image: pilot, hub: ""}}\n',
      templates: {
        'pod.yaml': podOf(
          '{{ with ._ }}{{ end }}{{ $d := .Values._defaults }}{{ if contains "/" $d.pilot.image }}{{ $d.pilot.image }}{{ else }}{{ $d.pilot.hub | default $d.global.hub }}/{{ $d.pilot.image }}:{{ $d.global.tag }}{{ with $d.global.variant }}-{{ . }}{{ end }}{{ end }}',
        ).replace('{{ with ._ }}{{ end }}', ''),
      },
    },
    moves: { 'docker.io/istio': `${at}/istio` },
    keeps: ['pilot: {image: pilot, hub: ""}'],
    also: ['_defaults: {global: {variant: distroless}}'],
  },
  'an image beside a tag of its own': {
    chart: {
      name: 'web',
      values: 'image: "docker.elastic.co/elasticsearch/elasticsearch"\nimageTag: "8.5.1"\n',
      templates: { 'pod.yaml': podOf('"{{ .Values.image }}:{{ .Values.imageTag }}"') },
    },
    moves: { 'docker.elastic.co/elasticsearch': `${at}/elasticsearch` },
    keeps: ['imageTag: "8.5.1"'],
  },
  'whole references under keys of any name, one with a tag beside it': {
    chart: {
      name: 'web',
      values:
        'global: {image: "hashicorp/consul:1.21.0", imageK8S: hashicorp/consul-k8s-control-plane:1.7.0}\nexporter: {image: ghcr.io/oliver006/redis_exporter, tag: v1.69.0}\n',
      templates: {
        'pod.yaml': podOf(
          '{{ .Values.global.image }}',
          '{{ .Values.global.imageK8S }}',
          '{{ .Values.exporter.image }}:{{ .Values.exporter.tag }}',
        ),
      },
    },
    moves: { 'image: hashicorp/': `image: ${at}/hashicorp/`, 'ghcr.io/oliver006': `${at}/oliver006` },
  },
  'a default repository and tag, with nulls where each use could have its own': {
    chart: {
      name: 'web',
      values:
        'defaultAirflowRepository: apache/airflow\ndefaultAirflowTag: "2.9.3"\nimages: {airflow: {repository: ~, tag: ~}}\n',
      templates: {
        'pod.yaml': podOf(
          '{{ .Values.images.airflow.repository | default .Values.defaultAirflowRepository }}:{{ .Values.images.airflow.tag | default .Values.defaultAirflowTag }}',
        ),
      },
    },
    moves: { 'image: apache/airflow': `image: ${at}/apache/airflow` },
    keeps: ['images: {airflow: {repository: ~, tag: ~}}'],
  },
  'an empty registry of its own, before those of the whole chart': {
    chart: {
      name: 'web',
      values:
        'global: {imageRegistry: "", cattle: {systemDefaultRegistry: ""}}\nengine: {registry: "", repository: longhornio/engine, tag: v1}\ncsi: {registry: quay.io, repository: acme/csi, tag: v2}\n',
      templates: {
        '_h.tpl': `{{- define "i" }}{{ coalesce .root.global.imageRegistry .root.global.cattle.systemDefaultRegistry .own.registry "docker.io" }}/{{ .own.repository }}:{{ .own.tag }}{{ end }}`,
        'pod.yaml': podOf(
          '{{ include "i" (dict "root" .Values "own" .Values.engine) }}',
          '{{ include "i" (dict "root" .Values "own" .Values.csi) }}',
        ),
      },
    },
    moves: { 'docker.io/longhornio': `${at}/longhornio`, 'quay.io/acme': `${at}/acme` },
    keeps: ['global: {imageRegistry: "", cattle: {systemDefaultRegistry: ""}}'],
  },
  'a registry that is put before all names, and is empty': {
    chart: {
      name: 'web',
      values:
        'global: {cattle: {systemDefaultRegistry: ""}}\nimage: {repository: rancher/mirrored-grafana, tag: 11.1.0}\n',
      templates: {
        'pod.yaml': podOf(
          '{{ with .Values.global.cattle.systemDefaultRegistry }}{{ printf "%s/" . }}{{ end }}{{ .Values.image.repository }}:{{ .Values.image.tag }}',
        ),
      },
    },
    moves: { 'image: rancher/': `image: ${at}/rancher/` },
  },
  'a registry that is put before all names, and is set': {
    chart: {
      name: 'web',
      values:
        'global: {cattle: {systemDefaultRegistry: registry.rancher.com}}\nimage: {repository: rancher/mirrored-grafana, tag: 11.1.0}\n',
      templates: {
        'pod.yaml': podOf(
          '{{ with .Values.global.cattle.systemDefaultRegistry }}{{ printf "%s/" . }}{{ end }}{{ .Values.image.repository }}:{{ .Values.image.tag }}',
        ),
      },
    },
    moves: { 'registry.rancher.com/': `${at}/` },
    keeps: ['image: {repository: rancher/mirrored-grafana, tag: 11.1.0}'],
  },
  'a registry of each image, under one of all that is null': {
    chart: {
      name: 'web',
      metadata: { appVersion: '2.17.0' },
      values: `global: {image: {registry: null}}
image:
  keda: {registry: ghcr.io, repository: kedacore/keda, tag: ""}
  webhooks: {registry: ghcr.io, repository: kedacore/webhooks, tag: ""}
`,
      templates: {
        'pod.yaml': podOf(
          ...['keda', 'webhooks'].map(
            (name) =>
              `"{{ .Values.global.image.registry | default .Values.image.${name}.registry }}/{{ .Values.image.${name}.repository }}:{{ .Values.image.${name}.tag | default .Chart.AppVersion }}"`,
          ),
        ),
      },
    },
    moves: { 'ghcr.io/kedacore': `${at}/kedacore` },
    keeps: ['registry: null'],
  },
  'tags that are numbers': {
    chart: {
      name: 'web',
      values:
        'a: {repository: quay.io/acme/a, tag: 1.25}\nb: {repository: quay.io/acme/b, tag: "1.10"}\nc: {repository: quay.io/acme/c, tag: 15}\n',
      templates: {
        'pod.yaml': podOf(
          ...['a', 'b', 'c'].map((name) => `"{{ .Values.${name}.repository }}:{{ .Values.${name}.tag }}"`),
        ),
      },
    },
    moves: { 'quay.io/acme': `${at}/acme` },
    keeps: ['tag: 1.25', 'tag: "1.10"', 'tag: 15'],
  },
  'tag and digest in one text': {
    chart: {
      name: 'web',
      values: `image: {registry: ghcr.io, repository: acme/web, tag: "v1@sha256:${sha}"}\n`,
      templates: {
        'pod.yaml': podOf('"{{ .Values.image.registry }}/{{ .Values.image.repository }}:{{ .Values.image.tag }}"'),
      },
    },
    moves: { 'ghcr.io/acme': `${at}/acme` },
  },
  'a digest in the repository': {
    chart: {
      name: 'web',
      values: `image: {repository: "quay.io/acme/web@sha256:${sha}"}\nsidecarImage: ghcr.io/acme/side@sha256:${other}\n`,
      templates: { 'pod.yaml': podOf('"{{ .Values.image.repository }}"', '{{ .Values.sidecarImage }}') },
    },
    moves: { 'quay.io/acme': `${at}/acme`, 'ghcr.io/acme': `${at}/acme` },
  },
  'a registry with a port, and one with a path': {
    chart: {
      name: 'web',
      values:
        'a: {registry: "localhost:5000", repository: x/y, tag: "1"}\nb: {registry: cp.icr.io/cp, repository: db2, tag: "2"}\nc: {repository: nvcr.io/nvidia/cloud-native, image: toolkit, version: v3}\n',
      templates: {
        'pod.yaml': podOf(
          '"{{ .Values.a.registry }}/{{ .Values.a.repository }}:{{ .Values.a.tag }}"',
          '"{{ .Values.b.registry }}/{{ .Values.b.repository }}:{{ .Values.b.tag }}"',
          '"{{ .Values.c.repository }}/{{ .Values.c.image }}:{{ .Values.c.version }}"',
        ),
      },
    },
    moves: { 'localhost:5000/x': `${at}/x`, 'cp.icr.io/cp': `${at}/cp`, 'nvcr.io/nvidia': `${at}/nvidia` },
  },
}

describeWithTools('relocate moves', ['helm3'], ({ helm3 }) => {
  it.each(Object.keys(shapes))('%s', async (name) => {
    const { plan } = await expectMoved(helm3, shapes[name] as Shape)
    expect(plan.unresolved).toEqual([])
  })

  const withRegistryElsewhere = (secret: string): Shape => ({
    chart: {
      name: 'web',
      values: 'image: {registry: quay.io, repository: acme/web, tag: "1"}\n',
      templates: {
        'pod.yaml': podOf('"{{ .Values.image.registry }}/{{ .Values.image.repository }}:{{ .Values.image.tag }}"'),
        'secret.yaml': `apiVersion: v1\nkind: Secret\nmetadata: {name: pull}\n${secret}\n`,
      },
    },
    moves: { 'quay.io': at },
  })

  it('a registry that a pull secret names, too', async () => {
    const { proof } = await expectMoved(
      helm3,
      withRegistryElsewhere(`stringData: {".dockerconfigjson": '{"auths":{"{{ .Values.image.registry }}":{}}}'}`),
    )
    expect(proof.parts).toBe(1)
  })

  it('the image alone where its registry is printed in a sentence, too', async () => {
    const { chart } = withRegistryElsewhere('stringData: {note: "log in at {{ .Values.image.registry }} first"}')
    const { plan } = await expectMoved(helm3, { chart, moves: { 'quay.io/': `${at}/` } })
    expect(plan.edits).toMatchObject([{ kind: 'template', file: 'templates/pod.yaml' }])
    expect(plan.unresolved).toEqual([])
  })

  it('nothing where that would need a template to be edited which must not be, and says where', async () => {
    const { chart } = withRegistryElsewhere('stringData: {note: "log in at {{ .Values.image.registry }} first"}')
    await expect(expectMoved(helm3, { chart, moves: {}, options: { templateEdits: false } })).rejects.toMatchObject({
      code: 'IMAGE_UNRESOLVED',
      message: expect.stringContaining(
        'values.yaml image.registry is printed elsewhere, too: Secret/pull stringData.note',
      ),
    })
  })
})
