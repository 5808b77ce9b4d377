// A plan before it is applied, applied elsewhere, and taken back, as a person types it.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parsePlan, readChartArchive } from '@chartferry/core'
import { openRegistries } from '@chartferry/core/oci'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { buildChart } from '../kit/charts.ts'
import { type CommandRun, runChartferry } from '../kit/command.ts'
import { layerOf, pushImage } from '../kit/images.ts'
import { startRegistry } from '../kit/registry.ts'

const values = "webImage: 'quay.io/acme/web:1.0' # ours\nimagePullSecrets: []\n"
const pod = `apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  {{- with .Values.imagePullSecrets }}
  imagePullSecrets: {{ toYaml . | nindent 4 }}
  {{- end }}
  containers: [{name: web, image: "{{ .Values.webImage }}"}, {name: side, image: ghcr.io/acme/side:2}]
`
const to = ['--to', 'reg.corp:5000/mirror']
let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'chartferry-test-'))
  await writeFile(
    join(folder, 'web-1.0.0.tgz'),
    await buildChart({ name: 'web', values, templates: { 'pod.yaml': pod } }),
  )
})

afterEach(() => rm(folder, { recursive: true, force: true }))

const run = (...args: readonly string[]): Promise<CommandRun> =>
  runChartferry(args, { cwd: folder, env: { PATH: '', HELM_BIN: undefined } })

async function textOf(file: string, path: string): Promise<string> {
  const { chart } = await readChartArchive(await readFile(join(folder, file)))
  return Buffer.from(chart.files.get(path) ?? []).toString()
}

describe('chartferry plan', () => {
  it('shows images and edits, those in templates apart', async () => {
    const { code, stdout } = await run('plan', 'web-1.0.0.tgz', ...to)
    expect(code).toBe(0)
    expect(stdout).toContain('quay.io/acme/web:1.0  →  reg.corp:5000/mirror/acme/web:1.0')
    expect(stdout).toMatch(/^values\.yaml\n {5}1 {2}webImage {2}quay\.io\/acme\/web:1\.0 {2}→ {2}reg\.corp/m)
    expect(stdout).toMatch(/in templates and other files:\ntemplates\/pod\.yaml\n {5}8 {2}\(text\) {2}ghcr\.io {2}→/)
    expect(stdout).toMatch(
      /^web 1\.0\.0 to reg\.corp:5000\/mirror \(mode path\): 2 images, 2 edits in 2 files, 0 unresolved$/m,
    )
  })

  it('prints one document, JSON or YAML', async () => {
    const json = await run('plan', 'web-1.0.0.tgz', ...to, '--json', '-q')
    const yaml = await run('plan', 'web-1.0.0.tgz', ...to, '-o', 'yaml', '-q')
    expect(parsePlan(yaml.stdout, 'plan')).toEqual(JSON.parse(json.stdout))
    expect([json.stderr, yaml.stderr]).toEqual(['', ''])
  })

  it('saves a plan that relocate applies, and that --undo takes back', async () => {
    expect((await run('plan', 'web-1.0.0.tgz', ...to, '--save', 'plan.yaml')).code).toBe(0)
    expect((await run('relocate', 'web-1.0.0.tgz', '--plan', 'plan.yaml', '-d', 'out')).code).toBe(0)
    expect(await textOf('out/web-1.0.0.tgz', 'values.yaml')).toContain("'reg.corp:5000/mirror/acme/web:1.0' # ours")
    const undone = await run('relocate', 'out/web-1.0.0.tgz', '--undo', 'plan.yaml', '-d', 'back')
    expect(undone).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('2 files have their original bytes again'),
    })
    expect(await textOf('back/web-1.0.0.tgz', 'values.yaml')).toBe(values)
    expect(await textOf('back/web-1.0.0.tgz', 'templates/pod.yaml')).toBe(pod)
    const wrong = await run('relocate', 'back/web-1.0.0.tgz', '--undo', 'plan.yaml', '--dry-run')
    expect(wrong).toMatchObject({ code: 7, stderr: expect.stringContaining('PLAN_STALE') })
  })

  it.each([['--pull-secret', 'x'], ['--no-template-edits'], ['--image', 'acme/x:1'], ['--mode', 'flatten']])(
    'is not changed by %s',
    async (...flag) => {
      const args = ['relocate', 'web-1.0.0.tgz', '--plan', 'plan.json', '-d', 'out', ...flag]
      expect(await run(...args)).toMatchObject({
        code: 2,
        stderr: expect.stringContaining(`${flag[0]} cannot be used with --plan`),
      })
    },
  )

  it('counts an image that the chart does not name', async () => {
    const { stdout } = await run('images', 'web-1.0.0.tgz', '--image', 'acme/extra:3')
    expect(stdout).toMatch(/^acme\/extra:3 +--image +always$/m)
    const plan = JSON.parse((await run('plan', 'web-1.0.0.tgz', ...to, '--image', 'acme/extra:3', '--json')).stdout)
    expect(plan.images).toContainEqual({
      from: 'acme/extra:3',
      to: 'reg.corp:5000/mirror/acme/extra:3',
      rendered: true,
      note: 'named by you',
    })
  })

  it('leaves templates alone where that is asked for, and says what stays', async () => {
    const { code, stderr } = await run('relocate', 'web-1.0.0.tgz', ...to, '-d', 'out', '--no-template-edits')
    expect(code).toBe(7)
    expect(stderr).toContain('ghcr.io/acme/side:2: it stands in templates/pod.yaml, and templates are not to be edited')
  })

  it('gives pods a pull secret', async () => {
    const { code } = await run('relocate', 'web-1.0.0.tgz', ...to, '-d', 'out', '--pull-secret', 'mirror')
    expect(code).toBe(0)
    expect(await textOf('out/web-1.0.0.tgz', 'values.yaml')).toContain('imagePullSecrets: [{name: mirror}]\n')
  })

  it('writes the digests that tags stand for', async () => {
    const registry = await startRegistry()
    const registries = openRegistries()
    try {
      const { digest } = await pushImage(registries.repository(`${registry.host}/acme/web`), {
        layers: [layerOf('web', 100)],
        tag: '1.0',
      })
      const image = `${registry.host}/acme/web:1.0`
      const chart = {
        name: 'pinned',
        values: `image: ${image}\n`,
        templates: { 'pod.yaml': 'kind: Pod\nspec: {containers: [{image: "{{ .Values.image }}"}]}\n' },
      }
      await writeFile(join(folder, 'pinned-1.0.0.tgz'), await buildChart(chart))
      const { code, stdout } = await run('relocate', 'pinned-1.0.0.tgz', ...to, '-d', 'out', '--pin-digests')
      expect(code).toBe(0)
      expect(stdout).toContain(`reg.corp:5000/mirror/acme/web:1.0@${digest}`)
      expect(await textOf('out/pinned-1.0.0.tgz', 'values.yaml')).toBe(
        `image: reg.corp:5000/mirror/acme/web:1.0@${digest}\n`,
      )
    } finally {
      await registries.close()
      await registry.close()
    }
  })
})
