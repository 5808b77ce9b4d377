// The flags by which commands reach registries; Helm's names where Helm has one.
import { homedir } from 'node:os'
import { join } from 'node:path'
import { type Credential, type CredentialSource, credentialFiles } from '@chartferry/core/internal'
import { openRegistries, type Registries, type RegistriesOptions, type RegistrySetting } from '@chartferry/core/oci'
import { readContainersConf, readHostsFolder, readOwnRegistries } from '@chartferry/core/transfer'
import type { Command } from 'commander'
import { openCommandClient, type TlsOptions } from './command-client.ts'
import { helmConfigHome } from './helm-repositories.ts'
import { addPatienceOptions, type PatienceOptions, patienceOf } from './patience-options.ts'
import { runHook } from './run-hook.ts'

/** What these flags give. */
export interface RegistryOptions extends TlsOptions, PatienceOptions {
  readonly username?: string
  readonly password?: string
  readonly registryConfig?: string
  readonly plainHttp?: boolean
  readonly plainHttpHost?: readonly string[]
  readonly trustRealm?: readonly string[]
  readonly retryAnonymous?: boolean
  readonly hostsDir?: string
  /** What a declaration says of registries. Default: none is followed. */
  readonly declaredRegistries?: readonly RegistrySetting[]
  readonly createRepository?: string
  /** A login for one registry alone, before those of the files. */
  readonly hostCredential?: { readonly host: string; readonly username: string; readonly password: string }
}

const collect = (value: string, previous: readonly string[] = []): string[] => [...previous, value]

/** Adds the flags that say how registries are reached. */
export function addRegistryOptions(command: Command): Command {
  return addPatienceOptions(command.optionsGroup('How registries are reached:'))
    .option('--registry-config <file>', 'credentials, as `docker login` and `helm registry login` write them')
    .option(
      '--hosts-dir <folder>',
      'folders with hosts.toml, as containerd has them (default: /etc/containerd/certs.d)',
    )
    .option('--plain-http', 'speak http with all registries')
    .option('--plain-http-host <host>', 'speak http with this registry, may be repeated', collect)
    .option('--trust-realm <host>', 'token service that may see the credentials, may be repeated', collect)
    .option('--retry-anonymous', 'if the registry refuses the known credentials, try once without any')
}

/** Adds the flags of TLS, for commands that have none yet. */
export function addTlsOptions(command: Command): Command {
  return command
    .option('--ca-file <file>', 'certificates to trust (PEM)')
    .option('--cert-file <file>', 'own certificate (PEM)')
    .option('--key-file <file>', 'key of the own certificate (PEM)')
    .option('--insecure-skip-tls-verify', 'believe any certificate')
}

/** Where Helm keeps the credentials of registries: HELM_REGISTRY_CONFIG, else below its configuration. */
export function helmRegistryConfig(environment: NodeJS.ProcessEnv = process.env): string {
  return environment.HELM_REGISTRY_CONFIG || join(helmConfigHome(environment), 'registry', 'config.json')
}

/**
 * All files with credentials, the first one first: what was named, else Helm's, Docker's, and those of podman and
 * skopeo.
 */
export function registryConfigFiles(
  named: string | undefined,
  environment: NodeJS.ProcessEnv = process.env,
): readonly string[] {
  if (named !== undefined) return [named]
  const { DOCKER_CONFIG: docker, REGISTRY_AUTH_FILE: authFile, XDG_RUNTIME_DIR: runtime } = environment
  return [
    helmRegistryConfig(environment),
    join(docker || join(homedir(), '.docker'), 'config.json'),
    ...(authFile ? [authFile] : []),
    ...(runtime ? [join(runtime, 'containers', 'auth.json')] : []),
    join(environment.XDG_CONFIG_HOME || join(homedir(), '.config'), 'containers', 'auth.json'),
  ]
}

/** Opens registries as the flags say. Throws FILE_NOT_FOUND for certificates, USAGE. */
export async function openCommandRegistries(
  options: RegistryOptions,
  listeners: Pick<RegistriesOptions, 'onQuota' | 'onRepeat' | 'onWarning'> = {},
): Promise<Registries> {
  const { plainHttp, plainHttpHost = [], createRepository } = options
  const client = await openCommandClient(options)
  const registries = openRegistries({
    client,
    settings: await readSettings(options, listeners.onWarning),
    credentials: credentialsOf(options),
    plainHttp: (host) => (plainHttp === true || plainHttpHost.includes(host) ? true : undefined),
    trustedRealms: options.trustRealm ?? [],
    patience: patienceOf(options),
    anonymousFallback: options.retryAnonymous === true,
    ...listeners,
    ...(createRepository === undefined
      ? {}
      : {
          createRepository: ({ host, repository }) =>
            runHook(
              createRepository,
              [repository],
              { CHARTFERRY_HOST: host, CHARTFERRY_REPOSITORY: repository },
              'TARGET_MISSING',
            ),
        }),
  })
  return {
    ...registries,
    close: async () => {
      await registries.close()
      await client.close()
    },
  }
}

/** How registries are reached: what was declared goes over our own file, that over registries.conf and hosts.toml. */
export async function readSettings(
  {
    declaredRegistries = [],
    hostsDir = '/etc/containerd/certs.d',
  }: Pick<RegistryOptions, 'declaredRegistries' | 'hostsDir'>,
  onWarning?: (message: string) => void,
): Promise<readonly RegistrySetting[]> {
  const lists = [
    declaredRegistries,
    await readOwnRegistries(),
    await readContainersConf(),
    await readHostsFolder(hostsDir, onWarning),
  ]
  const settings = new Map<string, RegistrySetting>()
  for (const setting of lists.flat()) if (!settings.has(setting.prefix)) settings.set(setting.prefix, setting)
  return [...settings.values()]
}

function credentialsOf({ username, password, registryConfig, hostCredential }: RegistryOptions): CredentialSource {
  const credential: Credential | undefined =
    username === undefined ? undefined : { kind: 'basic', username, password: password ?? '' }
  const otherwise: CredentialSource =
    credential === undefined
      ? credentialFiles(registryConfigFiles(registryConfig))
      : { credentialFor: async () => credential }
  if (hostCredential === undefined) return otherwise
  const { host: ours, ...login } = hostCredential
  return {
    ...otherwise,
    credentialFor: async (host, path) =>
      host === ours ? { kind: 'basic', ...login } : otherwise.credentialFor(host, path),
  }
}
