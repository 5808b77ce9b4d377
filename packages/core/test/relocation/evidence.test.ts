import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { buildChart } from '../../../../test/kit/charts.ts'
import type { ChartArchive } from '../../src/helm/chart/chart.ts'
import { readChartArchive } from '../../src/helm/chart/chart-archive.ts'
import { engineRenderer } from '../../src/helm/render/engine-renderer.ts'
import { type RelocateOptions, type Relocation, relocate } from '../../src/relocation/relocate.ts'

const to = 'reg.corp:5000/m'

interface Parts {
  readonly values?: string
  /** What stands behind a pod with the image quay.io/acme/web:1.0.0. */
  readonly more?: string
  readonly files?: Readonly<Record<string, string>>
}

const pod = 'kind: Pod\nmetadata: {name: web}\nspec: {containers: [{name: web, image: "quay.io/acme/web:1.0.0"}]}\n'

async function chartOf({ values = '{}', more = '', files = {} }: Parts): Promise<ChartArchive> {
  const templates = { 'pod.yaml': pod, ...(more === '' ? {} : { 'more.yaml': more }) }
  return readChartArchive(await buildChart({ name: 'web', values, templates, files }))
}

async function move(parts: Parts, options: Partial<RelocateOptions> = {}): Promise<Relocation & { text: string }> {
  const result = await relocate(await chartOf(parts), { to, allowUnresolved: true, ...options })
  const { documents } = await engineRenderer({ skipSchema: true }).openChart(result.archive.chart).render({})
  return { ...result, text: documents.map(({ text }) => text).join('---\n') }
}

const listed = ({ plan }: Relocation): readonly string[] => plan.images.map(({ from }) => from)
const data = (lines: string): string => `kind: ConfigMap\nmetadata: {name: c}\ndata:\n${lines.replace(/^/gm, '  ')}\n`
const env = (lines: string): string =>
  `kind: Pod\nmetadata: {name: e}\nspec:\n  containers:\n    - name: e\n      image: quay.io/acme/web:1.0.0\n      env:\n${lines.replace(/^/gm, '        ')}\n`

describe('what only looks like an image', () => {
  it.each([
    ['a label selector', data('labels: "app.kubernetes.io/component:webhook"')],
    ['a label of another domain', data('selector: "node.example.com/pool:gpu"')],
    ['an annotation', data('match: "k8s.io/cluster-autoscaler:enabled"')],
    ['the address of a picture', data('background_image: "assets.example.com/logo:1.png"')],
    ['a picture with a URL', data('logo_image: "https://www.example.com/img/logo.png"')],
    ['a page', data('help: "www.example.com/guide:1.0"')],
    ['an API group', data('image_api: "image.openshift.io/v1"')],
    ['the host of a service', data('image_server: "registry.infra.svc/health:8080"')],
    ['a package', data('module: "github.com/acme/web:v1.2.3"')],
    ['a service and its version', env('- {name: SERVICE_NAME, value: web}\n- {name: SERVICE_VERSION, value: "2.1"}')],
    ['an application and its version', env('- {name: APP_NAME, value: acme/web}\n- {name: APP_VERSION, value: "1"}')],
    ['a chart and its version', 'kind: Release\nmetadata: {name: r}\nchart: {name: acme/redis, version: 1.2.3}\n'],
    ['words of another language', data('text: "Gr\u00f6\u00dfe/H\u00f6he:1.5 und/oder:breit"')],
    ['a path and a mode', data('mount: "image files in /var/lib/web:ro"')],
  ])('stays, unlisted: %s', async (_, more) => {
    const result = await move({ more })
    expect(result.text).toContain(more.trim().split('\n').at(-1))
    expect(listed(result)).toEqual(['quay.io/acme/web:1.0.0'])
    expect([result.plan.unresolved, result.proof.status]).toEqual([[], 'proven'])
  })

  it('stays by the thousand, in time that grows with it', async () => {
    const lines = Array.from({ length: 5000 }, (_, index) => `l${index}: "app.kubernetes.io/part-${index}:web"`)
    const result = await move({ more: data(lines.join('\n')) })
    expect(listed(result)).toEqual(['quay.io/acme/web:1.0.0'])
  })
})

const base64 = (text: string, times = 1): string =>
  times === 0 ? text : base64(Buffer.from(text).toString('base64'), times - 1)

describe('what was missed', () => {
  it.each([
    [
      'in base64 that the chart makes',
      {
        more: `kind: Secret\nmetadata: {name: s}\ndata:\n  c: {{ "helper_image = quay.io/acme/helper:2" | b64enc }}\n`,
      },
      'quay.io/acme/helper:2',
    ],
    [
      'in base64 of base64',
      {
        more: `kind: Secret\nmetadata: {name: s}\ndata: {c: {{ .Values.helper | b64enc | b64enc }}}\n`,
        values: 'helper: ghcr.io/acme/helper:2\n',
      },
      'ghcr.io/acme/helper:2',
    ],
    [
      'in a variable in base64',
      {
        more: env(`- {name: CONFIG, value: {{ printf "image: %s" .Values.side | b64enc }}}`),
        values: 'side: quay.io/acme/side:3\n',
      },
      'quay.io/acme/side:3',
    ],
    [
      'in JSON, the version beside the image',
      {
        more: data(`c.json: '{"runner": {"image": "{{ .Values.r }}", "version": "4.1"}}'`),
        values: 'r: quay.io/acme/runner\n',
      },
      'quay.io/acme/runner:4.1',
    ],
    [
      'in YAML, registry and repository apart',
      {
        more: data(
          `c.yaml: |\n  runner:\n    registry: {{ .Values.reg }}\n    repository: acme/runner\n    tag: "4.2"`,
        ),
        values: 'reg: quay.io\n',
      },
      'quay.io/acme/runner:4.2',
    ],
    [
      'as a plugin by oci://',
      { more: data('plugins: "install oci://ghcr.io/acme/plugin:bs_1.4!part"') },
      'ghcr.io/acme/plugin:bs_1.4',
    ],
    [
      'as variables of one stem, with the address of a registry',
      {
        more: env(
          '- {name: DB_REPO_URL, value: quay.io/acme}\n- {name: DB_IMAGE, value: db}\n- {name: DB_VERSION, value: "7"}',
        ),
      },
      'quay.io/acme/db:7',
    ],
  ])('moves and is listed: %s', async (_, parts, image) => {
    const result = await move(parts)
    expect(listed(result)).toContain(image)
    expect(result.plan.unresolved).toEqual([])
    expect(result.plan.images.find(({ from }) => from === image)).toMatchObject({ rendered: true })
  })

  it('is not searched for deeper than five texts in one another, and is found up to there', async () => {
    const parts = (times: number): Parts => ({ more: data(`c: "${base64('see quay.io/acme/deep:1.0', times)}"`) })
    const stuck = await move(parts(4))
    expect(stuck.plan.unresolved.map(({ image }) => image)).toEqual(['quay.io/acme/deep:1.0'])
    expect(JSON.stringify(stuck.plan)).not.toContain('see quay.io')
    expect((await move(parts(6))).plan.unresolved).toEqual([])
  })

  it.each([
    ['percent and a name', 'ghcr.io/acme/%(type)s:%(version)s', 'reg.corp:5000/m/acme/%(type)s:%(version)s'],
    ['percent and a letter', 'quay.io/acme/run:%s', 'reg.corp:5000/m/acme/run:%s'],
    ['double braces', 'quay.io/acme/run:{{`{{ version }}`}}', 'reg.corp:5000/m/acme/run:{{ version }}'],
    ['a variable of a shell', 'quay.io/acme/run:$TAG', 'reg.corp:5000/m/acme/run:$TAG'],
  ])('moves with its registry and is warned of, filled in by %s', async (_, written, moved) => {
    const result = await move({ more: data(`pattern: "${written}"`) })
    expect(result.text).toContain(moved)
    expect(result.plan.warnings).toEqual([expect.stringContaining('is filled in when it runs')])
    expect(listed(result)).toEqual(['quay.io/acme/web:1.0.0'])
  })

  it('moves in both places where one leaf is printed twice, once cut', async () => {
    const result = await move({
      values: 'image: docker.io/acme/agent:1.2.3\n',
      more: `kind: Pod\nmetadata: {name: t, labels: {v: {{ regexFind ":.*" .Values.image | trimPrefix ":" | quote }}}}\nspec:\n  containers:\n    - image: {{ .Values.image }}\n      command: [sh, -c, "main -side={{ .Values.image }}"]\n`,
    })
    expect(result.text).not.toContain('docker.io')
    expect(result.text).toContain('v: "1.2.3"')
  })

  it('leaves a registry that stands for names of other people, and says so', async () => {
    const { text, plan } = await move({ more: data('defaultRegistry: docker.io') })
    expect(text).toContain('defaultRegistry: docker.io')
    expect(plan.warnings).toEqual([expect.stringContaining('docker.io: that stays')])
  })

  it('names a registry below which nothing is known, and no copy has to find a name without a tag', async () => {
    const result = await move({
      values: 'db: {registry: mirror.gcr.io, path: acme/scan-db}\n',
      more: data('scanner.dbRepository: "{{ .Values.db.registry }}/{{ .Values.db.path }}"'),
    })
    expect(result.plan.images.filter(({ rendered }) => !rendered)).toMatchObject([
      { from: 'mirror.gcr.io/acme/scan-db' },
    ])
    expect(result.plan.warnings.join('\n')).toMatch(/values\.yaml db\.registry moves from mirror\.gcr\.io/)
  })

  it('warns of a tag that follows the version of the cluster, and lists one for each that is given', async () => {
    const more = `kind: Pod\nspec: {containers: [{image: "registry.k8s.io/kubectl:v{{ .Capabilities.KubeVersion.Major }}.{{ .Capabilities.KubeVersion.Minor }}.0"}]}\n`
    const result = await move({ more }, { context: { kubeVersion: '1.30.0', alsoKubeVersions: ['1.31.0'] } })
    expect(listed(result)).toEqual(
      expect.arrayContaining(['registry.k8s.io/kubectl:v1.30.0', 'registry.k8s.io/kubectl:v1.31.0']),
    )
    expect(result.plan.warnings.join('\n')).toMatch(/kubectl:v1\.30\.0 follows the cluster version/)
  })
})

describe('a switch that chooses another tag', () => {
  it.each(['distroless', 'fips', 'useEnterprise'])('lists the image of it: %s', async (key) => {
    const result = await move({
      values: `image: {repository: quay.io/acme/exp, tag: "1.0", ${key}: false}\n`,
      more: `kind: Pod\nmetadata: {name: s}\nspec: {containers: [{image: "{{ .Values.image.repository }}:{{ .Values.image.tag }}{{ if .Values.image.${key} }}-x{{ end }}"}]}\n`,
    })
    expect(listed(result)).toEqual(expect.arrayContaining(['quay.io/acme/exp:1.0', 'quay.io/acme/exp:1.0-x']))
  })
})

describe('values files beside values.yaml', () => {
  const parts: Parts = {
    values: 'side: quay.io/acme/side:1\n',
    more: 'kind: Pod\nmetadata: {name: s}\nspec: {containers: [{image: "{{ .Values.side }}"}]}\n',
    files: { 'values-openshift.yaml': 'side: registry.vendor.test/acme/side-ubi:1\n' },
  }

  it('are read: their images move, and are told apart', async () => {
    const { plan, proof, archive } = await move(parts)
    expect(plan.images.find(({ from }) => from.startsWith('registry.vendor'))).toEqual({
      from: 'registry.vendor.test/acme/side-ubi:1',
      when: 'only with values-openshift.yaml',
      to: 'reg.corp:5000/m/acme/side-ubi:1',
      rendered: false,
      note: 'only with values-openshift.yaml',
    })
    expect(Buffer.from(archive.chart.files.get('values-openshift.yaml') ?? []).toString()).toContain('reg.corp:5000/m/')
    expect(proof).toMatchObject({ status: 'proven', scenarios: ['default', 'values-openshift.yaml'] })
  })

  it('stay where they are not to be looked at', async () => {
    const { plan } = await move(parts, { context: { extraValues: false } })
    expect(plan.images.map(({ from }) => from)).not.toContain('registry.vendor.test/acme/side-ubi:1')
  })
})

describe('failing well', () => {
  const values = 'image:\n  repository: docker.io/acme/web\n  tag: "1.0"\n'
  const more =
    'kind: Pod\nmetadata: {name: w}\nspec: {containers: [{image: "{{ .Values.image.repository }}:{{ .Values.image.tag }}"}]}\n'
  const schema = (rule: object): Parts['files'] => ({
    'values.schema.json': JSON.stringify({ properties: { image: { properties: { repository: rule } } } }),
  })

  it.each([
    ['a pattern', schema({ pattern: '^[a-z0-9-_/.]+$' })],
    ['a length', schema({ maxLength: 20 })],
    ['a constant', schema({ const: 'docker.io/acme/web' })],
  ])('moves in the template what %s of a schema refuses in the values', async (_, files) => {
    const { text, plan } = await move({ values, more, files: files ?? {} })
    expect(text).toContain('reg.corp:5000/m/acme/web:1.0')
    expect(plan.unresolved).toEqual([])
  })

  it('says that a value takes no port where templates may not be edited, and moves the others', async () => {
    const { text, plan } = await move(
      {
        values: `${values}side: quay.io/acme/side:2\n`,
        more: more.replace('}]}', '}, {image: "{{ .Values.side }}"}]}'),
        files: schema({ pattern: '^[a-z0-9-_/.]+$' }) ?? {},
      },
      { templateEdits: false },
    )
    expect(text).toContain('reg.corp:5000/m/acme/side:2')
    expect(plan.unresolved.map(({ image, reason }) => `${image}: ${reason}`).join('\n')).toMatch(
      /docker\.io\/acme\/web:1\.0: .*does not take a port/,
    )
  })

  it.each([
    ['points to another by a URL', { $ref: 'https://example.test/d.json#/x' }],
    ['the chart itself breaks', { required: ['licence'] }],
  ])('renders without a schema that %s, and says so', async (_, rule) => {
    const { plan, proof } = await move({ files: { 'values.schema.json': JSON.stringify(rule) } })
    expect(plan.warnings).toEqual([expect.stringContaining('values.schema.json is left aside')])
    expect(proof.status).toBe('proven')
  })
})

describe('a proof', () => {
  it('names what helm 4 alone reads', async () => {
    const { proof, plan } = await move({
      values: 'side: quay.io/acme/side:1\n---\nside: quay.io/acme/side:2\n',
      more: 'kind: Pod\nmetadata: {name: s}\nspec: {containers: [{image: "{{ .Values.side }}"}]}\n',
    })
    expect(proof.helm).toEqual([3, 4])
    expect([...plan.images.map(({ from }) => from), ...plan.unresolved.map(({ image }) => image)]).toContain(
      'quay.io/acme/side:2',
    )
  })

  it('calls no image proven that is not in it', async () => {
    const switches = fc.array(fc.record({ on: fc.boolean(), name: fc.integer({ min: 0, max: 9 }) }), { maxLength: 6 })
    await fc.assert(
      fc.asyncProperty(switches, async (features) => {
        const values = features
          .map(({ on, name }, index) => `f${index}: {use: ${on}, image: "quay.io/acme/f${name}:${index}"}\n`)
          .join('')
        const more = features
          .map(
            (_, index) =>
              `{{ if .Values.f${index}.use }}\n---\nkind: Pod\nmetadata: {name: f${index}}\nspec: {containers: [{image: "{{ .Values.f${index}.image }}"}]}\n{{ end }}`,
          )
          .join('\n')
        const { plan, proof } = await move({ values: values === '' ? '{}' : values, more })
        expect(proof.images.map(({ image }) => image)).toEqual(plan.images.map(({ from }) => from))
        const covered = proof.images.filter(({ renderer }) => renderer === proof.renderer).length
        expect(proof.status === 'proven').toBe(covered === plan.images.length && plan.unresolved.length === 0)
        if (proof.status !== 'proven') expect(proof.reasons).not.toEqual([])
      }),
      { numRuns: 15 },
    )
  })
})
