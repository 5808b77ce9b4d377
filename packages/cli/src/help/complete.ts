// What can stand at the end of a command line that is being typed.
import { readdir, readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import type { Command, Option } from 'commander'
import { readHelmRepositories } from '../flags/helm-repositories.ts'
import { registryConfigFiles } from '../flags/registry-options.ts'

/** Words that fit, and what else the shell may offer. */
export interface Completion {
  readonly words: readonly string[]
  readonly also?: 'files' | 'folders'
  /** Whether a word goes on: no space behind it. */
  readonly isOpen?: boolean
}

/** Takes the words so far, the one that is being typed last. `open` gives the program with a command loaded. */
export async function complete(
  words: readonly string[],
  open: (name: string | undefined) => Promise<Command>,
): Promise<Completion> {
  const current = words.at(-1) ?? ''
  const before = words.slice(0, -1)
  const program = await open(before[0])
  const command = commandAt(program, before)
  if (command.commands.length > 0)
    return fitting(
      command.commands.map((below) => below.name()),
      current,
    )
  const previous = before.at(-1) ?? ''
  const asked = command.options.find(({ long, short }) => previous === long || previous === short)
  if (asked?.required === true) return flagValueOf(asked, current)
  const [, flag, value = ''] = /^(--[a-z-]+)=(.*)$/s.exec(current) ?? []
  const joined = command.options.find(({ long }) => long === flag)
  if (joined !== undefined) {
    const { words: values, ...rest } = await flagValueOf(joined, value)
    return { ...rest, words: values.map((word) => `${flag}=${word}`) }
  }
  if (current.startsWith('-'))
    return fitting(
      command.options.filter(({ hidden }) => !hidden).flatMap(({ long }) => long ?? []),
      current,
    )
  return argumentOf(command, before, current)
}

/** The deepest command that the words name. */
function commandAt(program: Command, words: readonly string[]): Command {
  let command = program
  for (const word of words) {
    const below = command.commands.find((one) => one.name() === word)
    if (below === undefined) return command
    command = below
  }
  return command
}

const fitting = (words: readonly string[], current: string): Completion => ({
  words: [...new Set(words)].filter((word) => word.startsWith(current)).sort(),
})

function flagValueOf({ flags, argChoices }: Option, current: string): Promise<Completion> {
  if (argChoices !== undefined) return Promise.resolve(fitting(argChoices, current))
  return placeOf(/<([^>]*)>/.exec(flags)?.[1] ?? '', current)
}

/** The argument that stands there, by how many others stand before it. */
function argumentOf(command: Command, before: readonly string[], current: string): Promise<Completion> {
  const taken = new Set(
    command.options.filter(({ required }) => required).flatMap(({ long = '', short = '' }) => [long, short]),
  )
  const depth = command.parent?.parent === null ? 1 : 2
  const given = before.slice(depth).filter((word, at, all) => !word.startsWith('-') && !taken.has(all[at - 1] ?? ''))
  const all = command.registeredArguments
  const argument = all[given.length] ?? (all.at(-1)?.variadic === true ? all.at(-1) : undefined)
  return placeOf(argument?.name() ?? '', current)
}

/** What fits where help has a word in angle brackets. */
async function placeOf(name: string, current: string): Promise<Completion> {
  if (/^charts?$|original/.test(name)) return charts(current)
  if (/registry|^host$|^image$|repository$/.test(name)) return { ...fitting(await registries(), current), isOpen: true }
  if (/folder/.test(name)) return { words: [], also: 'folders' }
  if (/file|bundle|plan|path|relocated|before|after|keyring|place|form/.test(name)) return { words: [], also: 'files' }
  return { words: [] }
}

/** Repositories that helm knows; behind one of them its charts, from the list that helm keeps of its index. */
async function charts(current: string): Promise<Completion> {
  if (current.startsWith('oci://'))
    return {
      ...fitting(
        (await registries()).map((host) => `oci://${host}/`),
        current,
      ),
      isOpen: true,
    }
  const { repositories } = await readHelmRepositories().catch(() => ({ repositories: [] }))
  const slash = current.indexOf('/')
  if (slash < 0)
    return {
      ...fitting(
        repositories.map(({ name }) => `${name}/`),
        current,
      ),
      also: 'files',
      isOpen: true,
    }
  const name = current.slice(0, slash)
  if (!repositories.some((repository) => repository.name === name)) return { words: [], also: 'files' }
  const list = await readFile(join(helmRepositoryCache(), `${name}-charts.txt`), 'utf8').catch(() => '')
  return fitting(
    list
      .split('\n')
      .filter((chart) => chart !== '')
      .map((chart) => `${name}/${chart}`),
    current,
  )
}

/** Where helm keeps what it has fetched of repositories. */
function helmRepositoryCache(): string {
  const { HELM_REPOSITORY_CACHE, HELM_CACHE_HOME, XDG_CACHE_HOME } = process.env
  if (HELM_REPOSITORY_CACHE) return HELM_REPOSITORY_CACHE
  if (HELM_CACHE_HOME) return join(HELM_CACHE_HOME, 'repository')
  if (XDG_CACHE_HOME) return join(XDG_CACHE_HOME, 'helm', 'repository')
  const home = process.platform === 'darwin' ? join(homedir(), 'Library', 'Caches') : join(homedir(), '.cache')
  return join(home, 'helm', 'repository')
}

/** Registries that somebody has logged in to, and those whose settings containerd has. */
async function registries(): Promise<readonly string[]> {
  const files = await Promise.all(
    registryConfigFiles(undefined).map((file) => readFile(file, 'utf8').catch(() => '{}')),
  )
  const known = files.flatMap((text) => hostsOf(text))
  const configured = await readdir('/etc/containerd/certs.d').catch((): string[] => [])
  return [...known, ...configured.filter((name) => name !== '_default')]
}

function hostsOf(text: string): readonly string[] {
  try {
    const { auths = {} } = JSON.parse(text) as { readonly auths?: object }
    return Object.keys(auths).map((key) => key.replace(/^https?:\/\//, '').replace(/\/.*/, ''))
  } catch {
    return []
  }
}
