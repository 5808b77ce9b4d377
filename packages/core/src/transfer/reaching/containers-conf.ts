// registries.conf, as podman, skopeo and CRI-O read it (containers-registries.conf(5), version 2).
import { readdir } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import type { RegistryMirror, RegistrySetting } from '../../oci/client/registry-setting.ts'
import { asText, parseToml, recordsIn, textOf } from './toml-values.ts'

/**
 * Reads the file that containers/image would: CONTAINERS_REGISTRIES_CONF, else the user's own, which hides the
 * system's; then the drop-ins of `registries.conf.d`, of which one replaces what was said of its prefix. None where
 * there is no file. Throws CONFIG_INVALID for one that is no TOML.
 */
export async function readContainersConf(
  environment: NodeJS.ProcessEnv = process.env,
): Promise<readonly RegistrySetting[]> {
  const own = join(environment.XDG_CONFIG_HOME || join(homedir(), '.config'), 'containers')
  const system = '/etc/containers'
  const named = environment.CONTAINERS_REGISTRIES_CONF || undefined
  const main = named ?? ((await textOf(join(own, 'registries.conf'))) === undefined ? system : own)
  const files =
    named === undefined
      ? [join(main, 'registries.conf'), ...(await dropIns(system)), ...(await dropIns(own))]
      : [named, ...(await dropIns(environment.CONTAINERS_REGISTRIES_CONF_DIR ?? ''))]
  const settings = new Map<string, RegistrySetting>()
  for (const file of files) {
    const text = await textOf(file)
    for (const setting of text === undefined ? [] : parseContainersConf(text, file))
      settings.set(setting.prefix, setting)
  }
  return [...settings.values()]
}

/** The registries of one file; an entry without a name is left out. Throws CONFIG_INVALID. */
export function parseContainersConf(text: string, where: string): readonly RegistrySetting[] {
  const document = parseToml(text, where)
  return recordsIn(document, 'registry').flatMap((entry): readonly RegistrySetting[] => {
    const location = asText(entry.location)
    const prefix = asText(entry.prefix) ?? location
    if (prefix === undefined) return []
    const digestsOnly = entry['mirror-by-digest-only'] === true
    const isHttp = entry.insecure === true
    return [
      {
        prefix,
        mirrors: recordsIn(entry, 'mirror').flatMap((mirror) => mirrorOf(mirror, digestsOnly)),
        blocked: entry.blocked === true,
        ...(location === undefined || location === prefix ? {} : { location: location.replace(/\/+$/, '') }),
        ...(isHttp ? insecure : {}),
      },
    ]
  })
}

/** `insecure` lets certificates be anything, and http be spoken where nothing else is. */
const insecure = { insecureSkipTlsVerify: true, httpAllowed: true } as const

function mirrorOf(mirror: Readonly<Record<string, unknown>>, digestsOnly: boolean): readonly RegistryMirror[] {
  const location = asText(mirror.location)?.replace(/\/+$/, '')
  if (location === undefined) return []
  const pulls = asText(mirror['pull-from-mirror'])
  const only = digestsOnly || pulls === 'digest-only' ? 'digest' : pulls === 'tag-only' ? 'tag' : undefined
  return [{ location, ...(only === undefined ? {} : { pulls: only }), ...(mirror.insecure === true ? insecure : {}) }]
}

async function dropIns(folder: string): Promise<readonly string[]> {
  if (folder === '') return []
  const path = folder.endsWith('.d') ? folder : join(folder, 'registries.conf.d')
  const names = await readdir(path).catch(() => [])
  return names
    .filter((name) => name.endsWith('.conf'))
    .sort()
    .map((name) => join(path, name))
}
