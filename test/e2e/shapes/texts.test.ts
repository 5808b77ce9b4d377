// Images inside arguments, variables, ConfigMaps and scripts, with real helm as the judge.
import { expect, it } from 'vitest'
import { expectMoved, podOf, type Shape } from '../../kit/shapes.ts'
import { describeWithTools } from '../../kit/tools.ts'

const at = 'reg.corp:5000/mirror'
const main = 'main: quay.io/acme/operator:v1\n'
const operator = podOf('{{ .Values.main }}')

const configMap = (data: string): string => `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata:\n${data}`

const shapes: Readonly<Record<string, Shape>> = {
  'an argument that is put together from parts': {
    chart: {
      name: 'web',
      values: `${main}reloader: {image: {registry: quay.io, repository: prom/reloader, tag: v0.80.0, sha: ""}}\nthanos: {image: {registry: quay.io, repository: thanos/thanos, tag: v0.38.0}}\n`,
      templates: {
        'pod.yaml': `${operator}      args:
        - --prometheus-config-reloader={{ with .Values.reloader.image }}{{ .registry }}/{{ .repository }}:{{ .tag }}{{ end }}
        - --thanos-default-base-image={{ with .Values.thanos.image }}{{ .registry }}/{{ .repository }}:{{ .tag }}{{ end }}
        - --log-level=info
`,
      },
    },
    moves: { 'quay.io/': `${at}/` },
  },
  'a flag and its image in two arguments': {
    chart: {
      name: 'web',
      values: `${main}engine: longhornio/engine:v1.9.0\nexecutor: {registry: quay.io, repository: argo/exec, tag: v3}\n`,
      templates: {
        'pod.yaml': `${operator}      args:
        - --engine-image
        - "{{ .Values.engine }}"
        - --executor-image
        - "{{ .Values.executor.registry }}/{{ .Values.executor.repository }}:{{ .Values.executor.tag }}"
`,
      },
    },
    moves: { 'quay.io/': `${at}/`, '"longhornio/': `"${at}/longhornio/` },
  },
  'an argument from registry, namespace and name': {
    chart: {
      name: 'web',
      values: `${main}imageRegistry: quay.io\nimageNamespace: jetstack\nacmesolver: {image: {name: acmesolver, tag: v1}}\n`,
      templates: {
        'pod.yaml': `${operator}      args: ["--acme-http01-solver-image={{ .Values.imageRegistry }}/{{ .Values.imageNamespace }}/{{ .Values.acmesolver.image.name }}:{{ .Values.acmesolver.image.tag }}"]\n`,
      },
    },
    moves: { 'quay.io/': `${at}/` },
  },
  'a variable with a line for each version': {
    chart: {
      name: 'web',
      values: `${main}registry: quay.io\nrepository: strimzi\ntag: 1.0.0\n`,
      templates: {
        'pod.yaml': `${operator}      env:
        - name: STRIMZI_KAFKA_IMAGES
          value: |
            4.0.0={{ .Values.registry }}/{{ .Values.repository }}/kafka:{{ .Values.tag }}-kafka-4.0.0
            4.1.0={{ .Values.registry }}/{{ .Values.repository }}/kafka:{{ .Values.tag }}-kafka-4.1.0
`,
      },
    },
    moves: { 'quay.io/': `${at}/` },
  },
  'variables with one image each': {
    chart: {
      name: 'web',
      values: `${main}sidecar: docker.io/daprio/daprd:1.15.0\nbridge: {repository: acme/bridge, tag: v1}\n`,
      templates: {
        'pod.yaml': `${operator}      env:
        - {name: SIDECAR_IMAGE, value: "{{ .Values.sidecar }}"}
        - {name: RELATED_IMAGE_BRIDGE, value: "{{ .Values.bridge.repository }}:{{ .Values.bridge.tag }}"}
`,
      },
    },
    moves: { 'quay.io/': `${at}/`, 'docker.io/': `${at}/`, '"acme/bridge': `"${at}/acme/bridge` },
  },
  'a hub in JSON, of which the program makes its images': {
    chart: {
      name: 'web',
      values: 'global: {hub: docker.io/istio, tag: 1.26.0, proxy: {image: proxyv2}}\n',
      templates: {
        'pod.yaml': podOf('{{ .Values.global.hub }}/pilot:{{ .Values.global.tag }}'),
        'c.yaml': configMap(
          '  values: |\n{{ .Values.global | toPrettyJson | indent 4 }}\n  config: |\n    containers: [{image: "{{ `{{ .ProxyImage }}` }}"}]\n',
        ),
      },
    },
    moves: { 'docker.io/istio': `${at}/istio` },
  },
  'a set of images in a ConfigMap': {
    chart: {
      name: 'web',
      values: `${main}csi: {cephcsi: {repository: quay.io/cephcsi/cephcsi, tag: v3.15.0}, attacher: {repository: registry.k8s.io/sig-storage/csi-attacher, tag: v4.9.0}}\n`,
      templates: {
        'pod.yaml': operator,
        'c.yaml': configMap(
          '  plugin: "{{ .Values.csi.cephcsi.repository }}:{{ .Values.csi.cephcsi.tag }}"\n  attacher: "{{ .Values.csi.attacher.repository }}:{{ .Values.csi.attacher.tag }}"\n',
        ),
      },
    },
    moves: { 'quay.io/': `${at}/`, 'registry.k8s.io/': `${at}/` },
  },
  'references of the OCI scheme, of charts, plugins and volumes': {
    chart: {
      name: 'web',
      metadata: 'dependencies: []\nsources: ["oci://ghcr.io/acme/charts/web"]\n',
      values: `plugin: oci://ghcr.io/acme/wasm:v1.2\nmodel: quay.io/acme/model:v1\nmanifests: oci://ghcr.io/acme/manifests/web\n`,
      templates: {
        'pod.yaml': `${podOf('quay.io/acme/web:1')}  volumes:\n    - {name: m, image: {reference: "{{ .Values.model }}", pullPolicy: Always}}\n`,
        'plugin.yaml':
          'apiVersion: extensions.istio.io/v1alpha1\nkind: WasmPlugin\nmetadata: {name: p}\nspec: {url: "{{ .Values.plugin }}"}\n',
        'flux.yaml':
          'apiVersion: source.toolkit.fluxcd.io/v1\nkind: OCIRepository\nmetadata: {name: r}\nspec: {url: "{{ .Values.manifests }}", ref: {tag: v1}}\n',
      },
    },
    moves: { 'quay.io/': `${at}/`, 'oci://ghcr.io/': `oci://${at}/` },
  },
  'a reference in a script': {
    chart: {
      name: 'web',
      values: `${main}copied: quay.io/acme/data:v2\n`,
      templates: {
        'pod.yaml': `${operator}      command: ["sh", "-c", "crane export {{ .Values.copied }} - | tar x && exec /run"]\n`,
      },
    },
    moves: { 'quay.io/': `${at}/` },
  },
  'one reference spread over two arguments': {
    chart: {
      name: 'web',
      values: `${main}sidecar: {image: {repository: public.ecr.aws/appmesh/envoy, tag: v1.29}}\n`,
      templates: {
        'pod.yaml': `${operator}      args:
        - --sidecar-image-repository={{ .Values.sidecar.image.repository }}
        - --sidecar-image-tag={{ .Values.sidecar.image.tag }}
`,
      },
    },
    moves: { 'quay.io/': `${at}/`, 'public.ecr.aws/': `${at}/` },
  },
  'images in YAML, JSON and properties inside texts': {
    chart: {
      name: 'web',
      values: `${main}agent: {image: jenkins/inbound-agent, tag: 3283.v92-1}\nruntime: nats:2.10.10\nlib: ghcr.io/acme/lib:v1\n`,
      templates: {
        'pod.yaml': operator.replace(
          'metadata:',
          `metadata:\n  annotations: {example.com/sidecars: '[{"name":"a","image":"{{ .Values.lib }}"}]'}`,
        ),
        'c.yaml': configMap(
          `  casc.yaml: |-
    jenkins:
      clouds:
        - kubernetes: {templates: [{containers: [{image: "{{ .Values.agent.image }}:{{ .Values.agent.tag }}"}]}]}
  runtime.yaml: |
    versions:
      - {version: "2", natsStreamingImage: {{ .Values.runtime }}}
  app.properties: |
    runner.image={{ .Values.lib }}
`,
        ),
      },
    },
    moves: {
      'quay.io/': `${at}/`,
      '"jenkins/': `"${at}/jenkins/`,
      ' nats:2': ` ${at}/library/nats:2`,
      'ghcr.io/': `${at}/`,
    },
  },
}

const openEnded: Shape = {
  chart: {
    name: 'web',
    values: `${main}registry: ghcr.io\n`,
    templates: {
      'pod.yaml': operator,
      'function.yaml': `apiVersion: example.com/v1\nkind: Function\nmetadata: {name: f}\nspec:\n  image: "{{ .Values.registry }}/acme/plugin:v0.29.0_\${DB_VERSION}"\n`,
    },
  },
  moves: { 'quay.io/': `${at}/`, 'ghcr.io/': `${at}/` },
}

describeWithTools('relocate moves', ['helm3'], ({ helm3 }) => {
  it.each(Object.keys(shapes))('%s', async (name) => {
    const { plan } = await expectMoved(helm3, shapes[name] as Shape)
    expect(plan.unresolved).toEqual([])
  })

  it('an image whose tag is filled in when it runs, and says that nobody can copy it', async () => {
    const { plan } = await expectMoved(helm3, openEnded)
    expect(plan.images.map(({ from }) => from)).toEqual(['quay.io/acme/operator:v1'])
    expect(plan.warnings).toEqual([
      'ghcr.io/acme/plugin:v0.29.0_… is filled in when it runs: name the images that are needed with --image',
    ])
  })
})
