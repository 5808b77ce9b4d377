// Folders with hosts.toml, as containerd reads them (containerd, docs/hosts.md), and certificates beside them.
import { readdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { RegistryAccess, RegistryMirror, RegistrySetting } from '../../oci/client/registry-setting.ts'
import { asText, isRecord, parseToml, textOf } from './toml-values.ts'

/**
 * Reads every `HOST/hosts.toml` below a folder; a host with a port may be written `host_port_`. What containerd cannot
 * decode it passes over, and so do we, with a word in `onWarning`. `_default` is not read: it is for all hosts that no
 * other file knows. None where there is no folder.
 */
export async function readHostsFolder(
  folder: string,
  onWarning: (message: string) => void = () => {},
): Promise<readonly RegistrySetting[]> {
  const names = await readdir(folder).catch(() => [])
  const settings: RegistrySetting[] = []
  for (const name of names.toSorted((a, b) => (a < b ? -1 : 1))) {
    if (name === '_default') continue
    const file = join(folder, name, 'hosts.toml')
    const text = await textOf(file)
    if (text === undefined) continue
    try {
      settings.push(await hostSetting(name.replace(/_(\d+)_$/, ':$1'), text, file))
    } catch (thrown) {
      onWarning(`${file} is passed over: ${thrown instanceof Error ? thrown.message : String(thrown)}`)
    }
  }
  return settings
}

async function hostSetting(host: string, text: string, file: string): Promise<RegistrySetting> {
  const document = parseToml(text, file)
  const root = isRecord(document) ? document : {}
  const hosts = isRecord(root.host) ? Object.entries(root.host).filter(([, entry]) => isRecord(entry)) : []
  const mirrors: RegistryMirror[] = []
  for (const [url, entry] of hosts)
    mirrors.push(...(await mirrorOf(url, entry as Readonly<Record<string, unknown>>, file)))
  const server = asText(root.server)
  const own = { ...(await accessOf(root, file)), ...(server === undefined ? {} : placeOf(server, root)) }
  const isElsewhere = own.location !== undefined && own.location !== host
  // "Mirror or nothing": the server is one of the hosts.
  const isMirror = mirrors.some(({ location }) => location === own.location)
  const { location, ...access } = own
  return {
    prefix: host,
    mirrors,
    ...access,
    ...(isElsewhere ? { location } : {}),
    ...(isElsewhere && isMirror ? { blocked: true } : {}),
  }
}

async function mirrorOf(
  url: string,
  entry: Readonly<Record<string, unknown>>,
  file: string,
): Promise<readonly RegistryMirror[]> {
  const capabilities = Array.isArray(entry.capabilities) ? entry.capabilities : ['pull', 'resolve']
  if (!capabilities.includes('pull')) return []
  // Without `resolve` it is not asked what a tag stands for.
  const pulls = capabilities.includes('resolve') ? {} : { pulls: 'digest' as const }
  const place = placeOf(url, entry)
  return place === undefined ? [] : [{ ...(await accessOf(entry, file)), ...place, ...pulls }]
}

/** The place of a URL: its path comes before `/v2` where `override_path` is not set, and holds it where it is. */
function placeOf(
  url: string,
  { override_path: isWhole }: Readonly<Record<string, unknown>>,
): { readonly location: string; readonly plainHttp?: boolean } | undefined {
  const parsed = URL.parse(/^https?:\/\//.test(url) ? url : `https://${url}`)
  if (parsed === null) return undefined
  const path = parsed.pathname.replace(/\/+$/, '')
  const below = isWhole === true ? path.replace(/^\/v2(?=\/|$)/, '') : path.replace(/\/v2$/, '')
  return { location: `${parsed.host}${below}`, ...(parsed.protocol === 'http:' ? { plainHttp: true } : {}) }
}

/** `ca` may be a file or a list; `client` a file with both, or pairs of files. */
async function accessOf(entry: Readonly<Record<string, unknown>>, file: string): Promise<RegistryAccess> {
  const read = async (name: unknown): Promise<string | undefined> =>
    typeof name === 'string' ? textOf(join(name.startsWith('/') ? '' : dirname(file), name)) : undefined
  const authorities = await Promise.all((Array.isArray(entry.ca) ? entry.ca : [entry.ca]).map(read))
  const [client] = Array.isArray(entry.client) ? entry.client : [entry.client]
  const [certFile, keyFile] = Array.isArray(client) ? client : [client, client]
  const [cert, key] = [await read(certFile), await read(keyFile)]
  const ca = authorities.filter((text) => text !== undefined).join('\n')
  return {
    ...(ca === '' ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(entry.skip_verify === true ? { insecureSkipTlsVerify: true } : {}),
  }
}
