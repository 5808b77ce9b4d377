// Reads how registries are reached whose names do not say so: `registries:`, registries.conf, and folders with hosts.toml.
import { isChartferryError } from '@chartferry/core'
import { openPart, parseRegistries } from '@chartferry/core/internal'
import type { RegistrySetting } from '@chartferry/core/oci'
import { readContainersConf, readHostsFolder } from '@chartferry/core/transfer'
import type { ConfigDocument } from './config-schema.ts'
import type { Reading } from './reading.ts'

/** Settings that name a file. */
const files = new Set(['caFile', 'certFile', 'keyFile', 'passwordFile', 'tokenFile'])

/**
 * What the configuration says goes over registries.conf, and that over hosts.toml. `reading` is that of the whole
 * file; faults are told to it.
 */
export async function readRegistries(
  { registries, registriesConf, hostsDir }: ConfigDocument,
  reading: Reading,
): Promise<readonly RegistrySetting[]> {
  const named = new Map<string, string>()
  const value = await withFiles(registries, reading.below('registries'), named)
  const part = openPart(value, ['registries'], (path, what) => reading.below(...path.map(String)).tell(said(what)))
  const lists = [
    registries === undefined ? [] : parseRegistries(part, (name) => named.get(name) ?? ''),
    registriesConf === undefined ? [] : await readConf(registriesConf, reading),
    hostsDir === undefined ? [] : await readHostsFolder(hostsDir, (message) => reading.below('hostsDir').tell(message)),
  ]
  const settings = new Map<string, RegistrySetting>()
  for (const setting of lists.flat()) if (!settings.has(setting.prefix)) settings.set(setting.prefix, setting)
  return [...settings.values()]
}

/** A fault without the place that stands before it anyhow. */
function said(what: string): string {
  return what.replace(/^registries\S*: /, '')
}

async function readConf(name: string, reading: Reading): Promise<readonly RegistrySetting[]> {
  if ((await reading.file('registriesConf', name)) === undefined) return []
  try {
    return await readContainersConf({
      CONTAINERS_REGISTRIES_CONF: reading.path(name),
      CONTAINERS_REGISTRIES_CONF_DIR: `${reading.path(name)}.d`,
    })
  } catch (thrown) {
    if (!isChartferryError(thrown)) throw thrown
    reading.below('registriesConf').tell(thrown.message)
    return []
  }
}

/** The document with variables in its texts replaced, and the texts of its files in `named`. */
async function withFiles(value: unknown, reading: Reading, named: Map<string, string>): Promise<unknown> {
  if (Array.isArray(value)) return Promise.all(value.map((item) => withFiles(item, reading, named)))
  if (typeof value !== 'object' || value === null) return value
  const entries: [string, unknown][] = []
  for (const [key, item] of Object.entries(value)) {
    if (typeof item !== 'string') entries.push([key, await withFiles(item, reading.below(key), named)])
    else if (files.has(key)) {
      named.set(item, (await reading.file(key, item)) ?? '')
      entries.push([key, item])
    } else entries.push([key, reading.expand(key, item)])
  }
  return Object.fromEntries(entries)
}
