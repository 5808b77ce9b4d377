// Which environment variable sets which setting: one for each, named after its path in the file.

import { isChartferryError } from '@chartferry/core'
import { parseYaml } from '@chartferry/core/helm'
import type * as v from 'valibot'
import { configSchema } from './config-schema.ts'

/** A setting as the environment knows it. */
interface Setting {
  readonly path: readonly string[]
  /**
   * Whether the variable's text is the value; otherwise it is read as YAML, such as `16`, `true` or `{ local: { kind:
   * hosted } }`.
   */
  readonly isText: boolean
}

const settings: ReadonlyMap<string, Setting> = new Map(
  settingsOf(configSchema, []).map((setting) => [variableOf(setting.path), setting]),
)

/** By variable: the path of the setting, with dots. */
export const environmentNames: Readonly<Record<string, string>> = Object.fromEntries(
  [...settings].map(([variable, { path }]) => [variable, path.join('.')]),
)

/** The variable that set a path, or something above it; undefined when none did. */
export function variableFor(
  path: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): string | undefined {
  return [...settings].find(
    ([variable, setting]) => environment[variable] && setting.path.every((key, at) => key === path[at]),
  )?.[0]
}

/**
 * The document with what the environment says put over it. An empty variable says nothing. `tell` gets the variables
 * that are not YAML.
 */
export function withEnvironment(
  document: Readonly<Record<string, unknown>>,
  environment: Readonly<Record<string, string | undefined>>,
  tell: (fault: string) => void,
): Record<string, unknown> {
  let merged: Record<string, unknown> = { ...document }
  for (const [variable, { path, isText }] of settings) {
    const text = environment[variable]
    if (!text) continue
    try {
      merged = put(merged, path, isText ? text : parseYaml(text, { where: variable }))
    } catch (thrown) {
      if (!isChartferryError(thrown)) throw thrown
      tell(thrown.message)
    }
  }
  return merged
}

function put(
  document: Readonly<Record<string, unknown>>,
  path: readonly string[],
  value: unknown,
): Record<string, unknown> {
  const [key = '', ...rest] = path
  if (rest.length === 0) return { ...document, [key]: value }
  const inner = document[key]
  const isMapping = typeof inner === 'object' && inner !== null && !Array.isArray(inner)
  return { ...document, [key]: put(isMapping ? (inner as Record<string, unknown>) : {}, rest, value) }
}

/** `tls.certFile` is CHARTFERRY_TLS_CERT_FILE. */
function variableOf(path: readonly string[]): string {
  return `CHARTFERRY_${path.map((key) => key.replace(/[A-Z]/g, '_$&').toUpperCase()).join('_')}`
}

/** A mapping with fixed keys has a variable for each key; lists and mappings with free keys are one setting. */
function settingsOf(schema: v.GenericSchema<unknown>, path: readonly string[]): readonly Setting[] {
  const inner = unwrapped(schema)
  if (inner.type !== 'strict_object')
    return [{ path, isText: inner.type === 'string' || inner.type === 'picklist' || inner.type === 'union' }]
  const { entries } = inner as unknown as { entries: Readonly<Record<string, v.GenericSchema<unknown>>> }
  return Object.entries(entries).flatMap(([key, entry]) => settingsOf(entry, [...path, key]))
}

function unwrapped(schema: v.GenericSchema<unknown>): v.GenericSchema<unknown> {
  const { wrapped } = schema as unknown as { wrapped?: v.GenericSchema<unknown> }
  return wrapped === undefined ? schema : unwrapped(wrapped)
}
