// The command line as a person, or a pipeline, meets it.
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { readChartArchive } from '@chartferry/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { buildChart } from '../kit/charts.ts'
import { type CommandRun, runChartferry } from '../kit/command.ts'
import { describeWithTools } from '../kit/tools.ts'

const pod = `apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers: [{name: web, image: "{{ .Values.image.registry }}/{{ .Values.image.repository }}:{{ .Values.image.tag }}"}]
`
const values = 'image:\n  registry: quay.io\n  repository: acme/web\n  tag: "1.0"\n'
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

describe('chartferry', () => {
  it.each([[[]], [['images']], [['plan']], [['relocate']], [['verify']], [['serve']]])(
    'has a help with an example: %j',
    async (command) => {
      const { code, stdout } = await runChartferry([...command, '--help'])
      expect(code).toBe(0)
      expect(stdout).toMatch(/Example:\n {2}\$ chartferry /)
    },
  )

  it('ends quietly when its reader has seen enough', async () => {
    const bin = join(import.meta.dirname, '../../packages/cli/src/bin.ts')
    const line = `"${process.execPath}" --conditions=@chartferry/source "${bin}" relocate --help | { read -r line; echo "$line"; }`
    const { stdout, stderr } = await promisify(execFile)('sh', ['-c', line])
    expect([stdout, stderr]).toEqual([expect.stringMatching(/^Usage: chartferry relocate/), ''])
  })

  it.each([
    ['an unknown command', ['fly'], 2, /unknown command/],
    ['no target', ['relocate', 'web-1.0.0.tgz', '--dry-run'], 2, /--to/],
    ['no place for the result', ['relocate', 'web-1.0.0.tgz', ...to], 2, /-d, a file with --bundle/],
    [
      'a target with a scheme',
      ['relocate', 'web-1.0.0.tgz', '--to', 'https://reg.corp', '--dry-run'],
      2,
      /has no scheme/,
    ],
    ['a file that is not there', ['images', './nothing.tgz'], 3, /nothing\.tgz: no such file/],
    ['a repository that helm does not know', ['images', 'nowhere/web'], 3, /helm repo add nowhere URL/],
    ['a version that the archive does not have', ['images', 'web-1.0.0.tgz', '--version', '^2'], 3, /does not satisfy/],
    ['a registry that is not there', ['images', 'oci://127.0.0.1:1/web'], 8, /127\.0\.0\.1:1.*refused/],
    ['a values file that is not there', ['images', 'web-1.0.0.tgz', '-f', 'none.yaml'], 3, /values file none\.yaml/],
  ] as const)('says what is wrong with %s', async (_, args, code, words) => {
    const run = await runChartferry(args, { cwd: folder, env: { HELM_CONFIG_HOME: folder } })
    expect(run.code).toBe(code)
    expect(run.stderr).toMatch(words)
    expect(run.stdout).toBe('')
  })

  it('refuses a file that is no archive', async () => {
    await writeFile(join(folder, 'page.tgz'), '<html>')
    const { code, stderr } = await runChartferry(['images', 'page.tgz'], { cwd: folder })
    expect(code).toBe(2)
    expect(stderr).toContain('exit 2 (ARCHIVE_INVALID)')
  })

  it('relocates without helm, and says who proved the result', async () => {
    const run = await runChartferry(['relocate', 'web-1.0.0.tgz', ...to, '-d', 'out'], {
      cwd: folder,
      env: { PATH: '', HELM_BIN: undefined },
    })
    expect(run).toMatchObject({ code: 0, stdout: expect.stringMatching(/proven by engine v3\./) })
    expect(run.stderr).toContain('helm was not found')
    const { chart } = await readChartArchive(await readFile(join(folder, 'out/web-1.0.0.tgz')))
    expect(Buffer.from(chart.files.get('values.yaml') ?? []).toString()).toContain('registry: reg.corp:5000/mirror\n')
  })
})

describeWithTools('chartferry with helm', ['helm3'], ({ helm3 }) => {
  const run = (...args: readonly string[]): Promise<CommandRun> =>
    runChartferry(args, { cwd: folder, env: { HELM_BIN: helm3 } })

  it('writes chart, plan and bundle', async () => {
    const { code, stdout, stderr } = await run(
      'relocate',
      'web-1.0.0.tgz',
      ...to,
      '-d',
      'out',
      '--save-plan',
      'plan.json',
      '--bundle',
      'shop.ferry',
      '--no-images',
    )
    expect(code).toBe(0)
    expect(stdout).toContain('quay.io/acme/web:1.0  →  reg.corp:5000/mirror/acme/web:1.0')
    expect(stdout).toMatch(/proven by helm v3\.[0-9.]+: 1 image moved, 0 left, nothing else changed/)
    expect(stderr).toMatch(/^web-1\.0\.0\.tgz {2}verify/m)
    expect((await readdir(join(folder, 'out'))).sort()).toEqual(['web-1.0.0.tgz'])
    const plan = JSON.parse(await readFile(join(folder, 'plan.json'), 'utf8'))
    expect(plan.images).toEqual([
      { from: 'quay.io/acme/web:1.0', to: 'reg.corp:5000/mirror/acme/web:1.0', rendered: true, when: 'always' },
    ])
    expect((await readFile(join(folder, 'shop.ferry'))).includes('oci-layout')).toBe(true)
  })

  it('prints one JSON document', async () => {
    const { stdout } = await run('relocate', 'web-1.0.0.tgz', ...to, '-d', 'out', '--json')
    expect(JSON.parse(stdout)).toMatchObject({
      charts: [
        {
          chart: { name: 'web', version: '1.0.0' },
          archive: join('out', 'web-1.0.0.tgz'),
          proof: { status: 'proven', moved: 1 },
        },
      ],
    })
  })

  it('prints what changes as diff -u does', async () => {
    const { stdout } = await run('relocate', 'web-1.0.0.tgz', ...to, '--dry-run', '--diff')
    expect(stdout).toBe(
      '--- a/values.yaml\n+++ b/values.yaml\n@@ -1,4 +1,4 @@\n image:\n-  registry: quay.io\n+  registry: reg.corp:5000/mirror\n   repository: acme/web\n   tag: "1.0"\n',
    )
    expect(existsSync(join(folder, 'out'))).toBe(false)
  })

  it('is silent on standard error when asked to be', async () => {
    expect((await run('relocate', 'web-1.0.0.tgz', ...to, '-d', 'out', '--quiet')).stderr).toBe('')
  })

  it('leaves nothing behind where one of several charts cannot be relocated', async () => {
    const fixed = pod.replace(/"\{\{.*\}\}"/, `{{ b64dec "${Buffer.from('acme/fixed:2').toString('base64')}" }}`)
    await writeFile(
      join(folder, 'fixed-1.0.0.tgz'),
      await buildChart({ name: 'fixed', templates: { 'pod.yaml': fixed } }),
    )
    const before = await readdir(folder)
    const { code, stderr } = await run(
      'relocate',
      'web-1.0.0.tgz',
      'fixed-1.0.0.tgz',
      ...to,
      '-d',
      'out',
      '--save-plan',
      'plan.json',
    )
    expect(code).toBe(7)
    expect(stderr).toContain('acme/fixed:2')
    expect(await readdir(folder)).toEqual(before)
  })

  it('shows in a dry run what cannot be moved, and fails', async () => {
    const fixed = pod.replace(/"\{\{.*\}\}"/, `{{ b64dec "${Buffer.from('acme/fixed:2').toString('base64')}" }}`)
    await writeFile(
      join(folder, 'fixed-1.0.0.tgz'),
      await buildChart({ name: 'fixed', templates: { 'pod.yaml': fixed } }),
    )
    const { code, stdout } = await run('relocate', 'fixed-1.0.0.tgz', ...to, '--dry-run')
    expect(code).toBe(7)
    expect(stdout).toContain('acme/fixed:2  ✖')
  })

  it('applies a saved plan for another registry without helm, to the same bytes', async () => {
    await run('relocate', 'web-1.0.0.tgz', ...to, '-d', 'out', '--save-plan', 'plan.json')
    const other = ['--to', 'b:5000/x/y']
    await run('relocate', 'web-1.0.0.tgz', ...other, '-d', 'direct')
    const args = ['relocate', 'web-1.0.0.tgz', '--plan', 'plan.json', ...other, '-d', 'planned']
    const planned = await runChartferry(args, { cwd: folder, env: { PATH: '', HELM_BIN: undefined } })
    expect(planned).toMatchObject({ code: 0, stdout: expect.stringContaining('b:5000/x/y/acme/web:1.0') })
    const [direct, again] = await Promise.all(
      ['direct', 'planned'].map((name) => readFile(join(folder, name, 'web-1.0.0.tgz'))),
    )
    expect(direct?.equals(again ?? Buffer.alloc(0))).toBe(true)
  })

  it('refuses a plan for other bytes, and a text that is no plan', async () => {
    await run('relocate', 'web-1.0.0.tgz', ...to, '--save-plan', 'plan.json')
    await writeFile(
      join(folder, 'other.tgz'),
      await buildChart({ name: 'web', values: `${values}# more\n`, templates: { 'pod.yaml': pod } }),
    )
    const stale = await run('relocate', 'other.tgz', '--plan', 'plan.json', '--dry-run')
    expect(stale).toMatchObject({ code: 7, stderr: expect.stringContaining('PLAN_STALE') })
    await writeFile(join(folder, 'no.json'), '{"format": "something"}')
    const none = await run('relocate', 'web-1.0.0.tgz', '--plan', 'no.json', '--dry-run')
    expect(none).toMatchObject({ code: 2, stderr: expect.stringContaining('PLAN_INVALID') })
  })

  it('verifies what somebody else relocated', async () => {
    await run('relocate', 'web-1.0.0.tgz', ...to, '-d', 'out', '--save-plan', 'plan.json')
    const good = await run('verify', 'web-1.0.0.tgz', 'out/web-1.0.0.tgz', '--plan', 'plan.json')
    expect(good).toMatchObject({ code: 0, stdout: expect.stringContaining('proven by helm') })
    const wrong = values.replace('quay.io', 'reg.corp:5000/mirror').replace('1.0', '1.1')
    await writeFile(
      join(folder, 'wrong.tgz'),
      await buildChart({ name: 'web', values: wrong, templates: { 'pod.yaml': pod } }),
    )
    const bad = await run('verify', 'web-1.0.0.tgz', 'wrong.tgz', '--plan', 'plan.json')
    expect(bad).toMatchObject({ code: 5, stderr: expect.stringContaining('spec.containers[0].image') })
  })

  it('packs a folder, without what .helmignore names', async () => {
    const chart = join(folder, 'chart')
    await mkdir(join(chart, 'templates'), { recursive: true })
    const files = {
      'Chart.yaml': 'apiVersion: v2\nname: web\nversion: 2.0.0\n',
      'values.yaml': values,
      'templates/pod.yaml': pod,
      'notes.bak': 'x',
      '.helmignore': '*.bak\n',
    }
    for (const [path, text] of Object.entries(files)) await writeFile(join(chart, path), text)
    expect((await run('relocate', './chart', ...to, '-d', 'out')).code).toBe(0)
    const relocated = await readChartArchive(await readFile(join(folder, 'out/web-2.0.0.tgz')))
    expect([...relocated.chart.files.keys()].sort()).toEqual([
      '.helmignore',
      'Chart.yaml',
      'templates/pod.yaml',
      'values.yaml',
    ])
  })

  it('lists images and explains one', async () => {
    const list = await run('images', 'web-1.0.0.tgz')
    expect(list.stdout).toContain('quay.io/acme/web:1.0  values.yaml:2 image  always')
    const why = await run('images', 'web-1.0.0.tgz', '--why', 'quay.io/acme/web')
    expect(why.stdout).toContain('rendered  Pod/web')
    expect(why.stdout).toContain('written   values.yaml:4  image.tag')
    expect((await run('images', 'web-1.0.0.tgz', '--why', 'nginx')).code).toBe(3)
  })

  it('drops the provenance of a chart that it changes, and says so', async () => {
    await writeFile(join(folder, 'web-1.0.0.tgz.prov'), 'signed')
    const { stderr } = await run('relocate', 'web-1.0.0.tgz', ...to, '-d', 'out')
    expect(stderr).toContain('provenance dropped')
    expect(await readdir(join(folder, 'out'))).toEqual(['web-1.0.0.tgz'])
  })
})
