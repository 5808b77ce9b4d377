// `chartferry template` beside the real `helm template`: the same bytes for the same flags.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildChart } from '../kit/charts.ts'
import { type CommandRun, runChartferry } from '../kit/command.ts'
import { type Helm, openHelm } from '../kit/helm.ts'
import { describeWithTools } from '../kit/tools.ts'

const hook = (name: string, events: string): string =>
  `kind: Pod\napiVersion: v1\nmetadata:\n  name: ${name}\n  annotations:\n    "helm.sh/hook": ${events}\n`
const pod = `kind: Pod
apiVersion: v1
metadata: {name: {{ .Release.Name }}-web, namespace: {{ .Release.Namespace }}}
spec:
  containers:
    - image: "{{ .Values.image.registry }}/{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}"
      env: [{name: TEXT, value: {{ .Values.text | default "none" | quote }}}]
`
const chart = {
  name: 'web',
  metadata: { appVersion: '1.2' },
  values: 'image:\n  registry: quay.io\n  repository: acme/web\n',
  templates: {
    'pod.yaml': pod,
    'kinds.yaml': 'kind: Service\nmetadata: {name: a}\n---\n\nkind: Secret\nmetadata: {name: b}\n\n---\n# nothing\n',
    'bytes.yaml': 'kind: ConfigMap\ndata: {a: "{{ "w6Q=" | b64dec }} {{ .Files.Get "note.txt" | trim }}"}\n',
    'tests/probe.yaml': hook('probe', 'test'),
    'install.yaml': hook('install', 'pre-install,post-upgrade'),
    'clusters.yaml':
      '{{ if .Capabilities.APIVersions.Has "acme.io/v1" }}kind: Acme\nat: {{ .Capabilities.KubeVersion }}{{ end }}',
    'NOTES.txt': 'Never printed.',
  },
  files: {
    'crds/web.yaml': 'kind: CustomResourceDefinition\nmetadata: {name: x}\n\n---\nkind: CustomResourceDefinition\n\n',
    'note.txt': 'Grüße',
    'values.schema.json': '{"properties": {"text": {"type": "string"}}}',
  },
  subcharts: [
    {
      name: 'db',
      templates: { 'db.yaml': 'kind: StatefulSet\nmetadata: {name: db}\n' },
      files: { 'crds/db.yaml': 'kind: CustomResourceDefinition\nmetadata: {name: db}' },
    },
  ],
}

async function writeFiles(folder: string): Promise<void> {
  const files = {
    'web.tgz': await buildChart(chart),
    'none.tgz': await buildChart({ name: 'none', templates: { 'NOTES.txt': 'hello' } }),
    'a.yaml': 'image: {tag: a, registry: a}\n',
    'b.yaml': 'image: {tag: b}\n',
    'text.txt': 'one\ntwo, "three"\n',
  }
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content)
}

/** Those that print other documents; what the others test is the same for every Helm. */
const printingLines = 4
const commandLines: readonly (readonly string[])[] = [
  ['demo', 'web.tgz', '-n', 'other'],
  ['none.tgz'],
  ['web.tgz', '--include-crds'],
  ['web.tgz', '-s', 'templates/*/*.yaml', '-s', 'templates/kinds.yaml'],
  ['web.tgz', '--no-hooks'],
  ['web.tgz', '--skip-tests'],
  ['web.tgz', '-f', 'a.yaml,b.yaml', '--set', 'image.registry=c,text=x\\,y', '--set-string', 'image.tag=1'],
  ['web.tgz', '-f', 'b.yaml', '-f', 'a.yaml', '--set-file', 'text=text.txt,image.tag=b.yaml'],
  ['web.tgz', '--kube-version', '1.30.2', '-a', 'x.io/v1,acme.io/v1'],
  ['web.tgz', '--set', 'text=1', '--skip-schema-validation'],
  ['web.tgz', '-s', 'crds/web.yaml', '--include-crds'],
]

const refusedLines: readonly (readonly string[])[] = [
  ['Demo', 'web.tgz'],
  ['web.tgz', '-s', 'templates/none.yaml'],
  ['web.tgz', '--set', 'text=1'],
]

describeWithTools('chartferry template', ['helm3', 'helm4'], (paths) => {
  describe.each([
    ['3', paths.helm3],
    ['4', paths.helm4],
  ])('as Helm %s', (major, path) => {
    let helm: Helm
    beforeAll(async () => {
      helm = await openHelm(path)
      await writeFiles(helm.folder)
    })
    afterAll(() => helm.close())

    const template = (...args: readonly string[]): Promise<CommandRun> =>
      runChartferry(['template', ...args], { cwd: helm.folder, env: { HELM_BIN: path } })

    const compared = major === '3' ? commandLines : commandLines.slice(0, printingLines)
    it.each(compared.map((line) => [line.join(' '), line] as const))(
      'prints the bytes of helm: %s',
      async (_, line) => {
        const expected = await helm.must('template', ...line)
        expect(expected.length).toBeGreaterThan(0)
        expect(await template(...line, '--helm-version', major)).toEqual({ code: 0, stdout: expected, stderr: '' })
      },
    )

    it.each(['helm', 'both'])('prints the bytes of helm by --renderer %s', async (renderer) => {
      const { code, stdout } = await template(
        'web.tgz',
        '--include-crds',
        '--renderer',
        renderer,
        '--helm-version',
        major,
      )
      expect(stdout).toBe(await helm.must('template', 'web.tgz', '--include-crds'))
      expect(code).toBe(0)
    })

    it.each(refusedLines.map((line) => [line.join(' '), line] as const))(
      'refuses what helm refuses, in its words: %s',
      async (_, line) => {
        const refusal = await helm.run('template', ...line)
        const words = /^Error: (.*)/m.exec(refusal.stderr)?.[1] ?? ''
        const run = await template(...line, '--helm-version', major)
        expect([refusal.code === 0, words === '', run.code === 0, run.stdout]).toEqual([false, false, false, ''])
        expect(run.stderr).toContain(words)
      },
    )

    it('follows the helm at hand where it is compared with', async () => {
      const { code, stdout } = await template('web.tgz', '--renderer', 'both', '--set', 'text=x')
      expect([code, stdout]).toEqual([0, await helm.must('template', 'web.tgz', '--set', 'text=x')])
    })

    it('refuses a helm of another major version', async () => {
      const other = major === '3' ? '4' : '3'
      const { code, stderr } = await template('web.tgz', '--renderer', 'helm', '--helm-version', other)
      expect(code).toBe(8)
      expect(stderr).toContain(`HELM_BIN to the path of a helm ${other}`)
    })
  })
})

describe('chartferry template without helm', () => {
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'chartferry-test-'))
    await writeFiles(folder)
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  const template = (...args: readonly string[]): Promise<CommandRun> =>
    runChartferry(['template', ...args], { cwd: folder, env: { PATH: '', HELM_BIN: undefined } })

  it('renders', async () => {
    expect(await template('web.tgz', '-s', 'charts/db/templates/db.yaml')).toEqual({
      code: 0,
      stdout: '---\n# Source: web/charts/db/templates/db.yaml\nkind: StatefulSet\nmetadata: {name: db}\n',
      stderr: '',
    })
  })

  it('says who wrote each part of an image, and prints the same', async () => {
    const { stdout } = await template('web.tgz', '-f', 'b.yaml')
    const traced = await template('web.tgz', '-f', 'b.yaml', '--trace')
    expect(traced.stdout).toBe(stdout)
    expect(traced.stderr).toBe(`quay.io/acme/web:b
  Pod/release-name-web  spec.containers[0].image
    quay.io   values.yaml:2         image.registry
    /         templates/pod.yaml:6
    acme/web  values.yaml:3         image.repository
    :         templates/pod.yaml:6
    b         b.yaml:1              image.tag
`)
  })

  it.each([
    [['--renderer', 'helm'], 8, /no helm/],
    [['--renderer', 'both'], 8, /no helm/],
    [['--renderer', 'helm', '--trace'], 2, /--trace needs the engine/],
    [['--set-file', 'text'], 2, /"text" is not PATH=FILE/],
    [['--set-file', 'text=none.txt'], 3, /--set-file none\.txt/],
  ] as const)('refuses %j', async (args, code, words) => {
    const run = await template('web.tgz', ...args)
    expect([run.code, run.stdout]).toEqual([code, ''])
    expect(run.stderr).toMatch(words)
  })
})
