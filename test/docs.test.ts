// The documents are true: generated pages are current, links lead somewhere, the examples run.
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
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

/** What a heading is called in a link, as GitHub makes it. */
const anchorOf = (heading: string): string =>
  heading
    .replaceAll(/\]\([^)]*\)/g, '')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(/\s/g, '-')

const withoutCode = (text: string): string =>
  text.replaceAll(/^ *```[\s\S]*?^ *```$/gm, '').replaceAll(/`[^`\n]*`/g, '')
const anchorsOf = (text: string): readonly string[] =>
  [...text.replaceAll(/^ *```[\s\S]*?^ *```$/gm, '').matchAll(/^#+ (.*)$/gm)].map((match) => anchorOf(match[1] ?? ''))
const linksOf = (text: string): readonly string[] =>
  [...withoutCode(text).matchAll(/\]\((?![a-z]+:)([^)\s]+)\)/g)].map((match) => match[1] ?? '')

async function markdownFiles(): Promise<readonly string[]> {
  const args = ['ls-files', '--cached', '--others', '--exclude-standard', '*.md']
  const { stdout } = await promisify(execFile)('git', args, { cwd: root, maxBuffer: 16_777_216 })
  return stdout.split('\n').filter((file) => file !== '' && existsSync(join(root, file)))
}

describe('links', async () => {
  const pages = new Map<string, string>()
  for (const file of await markdownFiles()) pages.set(file, await readFile(join(root, file), 'utf8'))

  it.each([...pages.keys()])('of %s lead to files and headings that exist', (page) => {
    const broken = linksOf(pages.get(page) ?? '').filter((link) => {
      const [path = '', anchor] = link.split('#')
      const file = path === '' ? page : join(dirname(page), path)
      if (!existsSync(join(root, file))) return true
      const text = pages.get(file)
      return anchor !== undefined && text !== undefined && !anchorsOf(text).includes(anchor)
    })
    expect(broken).toEqual([])
  })

  it('lead from docs/README.md to every page of docs/, examples/ and deploy/', () => {
    const reached = new Set(['docs/README.md'])
    // A set that grows while it is walked through: its new members come, too.
    for (const page of reached)
      for (const link of linksOf(pages.get(page) ?? '')) {
        const [path = ''] = link.split('#')
        const target = join(dirname(page), path).replace(/\/$/, '')
        if (path !== '') for (const file of [target, `${target}/README.md`]) if (pages.has(file)) reached.add(file)
        // A folder of short notes is reached as a whole.
        if (target === 'docs/decisions') for (const file of pages.keys()) if (file.startsWith(target)) reached.add(file)
      }
    const orphans = [...pages.keys()].filter((file) => /^(?:docs|examples|deploy)\//.test(file) && !reached.has(file))
    expect(orphans, 'name these pages in docs/README.md').toEqual([])
  })
})
