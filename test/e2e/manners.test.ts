// The manners of the command line: failures are documents too, runs are summed up, pipes may close, Ctrl-C says how to go on.
import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openRegistries } from '@chartferry/core/oci'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildChart } from '../kit/charts.ts'
import { type CommandRun, runChartferry } from '../kit/command.ts'
import { layerOf, pushImage } from '../kit/images.ts'
import { startRegistry, type TestRegistry } from '../kit/registry.ts'

const bin = join(import.meta.dirname, '../../packages/cli/src/bin.ts')
let folder = ''
let source: TestRegistry
let target: TestRegistry

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'chartferry-manners-'))
  source = await startRegistry()
  target = await startRegistry()
  const registries = openRegistries({ plainHttp: true })
  await pushImage(registries.repository(`${source.host}/acme/web`), { layers: [layerOf('web', 1000)], tag: '1.0' })
  await registries.close()
  const pod =
    'apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {containers: [{name: web, image: {{ .Values.image }}}]}\n'
  const many = Array.from({ length: 400 }, (_, at) => `{name: c${at}, image: "quay.io/acme/part-${at}:1.0"}`)
  const charts = {
    web: { values: `image: ${source.host}/acme/web:1.0\n`, templates: { 'pod.yaml': pod } },
    many: {
      templates: {
        'pod.yaml': `apiVersion: v1\nkind: Pod\nmetadata: {name: many}\nspec: {containers: [${many.join(', ')}]}\n`,
      },
    },
    stuck: { templates: { 'pod.yaml': pod.replace('{{ .Values.image }}', `{{ b64dec "YWNtZS9maXhlZDoy" }}`) } },
  }
  for (const [name, chart] of Object.entries(charts))
    await writeFile(join(folder, `${name}-1.0.0.tgz`), await buildChart({ name, ...chart }))
})
afterAll(async () => {
  await Promise.all([source.close(), target.close()])
  await rm(folder, { recursive: true, force: true })
})

const env = (): Record<string, string | undefined> => ({
  XDG_CACHE_HOME: join(folder, 'cache'),
  HELM_BIN: undefined,
  GITHUB_STEP_SUMMARY: undefined,
})
const run = (args: readonly string[], more: Record<string, string> = {}): Promise<CommandRun> =>
  runChartferry(args, { cwd: folder, env: { ...env(), ...more } })

describe('a failure with --json', () => {
  it('is one document with code, message, hint and exit code', async () => {
    const { code, stdout, stderr } = await run(['images', 'nowhere.tgz', '--json'])
    expect(code).toBe(3)
    expect(JSON.parse(stdout)).toEqual({
      error: {
        code: 'FILE_NOT_FOUND',
        kind: 'not-found',
        message: 'nowhere.tgz: no such file or folder',
        hint: expect.stringMatching(/./),
        details: {},
        exitCode: 3,
      },
    })
    expect(stderr).toContain('exit 3 (FILE_NOT_FOUND)')
  })

  it('is one for a command line that cannot be read, too', async () => {
    const { code, stdout } = await run(['images', '--json', '--no-such-flag'])
    expect(code).toBe(2)
    expect(JSON.parse(stdout)).toMatchObject({
      error: { code: 'USAGE', message: expect.stringContaining('--no-such-flag') },
    })
  })

  it('says what was done before it', async () => {
    const { code, stdout } = await run(['relocate', 'stuck-1.0.0.tgz', '--to', 'r.corp/m', '--dry-run', '--json'])
    expect(code).toBe(7)
    const { error, done } = JSON.parse(stdout) as { error: object; done: object }
    expect(error).toMatchObject({ code: 'IMAGE_UNRESOLVED', exitCode: 7 })
    expect(done).toMatchObject({ charts: [{ chart: { name: 'stuck' } }] })
  })
})

describe('--summary', () => {
  it('writes Markdown and JUnit, also of a run that fails', async () => {
    const to = ['--to', `${target.host}/mirror`]
    const files = ['--summary', 'markdown', 'run.md', '--summary', 'junit', 'run.xml']
    expect((await run(['copy', '--chart', 'web-1.0.0.tgz', ...to, ...files])).code).toBe(0)
    expect(await readFile(join(folder, 'run.md'), 'utf8')).toContain(
      `| ✅ | \`${target.host}/mirror/acme/web:1.0\` | copied |`,
    )
    expect(await readFile(join(folder, 'run.xml'), 'utf8')).toContain('tests="1" failures="0"')
    expect((await run(['copy', `${source.host}/acme/gone:1`, ...to, '--summary', 'run.xml'])).code).toBe(3)
    expect(await readFile(join(folder, 'run.xml'), 'utf8')).toMatch(
      /tests="1" failures="1"[\s\S]*<failure type="\w+_NOT_FOUND"/,
    )
  })

  it('goes onto the page of a step where GitHub names one', async () => {
    const page = join(folder, 'step.md')
    await writeFile(page, 'before\n')
    await run(['images', 'web-1.0.0.tgz'], { GITHUB_STEP_SUMMARY: page })
    expect(await readFile(page, 'utf8')).toMatch(/^before\n### chartferry images\n[\s\S]*acme\/web:1\.0/)
  })

  it('refuses a file that says no form', async () => {
    const { code, stderr } = await run(['images', 'web-1.0.0.tgz', '--summary', 'out.txt'])
    expect([code, stderr]).toEqual([2, expect.stringContaining('--summary markdown FILE')])
  })
})

describe('a pipe that closes', () => {
  it.each(['images many-1.0.0.tgz', 'images many-1.0.0.tgz --json', 'plan many-1.0.0.tgz --to r.corp/m'])(
    'is no failure of: %s',
    async (line) => {
      const command = `"${process.execPath}" --conditions=@chartferry/source "${bin}" ${line}`
      const script = `{ ${command}; echo "$?" >code; } | head -n 1`
      const child = spawn('sh', ['-c', script], {
        cwd: folder,
        env: { ...process.env, ...env() },
        stdio: ['ignore', 'pipe', 'pipe'],
      })
      let stderr = ''
      child.stderr.on('data', (piece: Buffer) => {
        stderr += piece.toString()
      })
      child.stdout.resume()
      await new Promise((done) => child.once('close', done))
      expect(stderr).not.toMatch(/EPIPE|Error/)
      expect(await readFile(join(folder, 'code'), 'utf8')).toBe('0\n')
    },
  )
})

describe('Ctrl-C', () => {
  it('says what is kept and how to go on, in words and as a document', async () => {
    let asked: () => void = () => {}
    const isAsked = new Promise<void>((resolve) => {
      asked = resolve
    })
    let letGo: () => void = () => {}
    const isFree = new Promise<boolean>((resolve) => {
      letGo = () => resolve(false)
    })
    const layer = [...source.blobs].find(([, bytes]) => bytes.length > 900)?.[0] ?? ''
    source.intercept = (request) => {
      if (request.method !== 'GET' || !(request.url ?? '').endsWith(layer)) return false
      asked()
      return isFree
    }
    const args = ['copy', `${source.host}/acme/web:1.0`, '--to', `${target.host}/again`, '--journal', 'kept', '--json']
    const child = spawn(process.execPath, ['--conditions=@chartferry/source', bin, ...args], {
      cwd: folder,
      env: { ...process.env, ...env() },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const said = { stdout: '', stderr: '' }
    for (const name of ['stdout', 'stderr'] as const)
      child[name].on('data', (piece: Buffer) => {
        said[name] += piece.toString()
      })
    await isAsked
    child.kill('SIGINT')
    const code = await new Promise((done) => child.once('close', done))
    letGo()
    source.intercept = undefined
    expect(code).toBe(130)
    expect(said.stderr).toMatch(
      /0 of 1 image is done.*What was fetched is kept in kept\.\n.*Run the same command again/,
    )
    expect(JSON.parse(said.stdout)).toMatchObject({
      error: { code: 'CANCELLED', exitCode: 130 },
      done: { images: { done: 0, total: 1 }, kept: 'kept' },
    })
  })
})
