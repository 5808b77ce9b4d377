// TOML files of other programs, as plain data.
import { readFile } from 'node:fs/promises'
import { ChartferryError, messageOf } from '../../errors.ts'
import { bare } from '../../helm/template/text.ts'
import { readToml } from '../../helm/yaml/go/read-toml.ts'
import { toJson } from '../../helm/yaml/go/to-json.ts'

/** The data of a TOML text. Throws CONFIG_INVALID. */
export function parseToml(text: string, where: string): unknown {
  try {
    return JSON.parse(bare(toJson(readToml(text))))
  } catch (cause) {
    throw new ChartferryError('CONFIG_INVALID', `${where}: ${messageOf(cause)}`, { cause })
  }
}

/** The text of a file; undefined where there is none that can be read. */
export async function textOf(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch(() => undefined)
}

/** Whether a value is a table, as plain data. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The tables of an array of tables; none where there is no such key. */
export function recordsIn(value: unknown, key: string): readonly Readonly<Record<string, unknown>>[] {
  const list = isRecord(value) ? value[key] : undefined
  return Array.isArray(list) ? list.filter(isRecord) : []
}

/** A text that is not empty. */
export function asText(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}
