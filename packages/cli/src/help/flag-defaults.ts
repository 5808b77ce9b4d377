// Flags that are given elsewhere than on the command line: in the environment, and in chartferry.yaml.
import { readFile } from 'node:fs/promises'
import { ChartferryError } from '@chartferry/core'
import { parseYaml } from '@chartferry/core/helm'
import type { Command, Option } from 'commander'

export interface FlagSources {
  readonly environment: Readonly<Record<string, string | undefined>>
  /** What `flags` of chartferry.yaml says, by the names of the flags without dashes. */
  readonly declared: Readonly<Record<string, unknown>>
  /** The file that says it. */
  readonly file: string
}

/** Flags that are no settings, and those whose variable means something else to the server. */
const without = new Set(['--help', '--config', '--server-config', '--data', '--listen'])

/** `--plain-http` is CHARTFERRY_PLAIN_HTTP. */
export function variableOf({ long }: Pick<Option, 'long'>): string | undefined {
  if (long === undefined || without.has(long)) return undefined
  return `CHARTFERRY_${long.slice(2).replaceAll('-', '_').toUpperCase()}`
}

/**
 * The flags that a command has elsewhere and that are not among its arguments; the environment goes over the file. Throws
 * CONFIG_INVALID for a flag that no command has, or a value that is none.
 */
export function flagsElsewhere(
  command: Command,
  args: readonly string[],
  { environment, declared, file }: FlagSources,
): readonly string[] {
  return command.options.flatMap((option): readonly string[] => {
    if (isGiven(option, args)) return []
    const variable = variableOf(option)
    const said = variable === undefined ? undefined : environment[variable]
    if (said !== undefined && said !== '') return wordsOf(option, said, variable ?? '')
    const name = option.long?.slice(2) ?? ''
    if (!Object.hasOwn(declared, name)) return []
    const value = declared[name]
    const where = `${file}: flags.${name}`
    if (Array.isArray(value)) return value.flatMap((one) => wordsOf(option, one, where))
    return wordsOf(option, value, where)
  })
}

function isGiven({ long = '', short = '' }: Option, args: readonly string[]): boolean {
  const opposite = long.startsWith('--no-') ? `--${long.slice('--no-'.length)}` : `--no-${long.slice(2)}`
  return args.some(
    (arg) =>
      arg === long ||
      arg === opposite ||
      arg.startsWith(`${long}=`) ||
      (short !== '' && arg.startsWith(short) && !arg.startsWith('--')),
  )
}

function wordsOf(option: Option, value: unknown, where: string): readonly string[] {
  const { long = '' } = option
  if (option.required) {
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
      return [`${long}=${value}`]
    throw new ChartferryError('CONFIG_INVALID', `${where}: a text is wanted`)
  }
  if (/^(?:true|1|yes)$/i.test(String(value))) return [long]
  if (/^(?:false|0|no)$/i.test(String(value))) return []
  if (option.optional) return [`${long}=${String(value)}`]
  throw new ChartferryError('CONFIG_INVALID', `${where}: true or false is expected, not ${JSON.stringify(value)}`)
}

/** The mapping `flags` of the file that --config names, else of chartferry.yaml in the working folder. Throws CONFIG_INVALID, YAML_INVALID. */
export async function readDeclaredFlags(args: readonly string[]): Promise<Pick<FlagSources, 'declared' | 'file'>> {
  const at = args.findIndex((arg) => arg === '--config' || arg.startsWith('--config='))
  const named = at < 0 ? undefined : (args[at]?.split('=', 2)[1] ?? args[at + 1])
  const file = named ?? 'chartferry.yaml'
  // A file that is missing is told where it is needed.
  const text = await readFile(file, 'utf8').catch(() => '')
  if (!/^flags\s*:/m.test(text)) return { declared: {}, file }
  const document = parseYaml(text, { where: file })
  const flags = isMapping(document) ? document.flags : undefined
  if (isMapping(flags)) return { declared: flags, file }
  throw new ChartferryError('CONFIG_INVALID', `${file}: flags: names of flags with their values are wanted`)
}

function isMapping(node: unknown): node is Readonly<Record<string, unknown>> {
  return typeof node === 'object' && node !== null && !Array.isArray(node)
}
