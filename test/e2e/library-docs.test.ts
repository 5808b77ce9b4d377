// The examples of docs/library.md and of the packages' READMEs run as they stand, with registries of this machine.
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { openRegistries } from '@chartferry/core/oci'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildChart } from '../kit/charts.ts'
import { runChartferry } from '../kit/command.ts'
import { layerOf, pushImage } from '../kit/images.ts'
import { startRegistry, type TestRegistry } from '../kit/registry.ts'

const root = join(import.meta.dirname, '../..')
const execute = promisify(execFile)
/** Programs find the packages from here. */
const programs = join(root, 'test/node_modules/.cache', `examples-${process.pid}`)
let folder = ''
let source: TestRegistry
let target: TestRegistry

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'chartferry-examples-'))
  await mkdir(programs, { recursive: true })
  source = await startRegistry()
  target = await startRegistry()
  const registries = openRegistries({ plainHttp: true })
  await pushImage(registries.repository(`${source.host}/team/web`), { layers: [layerOf('web', 1000)], tag: '1.2' })
  await registries.close()
  const templates = {
    'web.yaml': `apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: {{ .Values.replicas }}
  template:
    spec:
      containers:
      - {name: web, image: "{{ .Values.image.registry }}/{{ .Values.image.repository }}:{{ .Values.image.tag }}"}
`,
  }
  const values = `replicas: 1\nimage:\n  registry: ${source.host}\n  repository: team/web\n  tag: "1.2"\n`
  const files = { 'README.md': 'web\n' }
  await writeFile(join(folder, 'web-1.0.0.tgz'), await buildChart({ name: 'web', values, templates, files }))
})
afterAll(async () => {
  await Promise.all([
    source.close(),
    target.close(),
    rm(folder, { recursive: true }),
    rm(programs, { recursive: true }),
  ])
})

/** The examples of a page, each with the heading that it stands under. */
async function examplesOf(page: string, language: string): Promise<readonly (readonly [string, string])[]> {
  const text = await readFile(join(root, page), 'utf8')
  const fence = new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'gm')
  return [...text.matchAll(fence)].map((match) => {
    const heading =
      text
        .slice(0, match.index)
        .match(/^#+ .*$/gm)
        ?.at(-1) ?? page
    return [`${page}: ${heading.replace(/^#+ /, '')}`, match[1] ?? '']
  })
}

const pages = ['docs/library.md', 'packages/core/README.md', 'packages/server/README.md']
const programsOf = (await Promise.all(pages.map((page) => examplesOf(page, 'ts')))).flat()

describe('the examples', () => {
  it.each(programsOf)('%s', async (title, text) => {
    expect(text.trim().split('\n').length, 'an example has some ten lines').toBeLessThanOrEqual(16)
    const file = join(programs, `${title.replaceAll(/\W+/g, '-')}.mjs`)
    await writeFile(file, text.replaceAll('registry.corp:5000', target.host))
    const { stdout } = await execute(process.execPath, ['--conditions=@chartferry/source', file], { cwd: folder })
    expect(stdout).not.toMatch(/undefined|refuted|unverified/)
    expect(stdout).not.toBe('')
  })

  it('of the command', async () => {
    const [[, text] = ['', '']] = await examplesOf('packages/cli/README.md', 'sh')
    const lines = text.trim().split('\n')
    expect(lines).toHaveLength(4)
    for (const line of lines) {
      const [, ...args] = line.split(' ')
      expect(await runChartferry(args, { cwd: folder }), line).toMatchObject({ code: 0 })
    }
  })

  it('copied what they said', () => {
    expect(target.repositories.get('mirror/team/web')?.tags.has('1.2')).toBe(true)
    expect(target.repositories.get('shop/team/web')?.tags.has('1.2')).toBe(true)
  })
})
