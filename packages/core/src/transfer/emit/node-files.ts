// What nodes and clusters are told of a server of ours: the files of their container runtimes, its name, and a DaemonSet
// that puts the files there.
import { isIP } from 'node:net'
import { dump } from 'js-yaml'
import { ChartferryError } from '../../errors.ts'
import type { EmittedFile } from './emission.ts'
import { hostsFolders } from './hosts-toml.ts'
import type { MirrorOptions, RegistryMirror } from './mirrors.ts'

const yaml = (document: object): string => dump(document, { lineWidth: -1, noRefs: true })

/** A name and the address that it stands for. */
export interface NamedAddress {
  readonly name: string
  readonly address: string
}

/** A line for /etc/hosts. Throws USAGE for what is no address. */
export function etcHosts({ name, address }: NamedAddress): string {
  return `${addressOf(address)} ${name}\n`
}

/**
 * What CoreDNS needs for a name: an address is given by its plugin hosts, another name (that of a service) by a
 * rewrite. It goes into the server block of the zone `.`, before `kubernetes`.
 */
export function corednsSnippet({ name, address }: NamedAddress): string {
  if (isIP(address) === 0) return `rewrite name exact ${name} ${address.replace(/\.?$/, '.')} answer auto\n`
  return `hosts {\n    ${address} ${name}\n    fallthrough\n}\n`
}

function addressOf(address: string): string {
  if (isIP(address) !== 0) return address
  throw new ChartferryError('USAGE', `${address} is no address, and /etc/hosts takes nothing else`, {
    hint: 'Give the address with --address, or use --format coredns, which takes names.',
  })
}

/** How the DaemonSet is made. */
export interface DaemonSetOptions {
  readonly name: string
  readonly namespace: string
  /** An image with a shell; nodes must be able to pull it without these files. */
  readonly image: string
}

/**
 * A ConfigMap with the hosts.toml files, and a DaemonSet whose pods copy them to /etc/containerd/certs.d of each node.
 * containerd reads them at the next pull; its `config_path` has to name that folder. Throws USAGE as `hostsFolders` does.
 */
export function hostsDaemonSet(
  mirrors: readonly RegistryMirror[],
  options: MirrorOptions,
  { name, namespace, image }: DaemonSetOptions,
): readonly EmittedFile[] {
  const files = hostsFolders(mirrors, options)
  const keyOf = (path: string): string => path.replace(/[^a-zA-Z0-9._-]/g, '_')
  const labels = { 'app.kubernetes.io/name': name }
  const config = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace, labels },
    data: Object.fromEntries(files.map(({ path, text }) => [keyOf(path), text])),
  }
  const copy = [
    'set -e',
    ...files.map(({ path }) => {
      const folder = path.slice(0, path.lastIndexOf('/'))
      return `mkdir -p '/certs.d/${folder}' && cp '/config/${keyOf(path)}' '/certs.d/${path}.new' && mv '/certs.d/${path}.new' '/certs.d/${path}'`
    }),
  ].join('\n')
  const mounts = [
    { name: 'config', mountPath: '/config', readOnly: true },
    { name: 'certs', mountPath: '/certs.d' },
  ]
  const set = {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name, namespace, labels },
    spec: {
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          automountServiceAccountToken: false,
          tolerations: [{ operator: 'Exists' }],
          initContainers: [{ name: 'copy', image, command: ['/bin/sh', '-c', copy], volumeMounts: mounts }],
          containers: [{ name: 'rest', image, command: ['/bin/sh', '-c', 'while :; do sleep 3600; done'] }],
          volumes: [
            { name: 'config', configMap: { name } },
            { name: 'certs', hostPath: { path: '/etc/containerd/certs.d', type: 'DirectoryOrCreate' } },
          ],
        },
      },
    },
  }
  return [{ path: 'daemonset.yaml', text: `${yaml(config)}---\n${yaml(set)}` }]
}
