// Reads the setting `images`: secrets and certificates of registries, and whether their names are free.
import type { AccessConfig, AuthConfig } from './access-config.ts'
import { type ImageRegistryConfig, type ImagesConfig, popularRegistries } from './config.ts'
import type { ConfigDocument } from './config-schema.ts'
import type { ImageRegistryDocument } from './images-schema.ts'
import { readRepositoryAccess } from './load-auth.ts'
import { readClient } from './load-client.ts'
import type { Reading } from './reading.ts'

/** Images of a configuration. Faults are told to the reading. */
export async function readImages(
  { images, listen, publicUrl }: ConfigDocument,
  {
    access,
    auth,
    repositories,
    isDefault,
  }: {
    readonly access: AccessConfig
    readonly auth: AuthConfig
    /** The names of repositories. */
    readonly repositories: ReadonlySet<string>
    /** Whether the configuration names no repositories. */
    readonly isDefault: boolean
  },
  reading: Reading,
): Promise<ImagesConfig> {
  const { freshFor, space, dockerHub, blobBytes } = images
  const registries = new Map<string, ImageRegistryConfig>()
  const hosts = new Map<string, string>()
  const isAlone = /^(?:localhost|127\.[\d.]+|::1)$/.test(listen.host) && publicUrl === undefined
  const popular = Object.fromEntries(popularRegistries.map((name) => [name, nothingSaid]))
  for (const [name, document] of Object.entries(images.registries ?? (isDefault && isAlone ? popular : {}))) {
    const at = reading.below('registries', name)
    if (repositories.has(name)) at.tell('a repository has the same name')
    const rules = readRepositoryAccess(document.access ?? {}, access, auth, at.below('access'))
    const registry = await readRegistry(name, document, { freshFor, access: rules }, at)
    const other = hosts.get(registry.host)
    if (other !== undefined) at.tell(`has the host of ${other}`)
    hosts.set(registry.host, name)
    registries.set(name, registry)
  }
  if (dockerHub && !hosts.has('docker.io')) reading.tell('dockerHub needs docker.io among the registries')
  return { registries, space, dockerHub, blobBytes }
}

const nothingSaid: ImageRegistryDocument = {
  insecureSkipTlsVerify: false,
  private: false,
  trustRealms: [],
  mirrors: [],
  deny: [],
  paths: [],
}

async function readRegistry(
  name: string,
  document: ImageRegistryDocument,
  { freshFor, access }: Pick<ImageRegistryConfig, 'freshFor' | 'access'>,
  reading: Reading,
): Promise<ImageRegistryConfig> {
  const { mirrors, allow, deny, platforms, paths } = document
  return {
    host: document.host ?? name,
    mirrors,
    allow,
    deny,
    freshFor: document.freshFor ?? freshFor,
    platforms,
    access,
    paths,
    private: document.private,
    ...(await readClient(document, reading)),
  }
}
