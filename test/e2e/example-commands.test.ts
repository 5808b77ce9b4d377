// Every command line in the examples, the documents and deploy/ is one that the command table knows: commands, verbs, flags, and no former spelling.
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { parseYaml } from '@chartferry/core/helm'
import { describe, expect, it } from 'vitest'
import { commands } from '../../packages/cli/src/commands.ts'
import { builtins } from '../../packages/cli/src/help/builtins.ts'
import { openProgram } from '../../packages/cli/src/main.ts'

const root = join(import.meta.dirname, '../..')

/** The command lines of a text, without what follows in the shell. */
function commandLines(text: string): readonly string[] {
  const joined = text.replace(/\\\n\s*/g, ' ')
  const lines = [
    ...joined.matchAll(/(?:^|[`$|;&(]|\bdo\b|run:|- |sudo )\s*chartferry ((?:[a-z]|--version)[^\n`]*)/gm),
  ].map(([, line = '']) => line)
  return lines.map((line) => line.replace(/\s*(?:#|\|(?!junit|markdown)|;|&&|<<<|<|>|\)).*$/, '').trim())
}

/** What of a file is code: of a document its blocks and what stands between backticks. */
async function codeOf(file: string): Promise<string> {
  const text = await readFile(join(root, file), 'utf8')
  if (!file.endsWith('.md')) return text
  const blocks = [...text.matchAll(/^ *```[^\n]*\n([\s\S]*?)^ *```$/gm)].map((match) => match[1] ?? '')
  const inline = [...text.replaceAll(/^ *```[\s\S]*?^ *```$/gm, '').matchAll(/`([^`]+)`/g)].map(
    (match) => match[1] ?? '',
  )
  return [...blocks, ...inline.map((code) => code.replaceAll('\n', ' '))].join('\n')
}

type Command = Awaited<ReturnType<typeof openProgram>>

const programs = new Map<string, Promise<Command>>()

/** What is wrong with a command line; undefined where it is right. */
async function faultOf(line: string): Promise<string | undefined> {
  const words = line.match(/"[^"]*"|'[^']*'|\S+/g) ?? []
  const [name = ''] = words
  if (builtins.some((builtin) => builtin.name === name) || name === 'chartmuseum') return undefined
  if (!commands.some((command) => command.name === name)) return `no command ${name}`
  const program = programs.get(name) ?? openProgram(name)
  programs.set(name, program)
  let command = (await program).commands.find((one) => one.name() === name)
  let rest = words.slice(1)
  if (command !== undefined && command.commands.length > 0) {
    const verb = command.commands.find((one) => one.name() === rest[0])
    if (verb === undefined) return /^[A-Z.…]|^$/.test(rest[0] ?? '') ? undefined : `no verb ${rest[0]}`
    command = verb
    rest = rest.slice(1)
  }
  const known = new Set(command?.options.flatMap(({ long = '', short = '' }) => [long, short]) ?? [])
  const flags = rest.filter((word) => /^--?[a-z]/.test(word)).map((word) => word.replace(/=.*/s, ''))
  const unknown = flags.find((flag) => !known.has(flag) && flag !== '--help' && flag !== '-h')
  return unknown === undefined ? undefined : `no flag ${unknown}`
}

async function trackedFiles(pattern: RegExp): Promise<readonly string[]> {
  const { stdout } = await promisify(execFile)('git', ['ls-files'], { cwd: root, maxBuffer: 16_777_216 })
  return stdout.split('\n').filter((file) => pattern.test(file))
}

describe('command lines', async () => {
  const files = await trackedFiles(
    /^(?:README\.md|docs\/(?!cli\.md|decisions)[^\n]*\.md|docs\/guides\/.*\.md|examples\/.*|deploy\/.*\.(?:md|service|sh)|packages\/[a-z]+\/README\.md)$/,
  )
  it.each(files)('of %s are known', async (file) => {
    const lines = commandLines(await codeOf(file))
    const faults: string[] = []
    for (const line of lines) {
      const fault = await faultOf(line)
      if (fault !== undefined) faults.push(`${line}: ${fault}`)
    }
    expect(faults).toEqual([])
  })

  it('are many, and a wrong one is seen', async () => {
    const all = await Promise.all(files.map(async (file) => commandLines(await codeOf(file))))
    expect(all.flat().length).toBeGreaterThan(60)
    expect(await faultOf('relocate web.tgz --too far')).toBe('no flag --too')
    expect(await faultOf('bundle make')).toBe('no verb make')
  })
})

describe('the examples for other tools', async () => {
  const files = await trackedFiles(/^examples\/(?:continuous-integration|gitops)\/.*\.ya?ml$/)
  it.each(files)('%s is YAML', async (file) => {
    const texts = (await readFile(join(root, file), 'utf8')).split(/^---$/m)
    const documents = texts.map((text) => parseYaml(text, { where: file }))
    expect(documents.length).toBeGreaterThan(0)
    for (const document of documents) expect(document).toEqual(expect.any(Object))
  })
})
