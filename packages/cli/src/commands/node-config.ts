// `chartferry node-config`: what nodes need to know to pull from a running server.
import { isIP } from 'node:net'
import { ChartferryError } from '@chartferry/core'
import { parseTarget } from '@chartferry/core/oci'
import {
  corednsSnippet,
  type Emission,
  emitMirrors,
  etcHosts,
  hostsDaemonSet,
  type MirrorFormat,
  type RegistryMirror,
} from '@chartferry/core/transfer'
import { type Command, Option } from 'commander'
import { collect } from '../flags/chart-options.ts'
import { addOutputOptions, type OutputOptions } from '../flags/output-options.ts'
import { serverUrl } from '../flags/server-url.ts'
import { type WriteEmittedOptions, writeEmitted } from './write-emitted.ts'

const formats = ['hosts', 'registries', 'containers', 'docker', 'coredns', 'etc-hosts', 'daemonset'] as const

interface NodeConfigOptions extends OutputOptions, WriteEmittedOptions {
  readonly format: (typeof formats)[number]
  readonly server?: string
  readonly serverConfig?: string
  readonly registry: readonly string[]
  readonly mirrorOnly?: boolean
  readonly mirrorCa?: string
  readonly name?: string
  readonly address?: string
  readonly image: string
  readonly namespace: string
  readonly allowUnresolved?: boolean
}

/** Adds the command. */
export function addNodeConfigCommand(program: Command): void {
  const command = program
    .command('node-config')
    .description(
      'Write what container runtimes, DNS or a cluster must be told so that nodes pull from a server: by its own name, and as a mirror of other registries.',
    )
    .addOption(
      new Option('--format <format>', 'hosts: containerd; registries: k3s, rke2; containers: podman, CRI-O')
        .choices([...formats])
        .makeOptionMandatory(),
    )
    .option('--server <url>', 'the server as nodes reach it: http://10.0.0.5:8080')
    .option('--server-config <file>', 'the configuration of the server, which says its URL')
    .option('--registry <host[=path]>', 'a registry that it mirrors, and the path where; may be repeated', collect, [])
    .option('--mirror-only', 'mirror or nothing: nodes never ask the registry that an image names')
    .option('--mirror-ca <path>', "path on the nodes of the certificate that signed the server's own")
    .option('--name <name>', 'for coredns and etc-hosts: the name that the server gets')
    .option('--address <address>', 'for coredns and etc-hosts: what the name stands for (default: the host of the URL)')
    .option('--image <image>', 'for daemonset: an image with a shell', 'docker.io/library/busybox:1.37')
    .option('--namespace <name>', 'for daemonset', 'kube-system')
    .option('-d, --destination <folder>', 'folder for the files')
    .option('--merge <file>', 'put it into this file, and keep what else is in it')
    .option('--allow-unresolved', 'write what the tool can be told')
  addOutputOptions(command)
    .addHelpText(
      'after',
      `
Example:
  $ chartferry node-config --format hosts --server http://10.0.0.5:8080 --registry docker.io -d certs.d/
  $ chartferry node-config --format daemonset --server http://10.0.0.5:8080 --registry docker.io
  $ chartferry node-config --format etc-hosts --server http://10.0.0.5:8080 --name registry.local`,
    )
    .action(run)
}

async function run(options: NodeConfigOptions): Promise<void> {
  const { files, notExpressed } = await nodeFiles(options)
  if (notExpressed.length > 0 && options.allowUnresolved !== true)
    throw new ChartferryError('NOT_EXPRESSED', `${options.format}: it cannot say\n${notExpressed.join('\n')}`)
  if (options.quiet !== true) for (const line of notExpressed) console.error(`! ${options.format} cannot say: ${line}`)
  await writeEmitted(files, options)
}

async function nodeFiles(options: NodeConfigOptions): Promise<Emission> {
  const { format, name, mirrorCa, mirrorOnly = false } = options
  const url = await serverUrl(options)
  if (format === 'coredns' || format === 'etc-hosts') {
    if (name === undefined)
      throw new ChartferryError('USAGE', `${format}: nothing says which name the server gets`, {
        hint: 'Give it with --name.',
      })
    const named = { name, address: options.address ?? url.hostname.replace(/^\[|\]$/g, '') }
    return format === 'coredns'
      ? { files: [{ path: 'coredns.txt', text: corednsSnippet(named) }], notExpressed: [] }
      : { files: [{ path: 'hosts.txt', text: etcHosts(named) }], notExpressed: [] }
  }
  const host = url.host
  const mirrors = [
    { registry: host, mirror: { host, prefix: '' } },
    ...options.registry.map((text) => mirrorOf(text, host)),
  ]
  const mirrorOptions = {
    plainHttp: url.protocol === 'http:',
    mirrorOnly,
    ...(mirrorCa === undefined ? {} : { caFile: mirrorCa }),
  }
  if (format === 'daemonset')
    return {
      files: hostsDaemonSet(mirrors, mirrorOptions, {
        name: 'chartferry-node-config',
        namespace: options.namespace,
        image: options.image,
      }),
      notExpressed: [],
    }
  const words: Readonly<Record<typeof format, MirrorFormat>> = {
    hosts: 'hosts',
    registries: 'k3s-registries',
    containers: 'registries',
    docker: 'docker',
  }
  return emitMirrors(words[format], { mirrors, others: [] }, [], { ...mirrorOptions, name: 'chartferry' })
}

/** `docker.io`, or `docker.io=mirror/hub` where the server has its repositories below a path. */
function mirrorOf(text: string, host: string): RegistryMirror {
  const [registry = '', prefix = ''] = text.split('=')
  if (isIP(registry) === 0 && !/^[\w.-]+(:\d+)?$|^\[[\da-f:]+\](:\d+)?$/i.test(registry))
    throw new ChartferryError('USAGE', `--registry ${text}: it is no host`, {
      hint: 'Write it as docker.io or docker.io=path.',
    })
  return { registry, mirror: { host, prefix: prefix === '' ? '' : parseTarget(`${host}/${prefix}`).prefix } }
}
