// Relocation with real helm as the judge: built charts of the shapes that occur in the field.
import { type ChartArchive, helmRenderer, type Relocation, readChartArchive, relocate } from '@chartferry/core'
import { expect, it } from 'vitest'
import { buildChart, type ChartSpec } from '../kit/charts.ts'
import { describeWithTools } from '../kit/tools.ts'

const to = 'reg.corp:5000/mirror'

const pod = (image: string): string => `apiVersion: v1
kind: Pod
metadata:
  name: {{ .Release.Name }}
spec:
  containers:
    - name: main
      image: ${image}
`
const composed =
  '"{{ .Values.image.registry }}/{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}"'

describeWithTools('relocate', ['helm3', 'helm4'], (helms) => {
  async function renderImages(archive: ChartArchive): Promise<readonly string[]> {
    const rendering = await (await helmRenderer({ binary: helms.helm3 })).open(archive)
    try {
      const { documents, hooks } = await rendering.render({})
      return [...documents, ...hooks].flatMap(({ text }) =>
        [...text.matchAll(/image: "?([^"\n]+)/g)].map((match) => match[1] ?? ''),
      )
    } finally {
      await rendering.close()
    }
  }

  async function relocateChart(
    spec: ChartSpec,
    options: { binary?: string; allowUnresolved?: boolean } = {},
  ): Promise<Relocation> {
    const renderer = await helmRenderer({ binary: options.binary ?? helms.helm3 })
    const original = await readChartArchive(await buildChart(spec))
    return relocate(original, { to, renderer, allowUnresolved: options.allowUnresolved === true })
  }

  const shapes: readonly (readonly [string, ChartSpec, readonly string[]])[] = [
    [
      'registry, repository and tag',
      {
        name: 'web',
        values: 'image:\n  registry: quay.io # ours\n  repository: acme/web\n  tag: "1.0"\n',
        templates: { 'pod.yaml': pod(composed) },
      },
      ['reg.corp:5000/mirror/acme/web:1.0'],
    ],
    [
      'a tag that comes from appVersion',
      {
        name: 'web',
        metadata: { appVersion: '7.7' },
        values: 'image: {registry: quay.io, repository: acme/web, tag: ""}\n',
        templates: { 'pod.yaml': pod(composed) },
      },
      ['reg.corp:5000/mirror/acme/web:7.7'],
    ],
    [
      'a whole reference',
      {
        name: 'web',
        values: 'webImage: "quay.io/acme/web:1"\n',
        templates: { 'pod.yaml': pod('{{ .Values.webImage }}') },
      },
      ['reg.corp:5000/mirror/acme/web:1'],
    ],
    [
      'a Docker Hub name without a registry',
      {
        name: 'web',
        values: 'image: {repository: acme/web, tag: 1.10}\n',
        templates: { 'pod.yaml': pod('"{{ .Values.image.repository }}:1.10"') },
      },
      ['reg.corp:5000/mirror/acme/web:1.10'],
    ],
    [
      'a short Docker Hub name behind a registry leaf',
      {
        name: 'web',
        values: "image: {registry: docker.io, repository: 'busybox', tag: '1'}\n",
        templates: { 'pod.yaml': pod(composed) },
      },
      ['reg.corp:5000/mirror/library/busybox:1'],
    ],
    [
      'a registry that serves the whole chart',
      {
        name: 'web',
        values: 'defaultRegistry: quay.io\nimage: {repository: acme/web, tag: "1"}\n',
        templates: {
          'pod.yaml': pod('"{{ .Values.defaultRegistry }}/{{ .Values.image.repository }}:{{ .Values.image.tag }}"'),
        },
      },
      ['reg.corp:5000/mirror/acme/web:1'],
    ],
    [
      'a subchart inside an archive',
      {
        name: 'shop',
        metadata: 'dependencies:\n  - {name: web, version: 1.0.0, repository: "https://charts.example.com"}\n',
        subcharts: [
          {
            as: 'archive',
            name: 'web',
            values: 'image: {registry: quay.io, repository: acme/web, tag: "1"}\n',
            templates: { 'pod.yaml': pod(composed) },
          },
        ],
      },
      ['reg.corp:5000/mirror/acme/web:1'],
    ],
    [
      'an image of a test hook',
      {
        name: 'web',
        values: 'testImage: quay.io/acme/probe:1\n',
        templates: {
          'test.yaml': pod('{{ .Values.testImage }}').replace(
            'metadata:',
            'metadata:\n  annotations: {"helm.sh/hook": test}',
          ),
        },
      },
      ['reg.corp:5000/mirror/acme/probe:1'],
    ],
    [
      'a guard against other registries',
      {
        name: 'web',
        values:
          'global: {security: {allowInsecureImages: false}}\nimage: {registry: docker.io, repository: acme/web, tag: "1"}\n',
        templates: {
          'pod.yaml': `{{ if and (ne .Values.image.registry "docker.io") (not .Values.global.security.allowInsecureImages) }}{{ fail "set global.security.allowInsecureImages" }}{{ end }}${pod(composed)}`,
        },
      },
      ['reg.corp:5000/mirror/acme/web:1'],
    ],
  ]

  const literals: typeof shapes = [
    [
      'an image written in a template',
      { name: 'web', templates: { 'pod.yaml': pod('ghcr.io/acme/fixed:2 # ours') } },
      ['reg.corp:5000/mirror/acme/fixed:2 # ours'],
    ],
    [
      'a short name written in a template',
      { name: 'web', templates: { 'pod.yaml': pod("'busybox'") } },
      ["'reg.corp:5000/mirror/library/busybox'"],
    ],
    [
      'a registry written in a template, before a name from the values',
      { name: 'web', values: 'name: web\n', templates: { 'pod.yaml': pod('"docker.io/acme/{{ .Values.name }}:1"') } },
      ['reg.corp:5000/mirror/acme/web:1'],
    ],
    [
      'one leaf behind a registry here, and alone there',
      {
        name: 'web',
        values: 'registry: quay.io\nname: acme/web\n',
        templates: {
          'a.yaml': pod('"{{ .Values.registry }}/{{ .Values.name }}:1"'),
          'b.yaml': pod('"{{ .Values.name }}:2"'),
        },
      },
      ['reg.corp:5000/mirror/acme/web:1', 'reg.corp:5000/mirror/acme/web:2'],
    ],
    [
      'a name that is printed elsewhere, too',
      {
        name: 'web',
        values: 'name: acme/web\n',
        templates: {
          'a.yaml': pod("'{{ .Values.name }}:2'").replace(
            'metadata:',
            'metadata:\n  labels: {site: "the {{ .Values.name }} site"}',
          ),
        },
      },
      ["'reg.corp:5000/mirror/acme/web:2'"],
    ],
    [
      'a component that inherits from a chart-wide default',
      {
        name: 'web',
        values: 'global: {image: {repository: quay.io/acme/web}}\nserver: {image: {repository: "", tag: ""}}\n',
        metadata: { appVersion: 'v9' },
        templates: {
          'pod.yaml': pod(
            '"{{ .Values.server.image.repository | default .Values.global.image.repository }}:{{ .Values.server.image.tag | default .Chart.AppVersion }}"',
          ),
        },
      },
      ['reg.corp:5000/mirror/acme/web:v9'],
    ],
    [
      'two aliases of one subchart',
      {
        name: 'shop',
        metadata:
          'dependencies:\n  - {name: web, version: 1.0.0, alias: one}\n  - {name: web, version: 1.0.0, alias: two}\n',
        subcharts: [
          {
            as: 'archive',
            name: 'web',
            values: 'image: {registry: quay.io, repository: acme/web, tag: "1"}\n',
            templates: { 'pod.yaml': pod(composed) },
          },
        ],
      },
      ['reg.corp:5000/mirror/acme/web:1', 'reg.corp:5000/mirror/acme/web:1'],
    ],
    [
      "a parent's values over those of its subchart",
      {
        name: 'shop',
        values: 'web: {image: {registry: ghcr.io}}\n',
        subcharts: [
          {
            as: 'folder',
            name: 'web',
            values: 'image: {registry: quay.io, repository: acme/web, tag: "1"}\n',
            templates: { 'pod.yaml': pod(composed) },
          },
        ],
      },
      ['reg.corp:5000/mirror/acme/web:1'],
    ],
    [
      'a feature that is off by default',
      {
        name: 'web',
        values: 'webImage: quay.io/acme/web:1\nmetrics: {enabled: false, image: acme/exporter, tag: "2"}\n',
        templates: {
          'a.yaml': pod('{{ .Values.webImage }}'),
          'b.yaml': `{{ if .Values.metrics.enabled }}\n${pod('"{{ .Values.metrics.image }}:{{ .Values.metrics.tag }}"')}{{ end }}`,
        },
      },
      ['reg.corp:5000/mirror/acme/web:1'],
    ],
  ]

  it.each(literals)('moves %s', async (_, spec, expected) => {
    const { proof, archive } = await relocateChart(spec)
    expect(proof).toMatchObject({ status: 'proven', notMoved: [], reasons: [] })
    expect(await renderImages(archive)).toEqual(expected)
  })

  it('moves images in arguments, variables and files', async () => {
    const template = `${pod('{{ .Values.image }}')}      args: ["--sidecar-image={{ .Values.sidecar }}", --engine-image, "{{ .Values.engine }}"]
      env: [{name: RELATED_IMAGE, value: "{{ .Values.related }}"}]
---
apiVersion: v1
kind: ConfigMap
metadata: {name: c}
data: {versions: "1.0={{ .Values.sidecar }}\\n2.0=quay.io/acme/other:2.0\\n"}
`
    const values =
      'image: quay.io/acme/web:1\nsidecar: ghcr.io/acme/side:v1\nengine: acme/engine:v2\nrelated: acme/related:v1\n'
    const { proof, plan } = await relocateChart({ name: 'web', values, templates: { 'a.yaml': template } })
    expect(proof).toMatchObject({ status: 'proven', moved: 5 })
    expect(plan.edits.map(({ kind }) => kind)).toEqual(['template', 'leaf', 'leaf', 'leaf', 'leaf'])
  })

  it('moves the parts of an image that an operator joins', async () => {
    const template =
      'apiVersion: example.com/v1\nkind: Policy\nmetadata: {name: p}\nspec: {driver: {repository: "{{ .Values.repository }}", image: driver, version: "5"}}\n'
    const { proof, plan } = await relocateChart({
      name: 'web',
      values: 'repository: nvcr.io/nvidia\n',
      templates: { 'a.yaml': template },
    })
    expect(proof).toMatchObject({ status: 'proven', parts: 1 })
    expect(plan.edits).toMatchObject([{ path: ['repository'], old: 'nvcr.io/nvidia' }])
  })

  it.each(shapes)('moves %s', async (_, spec, expected) => {
    const { proof, archive, plan } = await relocateChart(spec)
    expect(proof).toMatchObject({ status: 'proven', notMoved: [], reasons: [] })
    expect(await renderImages(archive)).toEqual(expected)
    expect(plan.images.map((image) => image.to)).toEqual(expect.arrayContaining([...expected]))
  })

  it.each(shapes)('changes nothing the second time: %s', async (_, spec) => {
    const first = await relocateChart(spec)
    const renderer = await helmRenderer({ binary: helms.helm3 })
    const second = await relocate(first.archive, { to, renderer })
    expect(second.archive.digest).toBe(first.archive.digest)
    expect(second.plan.edits).toEqual([])
  })

  it('gives the same verdict with helm 4', async () => {
    const [, spec] = shapes[0] ?? []
    const { proof } = await relocateChart(spec as ChartSpec, { binary: helms.helm4 })
    expect(proof).toMatchObject({ status: 'proven', moved: 1, renderer: expect.stringMatching(/^helm v4\./) })
  })

  it('keeps comments, quotes and every other file', async () => {
    const values =
      '# one\r\nimage:\r\n  registry: quay.io   # ours\r\n  repository: \'acme/web\'\r\n  tag: "1.0"\r\n\r\n\r\n'
    const { archive } = await relocateChart({
      name: 'web',
      values,
      files: { 'README.md': 'quay.io stays here' },
      templates: { 'pod.yaml': pod(composed) },
    })
    const { files } = archive.chart
    expect(Buffer.from(files.get('values.yaml') ?? []).toString()).toBe(
      values.replace('quay.io', 'reg.corp:5000/mirror'),
    )
    expect(Buffer.from(files.get('README.md') ?? []).toString()).toBe('quay.io stays here')
  })

  it('relocates an image without a tag, with a warning', async () => {
    const { plan, proof } = await relocateChart({
      name: 'web',
      values: 'webImage: quay.io/acme/web\n',
      templates: { 'pod.yaml': pod('{{ .Values.webImage }}') },
    })
    expect(proof.status).toBe('proven')
    expect(plan.warnings).toEqual([expect.stringContaining('quay.io/acme/web has no tag')])
  })

  const computed: ChartSpec = {
    name: 'web',
    values: 'webImage: quay.io/acme/web:1\nhidden: YWNtZS9maXhlZDoy\n',
    templates: { 'a.yaml': pod('{{ .Values.webImage }}'), 'b.yaml': pod('{{ .Values.hidden | b64dec }}') },
  }

  it('refuses a chart with an image that no edit can move', async () => {
    await expect(relocateChart(computed)).rejects.toMatchObject({
      code: 'IMAGE_UNRESOLVED',
      message: expect.stringContaining('acme/fixed:2: the template function b64dec made it'),
    })
  })

  it('proves such a chart in part where that is allowed', async () => {
    const { proof, archive } = await relocateChart(computed, { allowUnresolved: true })
    expect(proof).toMatchObject({ status: 'proven-in-part', notMoved: ['acme/fixed:2'], moved: 1 })
    expect(await renderImages(archive)).toEqual(['reg.corp:5000/mirror/acme/web:1', 'acme/fixed:2'])
  })

  it('refuses an edit that shows outside an image', async () => {
    const template = `${pod('{{ .Values.image }}:1')}---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {copy: "<{{ .Values.image | upper }}>"}\n`
    const spec: ChartSpec = { name: 'web', values: 'image: quay.io/acme/web\n', templates: { 'pod.yaml': template } }
    await expect(relocateChart(spec)).rejects.toMatchObject({
      code: 'VERIFICATION_FAILED',
      message: expect.stringContaining('ConfigMap/c data.copy'),
    })
  })

  it('is unverified, and says why, where the chart does not render', async () => {
    const { proof, plan } = await relocateChart({
      name: 'web',
      values: 'webImage: quay.io/acme/web:1\n',
      templates: { 'pod.yaml': '{{ fail "give me a license" }}' },
    })
    expect(proof).toMatchObject({ status: 'unverified', reasons: [expect.stringContaining('give me a license')] })
    expect(plan.edits).toHaveLength(1)
  })

  const withText = (text: string): ChartSpec => ({
    name: 'web',
    values: 'webImage: quay.io/acme/web:1\n',
    templates: {
      'pod.yaml': `${pod('{{ .Values.webImage }}')}---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {text: "${text}"}\n`,
    },
  })

  it.each([
    ['whole', '{{ .Values.webImage | sha256sum }}'],
    ['cut', '{{ .Values.webImage | sha256sum | trunc 12 }}'],
    ['inside a text', 'image {{ .Values.webImage }} has id {{ .Values.webImage | sha256sum }} here'],
    ['that is no hexadecimal number', '{{ .Values.webImage | adler32sum }}'],
    ['of a checksum, encoded', '{{ printf "%s %s" .Values.webImage (.Values.webImage | sha1sum) | b64enc }}'],
    ['of a list', '{{ list .Values.webImage "x" | toJson | sha256sum }}'],
  ])('proves a checksum %s, since it follows from images that moved', async (_, text) => {
    const { proof } = await relocateChart(withText(text))
    expect(proof).toMatchObject({ status: 'proven', derived: 1, moved: 1, reasons: [] })
  })

  it('proves in part where nothing shows that a checksum had to change', async () => {
    // Of a text in which more changed than the image: the checksum of its length.
    const { proof } = await relocateChart(withText('{{ .Values.webImage | len | toString | sha256sum }}'))
    expect(proof).toMatchObject({ status: 'proven-in-part', derived: 0, notMoved: [], moved: 1 })
    expect(proof.reasons).toEqual([expect.stringContaining('ConfigMap/c data.text')])
  })

  it('sets aside passwords that change at every rendering', async () => {
    const template = `${pod('{{ .Values.webImage }}')}---\napiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {password: {{ randAlphaNum 10 }}}\n`
    const { proof } = await relocateChart({
      name: 'web',
      values: 'webImage: quay.io/acme/web:1\n',
      templates: { 'pod.yaml': template },
    })
    expect(proof).toMatchObject({ status: 'proven', moved: 1 })
  })
})
