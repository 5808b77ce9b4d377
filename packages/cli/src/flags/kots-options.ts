// The flags of KOTS by which commands name a private registry: its endpoint, a namespace in it, a login.
import { ChartferryError } from '@chartferry/core'
import { parseTarget, type Target } from '@chartferry/core/oci'
import type { Command } from 'commander'
import type { RegistryOptions } from './registry-options.ts'

/** What these flags give. */
export interface KotsRegistryOptions {
  readonly registryEndpoint?: string
  readonly imageNamespace?: string
  readonly registryUsername?: string
  readonly registryPassword?: string
  readonly workingDir?: string
}

/** Adds the flags. */
export function addKotsRegistryOptions(command: Command): Command {
  return command
    .option('--registry-endpoint <url>', 'the private registry: host, host:port, or with http:// or https://')
    .option('--image-namespace <path>', 'path in it that images go below')
    .option('--registry-username <name>', 'user there; nodes get this login as a pull secret')
    .option('--registry-password <text>', 'password there')
    .option('--working-dir <folder>', 'the folder (default: the name of the application)')
}

/** A private registry as flags name it. */
export interface KotsRegistry {
  readonly target: Target
  readonly login?: { readonly host: string; readonly username: string; readonly password: string }
  /** What opens it: its login is for it alone. */
  readonly options: Pick<RegistryOptions, 'hostCredential' | 'plainHttpHost'>
}

/** Throws USAGE where endpoint or namespace are missing, REFERENCE_INVALID. */
export function kotsRegistry(options: KotsRegistryOptions & RegistryOptions): KotsRegistry {
  const { registryEndpoint, imageNamespace, registryUsername, registryPassword = '' } = options
  if (registryEndpoint === undefined || imageNamespace === undefined)
    throw new ChartferryError('USAGE', 'the registry and namespace for the images are missing', {
      hint: 'Give --registry-endpoint and --image-namespace.',
    })
  const endpoint = registryEndpoint.replace(/^https?:\/\//, '').replace(/\/+$/, '')
  const target = parseTarget(`${endpoint}/${imageNamespace.replace(/^\/+|\/+$/g, '')}`)
  const plainHttpHost = [
    ...(options.plainHttpHost ?? []),
    ...(registryEndpoint.startsWith('http://') ? [target.host] : []),
  ]
  const login =
    registryUsername === undefined
      ? undefined
      : { host: target.host, username: registryUsername, password: registryPassword }
  return {
    target,
    ...(login === undefined ? {} : { login }),
    options: { plainHttpHost, ...(login === undefined ? {} : { hostCredential: login }) },
  }
}
