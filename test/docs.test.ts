// The documents are true: generated pages are current, links lead somewhere, the examples run.
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import {
  architecturePage,
  chartmuseumPage,
  commandsPage,
  configurationSchema,
  errorsPage,
} from '../scripts/write-docs.ts'

const root = join(import.meta.dirname, '..')
const regenerate = 'write them again: node --conditions=@chartferry/source scripts/write-docs.ts'

describe('generated pages', () => {
  it('errors.md lists every code', async () => {
    expect(await readFile(join(root, 'docs/errors.md'), 'utf8'), regenerate).toBe(errorsPage())
  })

  it('architecture.md has the floors that the test of the architecture holds', async () => {
    const page = await readFile(join(root, 'docs/architecture.md'), 'utf8')
    expect(page, regenerate).toBe(architecturePage(page))
    expect(page).toMatch(/\| oci \|[^|]*\| base \|/)
  })

  it('chartmuseum.md has a row for each flag', async () => {
    const page = await readFile(join(root, 'docs/chartmuseum.md'), 'utf8')
    expect(page, regenerate).toBe(chartmuseumPage(page))
    expect(page).toContain('| `--storage-local-rootdir` |')
  })

  it('the schema of the configuration is that of the form which checks it', async () => {
    const file = join(root, 'packages/server/chartferry-server.schema.json')
    expect(await readFile(file, 'utf8'), regenerate).toBe(configurationSchema())
  })

  it('cli.md shows the help of every command', async () => {
    expect(await readFile(join(root, 'docs/cli.md'), 'utf8'), regenerate).toBe(await commandsPage())
  })
})

describe('architecture.md', () => {
  it('names source files that exist', async () => {
    const { stdout } = await promisify(execFile)('git', ['ls-files'], { cwd: root, maxBuffer: 16_777_216 })
    const files = stdout.split('\n')
    const page = await readFile(join(root, 'docs/architecture.md'), 'utf8')
    const named = [...page.matchAll(/`([\w./-]+\.tsx?)`/g)].map((match) => match[1] ?? '')
    const whole = (name: string): string => name.replace(/^(core|server|cli)\//, 'packages/$1/src/')
    const missing = named.filter((name) => !files.some((file) => file === whole(name) || file.endsWith(`/${name}`)))
    expect(missing).toEqual([])
    expect(named.length).toBeGreaterThan(20)
  })
})

describe('links', async () => {
  const pages = [
    'README.md',
    'CONTRIBUTING.md',
    'SECURITY.md',
    'deploy/README.md',
    ...['core', 'server', 'cli'].map((name) => `packages/${name}/README.md`),
    ...(await readdir(join(root, 'docs'), { recursive: true })).map((name) => `docs/${name}`),
  ]
  it.each(pages.filter((name) => name.endsWith('.md')))('of %s lead to files that exist', async (page) => {
    const text = await readFile(join(root, page), 'utf8')
    const targets = [...text.matchAll(/\]\((?!https?:|#)([^)#]+)[^)]*\)/g)].map((match) => match[1] ?? '')
    expect(targets.filter((target) => !existsSync(join(root, dirname(page), target)))).toEqual([])
  })
})
