// Images of custom resources, hooks and files that no value moves, with real helm as the judge.
import { expect, it } from 'vitest'
import { expectMoved, podOf, type Shape } from '../../kit/shapes.ts'
import { describeWithTools } from '../../kit/tools.ts'

const at = 'reg.corp:5000/mirror'

const resource = (kind: string, spec: string): string =>
  `apiVersion: example.com/v1\nkind: ${kind}\nmetadata: {name: x}\nspec:\n${spec.replace(/^/gm, '  ')}\n`

/** A definition whose schema has a default image, and a description that names one. */
const definition = (name: string, image: string): string => `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: ${name}.example.com}
spec:
  group: example.com
  names: {kind: ${name}, plural: ${name}}
  versions:
    - name: v1
      schema:
        openAPIV3Schema:
          properties:
            image:
              description: such as docker.io/acme/agent:v0, or quay.io/acme/x:1
              default: ${image}
`

const shapes: Readonly<Record<string, Shape>> = {
  'repository, image and version, that an operator joins': {
    chart: {
      name: 'web',
      values:
        'driver: {repository: nvcr.io/nvidia, image: driver, version: "570.1"}\ntoolkit: {repository: nvcr.io/nvidia/k8s, image: container-toolkit, version: v1.17}\n',
      templates: {
        'policy.yaml': resource(
          'ClusterPolicy',
          'driver: {{ toYaml .Values.driver | nindent 2 }}\ntoolkit: {{ toYaml .Values.toolkit | nindent 2 }}',
        ),
      },
    },
    moves: { 'nvcr.io/nvidia': `${at}/nvidia` },
    keeps: ['image: driver'],
  },
  'image, version and registry, and a registry that is handed to the operator': {
    chart: {
      name: 'web',
      values:
        'tigeraOperator: {image: tigera/operator, version: v1.38.0, registry: quay.io}\ncalicoctl: {image: docker.io/calico/ctl, tag: v3.30.0}\ninstallation: {registry: quay.io/}\n',
      templates: {
        'pod.yaml': podOf(
          '{{ with .Values.tigeraOperator }}{{ .registry }}/{{ .image }}:{{ .version }}{{ end }}',
          '{{ .Values.calicoctl.image }}:{{ .Values.calicoctl.tag }}',
        ),
        'installation.yaml': resource('Installation', '{{ toYaml .Values.installation }}')
          .replace('  {{', '{{')
          .replace('toYaml .Values.installation', 'toYaml .Values.installation | indent 2'),
      },
    },
    moves: { 'quay.io/': `${at}/`, 'docker.io/calico': `${at}/calico` },
    keeps: ['image: tigera/operator'],
  },
  'an image field of a custom resource': {
    chart: {
      name: 'web',
      values:
        'cephImage: {repository: quay.io/ceph/ceph, tag: v19.2.3}\nprometheus: {image: {registry: quay.io, repository: prom/prometheus, tag: v3.5.0}}\n',
      templates: {
        'ceph.yaml': resource(
          'CephCluster',
          'cephVersion: {image: "{{ .Values.cephImage.repository }}:{{ .Values.cephImage.tag }}"}',
        ),
        'prometheus.yaml': resource(
          'Prometheus',
          'image: "{{ with .Values.prometheus.image }}{{ .registry }}/{{ .repository }}:{{ .tag }}{{ end }}"\nversion: {{ .Values.prometheus.image.tag }}',
        ),
      },
    },
    moves: { 'quay.io/': `${at}/` },
  },
  'whole specifications in the values, containers in lists among them': {
    chart: {
      name: 'web',
      values: `clusterSpec:
  cephVersion: {image: quay.io/ceph/ceph:v19.2.3}
extraContainers:
  - name: side # ours
    image: acme/side:v1
  - {name: other, image: "ghcr.io/acme/other:2"}
`,
      templates: {
        'ceph.yaml': resource('CephCluster', '{{ toYaml .Values.clusterSpec }}')
          .replace('  {{', '{{')
          .replace('.clusterSpec', '.clusterSpec | indent 2'),
        'pod.yaml': `${podOf('quay.io/acme/web:1')}{{ toYaml .Values.extraContainers | indent 4 }}\n`,
      },
    },
    moves: { 'quay.io/': `${at}/`, 'image: acme/': `image: ${at}/acme/`, 'ghcr.io/': `${at}/` },
    keeps: ['# ours'],
  },
  'a list of images': {
    chart: {
      name: 'web',
      values:
        'images:\n  - quay.io/acme/a:1\n  - acme/b:2\npackages:\n  - xpkg.upbound.io/upbound/provider-aws:v1.21.0\n',
      templates: {
        'pod.yaml':
          'apiVersion: v1\nkind: Pod\nmetadata: {name: prepull}\nspec:\n  containers:\n{{- range $i, $image := .Values.images }}\n    - {name: "c{{ $i }}", image: "{{ $image }}"}\n{{- end }}\n',
        'provider.yaml':
          '{{ range .Values.packages }}apiVersion: pkg.crossplane.io/v1\nkind: Provider\nmetadata: {name: p}\nspec: {package: "{{ . }}"}\n{{ end }}',
      },
    },
    moves: { 'quay.io/': `${at}/`, '"acme/b': `"${at}/acme/b`, 'xpkg.upbound.io/': `${at}/` },
  },
  'custom resources with an image without a tag': {
    chart: {
      name: 'web',
      values: 'alertmanager: {image: {repository: quay.io/prometheus/alertmanager, tag: v0.28.1}}\n',
      templates: {
        'am.yaml': resource(
          'Alertmanager',
          'baseImage: "{{ .Values.alertmanager.image.repository }}"\ntag: {{ .Values.alertmanager.image.tag }}',
        ),
      },
    },
    moves: { 'quay.io/prometheus': `${at}/prometheus` },
  },
  'test hooks with images that stand in the template': {
    chart: {
      name: 'web',
      values: 'webImage: quay.io/acme/web:1\n',
      templates: {
        'pod.yaml': podOf('{{ .Values.webImage }}'),
        'tests/a.yaml': podOf('busybox', "'alpine:3.6'", '"dduportal/bats:0.4.0"', 'quay.io/curl/curl').replace(
          'name: web',
          'name: t\n  annotations: {"helm.sh/hook": test}',
        ),
      },
    },
    moves: {
      'quay.io/': `${at}/`,
      'image: busybox': `image: ${at}/library/busybox`,
      "'alpine": `'${at}/library/alpine`,
      '"dduportal/': `"${at}/dduportal/`,
    },
  },
  'defaults in the schema of a custom resource, in crds and in a template': {
    chart: {
      name: 'web',
      values: 'webImage: quay.io/acme/web:1\n',
      files: {
        'crds/a.yaml': `${definition('ds', 'nvcr.io/acme/driver')}---\n${definition('as', 'ghcr.io/acme/agent:v1')}---\n${definition('bs', 'quay.io/acme/agent:v2')}`,
      },
      templates: { 'pod.yaml': podOf('{{ .Values.webImage }}'), 'crd.yaml': definition('cs', 'acme/agent:v3') },
    },
    moves: {
      'image: quay.io/': `image: ${at}/`,
      'default: ghcr.io/': `default: ${at}/`,
      'default: nvcr.io/': `default: ${at}/`,
      'default: quay.io/': `default: ${at}/`,
      'default: acme/': `default: ${at}/acme/`,
    },
  },
  'images that annotations name, which move along': {
    chart: {
      name: 'web',
      metadata: 'annotations:\n  images: |\n    - {name: web, image: "quay.io/acme/web:1"}\n',
      values: 'webImage: quay.io/acme/web:1\n',
      templates: { 'pod.yaml': `${podOf('{{ .Values.webImage }}')}# {{ index .Chart.Annotations "images" }}\n` },
    },
    moves: { 'quay.io/': `${at}/` },
  },
  'images that stand in templates and in files that templates print': {
    chart: {
      name: 'web',
      files: { 'files/pod.yaml': 'containers:\n  - name: probe\n    image: busybox:1.28\n' },
      templates: {
        'job.yaml':
          'apiVersion: batch/v1\nkind: Job\nmetadata: {name: j}\nspec: {template: {spec: {containers: [{name: a, image: bitnami/kubectl}]}}}\n',
        'c.yaml':
          'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata:\n  pod: |\n{{ .Files.Get "files/pod.yaml" | indent 4 }}\n',
        'NOTES.txt': 'Try: kubectl run --image docker.io/acme/cli:1 cli\n',
      },
    },
    moves: { 'image: bitnami/': `image: ${at}/bitnami/`, 'image: busybox': `image: ${at}/library/busybox` },
  },
}

describeWithTools('relocate moves', ['helm3'], ({ helm3 }) => {
  it('warns of definitions that helm does not apply again', async () => {
    const { plan } = await expectMoved(
      helm3,
      shapes['defaults in the schema of a custom resource, in crds and in a template'] as Shape,
    )
    expect(plan.warnings).toEqual([
      expect.stringContaining('crds/a.yaml is edited: helm does not apply it again'),
      expect.stringContaining('nvcr.io/acme/driver is named without a tag'),
    ])
  })

  it.each(Object.keys(shapes))('%s', async (name) => {
    const { plan } = await expectMoved(helm3, shapes[name] as Shape)
    expect(plan.unresolved).toEqual([])
  })
})
