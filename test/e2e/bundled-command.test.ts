// The command as it is published: few files, put together from the sources of all packages.
import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { version as libraryVersion } from '@chartferry/core/internal'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { version } from '../../packages/cli/src/version.ts'
import { buildChart } from '../kit/charts.ts'
import { startUpstream } from '../kit/upstream.ts'

const root = join(import.meta.dirname, '../..')
const execute = promisify(execFile)
let folder = ''

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'chartferry-bundled-'))
  await execute(process.execPath, ['scripts/bundle.ts', join(folder, 'bin')], { cwd: root })
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const run = (command: string, ...args: string[]): Promise<{ readonly stdout: string }> =>
  execute(process.execPath, [join(folder, 'bin', `${command}.js`), ...args], {
    cwd: folder,
    env: { ...process.env, XDG_CACHE_HOME: join(folder, 'cache') },
  })

describe('the bundled command', () => {
  it('says its version, which is that of all packages', async () => {
    expect((await run('chartferry', '--version')).stdout).toBe(`${version}\n`)
    for (const name of ['cli', 'core', 'server']) {
      const manifest = JSON.parse(await readFile(join(root, 'packages', name, 'package.json'), 'utf8')) as object
      expect(manifest).toMatchObject({ version })
    }
    expect(libraryVersion).toBe(version)
  })

  it('renders, in a thread as well, where the stack of the process is too small', async () => {
    const define = '{{ define "t" }}{{ if gt (int .) 0 }}{{ include "t" (sub (int .) 1) }}{{ end }}{{ end }}'
    const chart = { name: 'web', templates: { 'a.yaml': `${define}kind: A{{ include "t" 990 }}\n` } }
    await writeFile(join(folder, 'web.tgz'), await buildChart(chart))
    const { stdout } = await run('chartferry', 'template', 'web.tgz', '--renderer', 'engine')
    expect(stdout).toBe('---\n# Source: web/templates/a.yaml\nkind: A\n')
  })

  it('speaks HTTP', async () => {
    const upstream = await startUpstream([{ name: 'web' }])
    try {
      const { stdout } = await run('chartferry', 'pull', 'web', '--repo', upstream.url)
      expect(stdout).toContain('web-1.0.0.tgz')
      expect(await readdir(folder)).toContain('web-1.0.0.tgz')
    } finally {
      await upstream.close()
    }
  })

  it('brings every thread and process that its parts start beside themselves', async () => {
    const files = await readdir(join(folder, 'bin'))
    const texts = await Promise.all(
      files.filter((file) => file.endsWith('.js')).map((file) => readFile(join(folder, 'bin', file), 'utf8')),
    )
    const names = texts.flatMap((text) =>
      [...text.matchAll(/new URL\(`\.\/([\w-]+)\$\{import\.meta/g)].map(([, name]) => name),
    )
    expect(names).toContain('render-worker')
    expect(files).toEqual(expect.arrayContaining([...names, 'index-worker'].map((name) => `${name}.js`)))
  })

  it('keeps its compiled code where only this user writes', async () => {
    await run('chartferry', '--version')
    expect(await readdir(join(folder, 'cache', 'chartferry', 'code'))).not.toEqual([])
  })

  it('answers to the name of ChartMuseum, too', async () => {
    expect((await run('chartmuseum', '--help')).stdout).toContain('--storage-local-rootdir')
  })

  it('brings the licenses of what is inside', async () => {
    const licenses = await readFile(join(folder, 'bin', 'LICENSES.txt'), 'utf8')
    for (const name of ['koa', 'undici', 'js-yaml', 're2js', 'commander']) expect(licenses).toContain(`\n${name} `)
    expect(licenses.split('='.repeat(80)).every((text) => /^\S+ \d\S* \([\w. -]+\)/.test(text.trim()))).toBe(true)
  })
})
