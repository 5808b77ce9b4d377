// Completion in a real bash: the script is read, and the function called as the shell would at a press of the key.
import { execFile } from 'node:child_process'
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runChartferry } from '../kit/command.ts'

const bin = join(import.meta.dirname, '../../packages/cli/src/bin.ts')
let folder = ''
let env: NodeJS.ProcessEnv = {}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'chartferry-completion-'))
  const files = {
    'bin/chartferry': `#!/bin/sh\nexec "${process.execPath}" --conditions=@chartferry/source "${bin}" "$@"\n`,
    'repositories.yaml': 'repositories: [{name: prometheus, url: "http://p"}, {name: grafana, url: "http://g"}]\n',
    'cache/prometheus-charts.txt': 'alertmanager\nkube-prometheus-stack\nprometheus\n',
    'registry.json': '{"auths": {"registry.corp:5000": {}, "https://index.docker.io/v1/": {}}}',
    'web-1.0.0.tgz': '',
  }
  for (const [name, text] of Object.entries(files)) {
    await mkdir(join(folder, name, '..'), { recursive: true })
    await writeFile(join(folder, name), text)
  }
  await chmod(join(folder, 'bin/chartferry'), 0o755)
  env = {
    ...process.env,
    PATH: [join(folder, 'bin'), process.env.PATH].join(delimiter),
    HOME: folder,
    HELM_REPOSITORY_CONFIG: join(folder, 'repositories.yaml'),
    HELM_REPOSITORY_CACHE: join(folder, 'cache'),
    HELM_REGISTRY_CONFIG: join(folder, 'registry.json'),
  }
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** What bash offers behind these words; the last one is being typed. */
async function offered(...words: readonly string[]): Promise<readonly string[]> {
  const quoted = words.map((word) => `'${word}'`).join(' ')
  const script = `eval "$(chartferry completion bash)"; COMP_WORDS=(chartferry ${quoted}); COMP_CWORD=${words.length}; _chartferry; printf '%s\\n' "\${COMPREPLY[@]}"`
  const { stdout } = await promisify(execFile)('bash', ['--norc', '-c', script], { cwd: folder, env })
  return stdout.split('\n').filter((line) => line !== '')
}

describe('completion', () => {
  it('knows commands, verbs and flags, but no former spelling', async () => {
    expect(await offered('rel')).toEqual(['relocate'])
    expect(await offered('bundle', 'ser')).toEqual(['serve'])
    expect(await offered('plan', 'web', '--save')).toEqual(['--save-plan'])
    expect(await offered('images', '--helm-version', '')).toEqual(['3', '4', 'both'])
  })

  it('knows repositories and their charts, registries and files', async () => {
    expect(await offered('images', 'pro')).toEqual(['prometheus/'])
    expect(await offered('images', 'prometheus/k')).toEqual(['prometheus/kube-prometheus-stack'])
    expect(await offered('images', 'web')).toEqual(['web-1.0.0.tgz'])
    expect(await offered('copy', 'x', '--to', 'reg')).toEqual(['registry.corp:5000'])
    expect(await offered('login', 'reg')).toEqual(['registry.corp:5000'])
    expect(await offered('relocate', 'web', '--rules', 'repo')).toEqual(['repositories.yaml'])
  })

  it('has a script for each shell, and says which where there is none', async () => {
    for (const shell of ['bash', 'zsh', 'fish']) {
      const { code, stdout } = await runChartferry(['completion', shell])
      expect([code, stdout]).toEqual([0, expect.stringContaining('chartferry complete --')])
    }
    const { code, stderr } = await runChartferry(['completion', 'cmd'])
    expect([code, stderr]).toEqual([2, expect.stringContaining('bash, zsh, fish')])
  })
})

describe('commands about the command line', () => {
  it('help prints what --help prints, and all of it when asked', async () => {
    const short = (await runChartferry(['images', '--help'], { env: { COLUMNS: '100' } })).stdout
    expect((await runChartferry(['help', 'images'], { env: { COLUMNS: '100' } })).stdout).toBe(short)
    expect(short).not.toContain('--kube-version')
    expect((await runChartferry(['help', 'images', '--all'])).stdout).toContain('--kube-version')
    expect((await runChartferry(['help', 'options'])).stdout).toContain('--kube-version')
    expect((await runChartferry(['help', 'nothing'])).code).toBe(2)
  })

  it('version has a form for machines', async () => {
    const { stdout } = await runChartferry(['version', '--json'])
    expect(JSON.parse(stdout)).toEqual({
      version: expect.stringMatching(/^\d+\.\d+\.\d+$/),
      node: process.versions.node,
      platform: process.platform,
      arch: process.arch,
    })
  })

  it('knows what was meant', async () => {
    expect((await runChartferry(['imges'])).stderr).toContain('Did you mean images?')
  })
})
