// Reads ChartMuseum's settings: its configuration file, the environment over it, flags over both. All faults at once.
import { readFile } from 'node:fs/promises'
import { ChartferryError } from '@chartferry/core'
import { parseYaml } from '@chartferry/core/helm'
import { messageOf } from '@chartferry/core/internal'
import { type Flag, flags } from './flags.ts'

/** What was set and where, by the name of the flag; every other flag has its default. */
export type Settings = ReadonlyMap<string, string>

export interface ReadSettingsOptions {
  readonly environment: Readonly<Record<string, string | undefined>>
}

/**
 * Takes the arguments as ChartMuseum does: `--name value`, `--name=value`, with one dash or two; a flag without a value
 * is true. Throws CONFIG_INVALID with everything that is wrong.
 */
export async function readSettings(args: readonly string[], { environment }: ReadSettingsOptions): Promise<Settings> {
  const faults: string[] = []
  const given = readArguments(args, faults)
  const file = given.get('config') ?? environment.CONFIG
  given.delete('config')
  const settings = new Map<string, string>()
  if (file !== undefined && file !== '') {
    for (const [name, value] of await readConfigFile(file, faults)) settings.set(name, value)
  }
  for (const { name, variable } of flags) {
    const value = environment[variable]
    if (value !== undefined && value !== '') settings.set(name, value)
  }
  for (const [name, value] of given) settings.set(name, value)
  for (const flag of flags) {
    const value = settings.get(flag.name)
    const fault = value === undefined ? undefined : faultOf(flag, value)
    if (fault !== undefined) faults.push(`--${flag.name}: ${fault}`)
  }
  if (faults.length > 0) throw new ChartferryError('CONFIG_INVALID', faults.join('\n'), { details: { faults } })
  return settings
}

function readArguments(args: readonly string[], faults: string[]): Map<string, string> {
  const given = new Map<string, string>()
  for (let at = 0; at < args.length; at++) {
    const [, name = '', value] = /^--?([a-zA-Z0-9-]+)(?:=([\s\S]*))?$/.exec(args[at] ?? '') ?? []
    const flag = flags.find((known) => known.name === name)
    const isConfig = name === 'config' || name === 'c'
    if (flag === undefined && !isConfig) {
      faults.push(`there is no flag ${JSON.stringify(args[at])}`)
    } else if (value !== undefined) set(isConfig ? 'config' : name, value)
    else if (flag?.kind === 'flag') set(name, 'true')
    else if (at + 1 < args.length) set(isConfig ? 'config' : name, args[++at] ?? '')
    else faults.push(`--${name}: needs a value`)
  }
  function set(name: string, value: string): void {
    const before = given.get(name)
    const isList = flags.find((flag) => flag.name === name)?.kind === 'pairs'
    given.set(name, isList && before !== undefined ? `${before},${value}` : value)
  }
  return given
}

async function readConfigFile(file: string, faults: string[]): Promise<Map<string, string>> {
  const found = new Map<string, string>()
  let document: unknown
  try {
    document = parseYaml(await readFile(file, 'utf8'), { where: file })
  } catch (thrown) {
    faults.push(`--config: ${messageOf(thrown)}`)
    return found
  }
  for (const { name, key } of flags) {
    let value: unknown = document
    for (const part of key.split('.')) value = memberOf(value, part)
    if (typeof value === 'object' && value !== null) found.set(name, pairsText(value))
    else if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
      found.set(name, String(value))
  }
  return found
}

/** Names count whatever their case, as ChartMuseum's reader has it. */
function memberOf(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined
  return Object.entries(value).find(([key]) => key.toLowerCase() === name)?.[1]
}

function pairsText(value: object): string {
  return Object.entries(value)
    .map(([name, id]) => (name === '' ? String(id) : `${name}=${String(id)}`))
    .join(',')
}

function faultOf({ kind, effect, note }: Flag, value: string): string | undefined {
  if (effect === 'refused') return `is not supported: ${note}`
  if (kind === 'count' && !/^\d{1,15}$/.test(value)) return `${JSON.stringify(value)} is no whole number`
  if (kind === 'flag' && parseFlag(value) === undefined) return `${JSON.stringify(value)} is neither true nor false`
  if (kind === 'duration' && parseGoDuration(value) === undefined)
    return `${JSON.stringify(value)} is no duration: write it as 30s, 5m or 1h`
  return undefined
}

/** As Go's `strconv.ParseBool`. */
export function parseFlag(value: string): boolean | undefined {
  if (/^(1|t|T|TRUE|true|True)$/.test(value)) return true
  return /^(0|f|F|FALSE|false|False)$/.test(value) ? false : undefined
}

const units: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
}

/** Milliseconds of a duration as Go's `time.ParseDuration` reads it; undefined for what is none. */
export function parseGoDuration(value: string): number | undefined {
  if (value === '0') return 0
  if (!/^(\d+(\.\d*)?(ns|us|µs|ms|s|m|h))+$/.test(value)) return undefined
  let sum = 0
  for (const [, number = '', unit = ''] of value.matchAll(/(\d+(?:\.\d*)?)(ns|us|µs|ms|s|m|h)/g))
    sum += Number(number) * (units[unit] ?? 0)
  return sum
}
