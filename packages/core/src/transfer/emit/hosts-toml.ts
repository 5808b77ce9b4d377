// containerd's certs.d folder: a hosts.toml for each registry (containerd docs/hosts.md), in the only form that 1.6 and
// 2.x both read.
import { dockerHub } from '../../reference/reference.ts'
import type { EmittedFile } from './emission.ts'
import {
  isOwnAddress,
  type MirrorOptions,
  type MirrorPlace,
  type RegistryMirror,
  refuseIpv6,
  schemeOf,
} from './mirrors.ts'

/**
 * A folder a registry, and one for each mirror under its own name where it is spoken to otherwise than containerd
 * would by itself. Throws USAGE for a mirror with an address of IPv6, which containerd 1.6 does not ask.
 */
export function hostsFolders(mirrors: readonly RegistryMirror[], options: MirrorOptions): readonly EmittedFile[] {
  const own = options.plainHttp === true || options.caFile !== undefined ? mirrors.map(({ mirror }) => mirror.host) : []
  const registries = new Set(mirrors.map(({ registry }) => registry))
  return [
    ...mirrors.map(({ registry, mirror }) => ({
      path: `${hostFolder(registry)}/hosts.toml`,
      text: hostsToml(registry, mirror, {
        ...options,
        mirrorOnly: options.mirrorOnly === true || isOwnAddress({ registry, mirror }),
      }),
    })),
    ...[...new Set(own)]
      .filter((host) => !registries.has(host))
      .map((host) => ({
        path: `${hostFolder(host)}/hosts.toml`,
        text: hostsToml(host, { host, prefix: '' }, { ...options, mirrorOnly: true }),
      })),
  ]
}

/** The folder that containerd looks into first for a registry: no colons, so that every file system takes it. */
function hostFolder(registry: string): string {
  return registry.replace(/:(\d+)$/, '_$1_')
}

/**
 * One file. A file that containerd cannot read is ignored whole, and the image comes from the registry itself: so
 * there is nothing in it but what every version knows. `server` stands first, since below a table it would be a key of
 * that table.
 */
function hostsToml(registry: string, { host, prefix }: MirrorPlace, options: MirrorOptions): string {
  refuseIpv6(host, 'containerd 1.6')
  const mirror = `${schemeOf(options)}${host}${prefix === '' ? '' : `/v2/${prefix}`}`
  const server =
    options.mirrorOnly === true ? mirror : `https://${registry === dockerHub ? 'registry-1.docker.io' : registry}`
  return [
    `server = "${server}"`,
    '',
    `[host."${mirror}"]`,
    '  capabilities = ["pull", "resolve"]',
    ...(prefix === '' ? [] : ['  override_path = true']),
    ...(options.caFile === undefined ? [] : [`  ca = ${JSON.stringify(options.caFile)}`]),
    '',
  ].join('\n')
}
