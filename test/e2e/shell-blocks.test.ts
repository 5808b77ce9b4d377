// The shell in the documents: every block says what it is, parses, and is run by a test where it says that it is a script.
import { execFile, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '../..')

/** What a block may be. `sh` is a script, which a test runs; `console` shows lines after `$`, which nobody runs; `text` is anything else. */
const languages = ['sh', 'console', 'text', 'ts', 'yaml', 'json', 'toml']

/** The test that runs the scripts of a page. */
const runners: Readonly<Record<string, string>> = {
  'README.md': 'tour.test.ts',
  'docs/mirror-a-chart.md': 'task-pages.test.ts',
  'docs/air-gap.md': 'task-pages.test.ts',
  'docs/run-the-server.md': 'task-pages.test.ts',
  'docs/guides/air-gapped.md': 'guides.test.ts',
  'docs/guides/fully-connected.md': 'guides.test.ts',
  'docs/guides/kops.md': 'guides.test.ts',
  'docs/guides/kots.md': 'guides.test.ts',
  'docs/guides/locally-connected.md': 'guides.test.ts',
  'docs/guides/one-name.md': 'guides.test.ts',
  'docs/guides/without-editing.md': 'guides.test.ts',
  'packages/cli/README.md': 'library-docs.test.ts',
}

interface Block {
  readonly page: string
  readonly line: number
  readonly language: string
  readonly text: string
}

async function readBlocks(): Promise<readonly Block[]> {
  const args = ['ls-files', '--cached', '--others', '--exclude-standard', '*.md']
  const { stdout } = await promisify(execFile)('git', args, { cwd: root, maxBuffer: 16_777_216 })
  const pages = stdout.split('\n').filter((page) => page !== '' && existsSync(join(root, page)))
  const lists = await Promise.all(
    pages.map(async (page) => {
      const text = await readFile(join(root, page), 'utf8')
      return [...text.matchAll(/^( *)```([^\n]*)\n([\s\S]*?)^\1```$/gm)].map((match) => ({
        page,
        line: text.slice(0, match.index).split('\n').length,
        language: match[2] ?? '',
        text: match[3] ?? '',
      }))
    }),
  )
  return lists.flat()
}

/** The lines of a console after their prompts, with those that go on after a backslash. */
const typed = (text: string): string =>
  [...text.matchAll(/^\$ ((?:[^\n]*\\\n)*[^\n]*)$/gm)].map((match) => match[1] ?? '').join('\n')

function faultOf(script: string): string {
  const { status, stderr } = spawnSync('/bin/sh', ['-n'], { input: script, encoding: 'utf8' })
  return status === 0 ? '' : stderr.trim()
}

describe('blocks of shell', async () => {
  const blocks = await readBlocks()
  const where = ({ page, line }: Block): string => `${page}:${line}`

  it('say which language they are in', () => {
    expect(blocks.filter(({ language }) => !languages.includes(language)).map(where)).toEqual([])
    expect(blocks.length).toBeGreaterThan(60)
  })

  it('parse', () => {
    const scripts = blocks.filter(({ language }) => language === 'sh' || language === 'console')
    const faults = scripts.map((block) => [
      where(block),
      faultOf(block.language === 'sh' ? block.text : typed(block.text)),
    ])
    expect(faults.filter(([, fault]) => fault !== '')).toEqual([])
    expect(scripts.length).toBeGreaterThan(30)
    expect(faultOf('if true; then')).not.toBe('')
  })

  it('show at least one line that is typed, where they are a console', () => {
    const silent = blocks.filter(({ language, text }) => language === 'console' && typed(text) === '')
    expect(silent.map(where)).toEqual([])
  })

  it('are run by a test, where they are scripts', async () => {
    const pages = [...new Set(blocks.filter(({ language }) => language === 'sh').map(({ page }) => page))]
    expect(
      pages.filter((page) => runners[page] === undefined),
      'run them, or make them `console`',
    ).toEqual([])
    for (const page of pages) {
      const runner = await readFile(join(import.meta.dirname, runners[page] ?? ''), 'utf8')
      expect(runner, `${runners[page]} runs ${page}`).toContain(basename(page))
    }
  })
})
