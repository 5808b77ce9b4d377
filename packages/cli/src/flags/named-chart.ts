// A chart's repository or archive, opened as the flags say.
import type { Credential, HttpClient } from '@chartferry/core/internal'
import { type ChartSource, httpArchive, httpRepository } from '@chartferry/core/transfer'
import type { ChartOptions } from './chart-options.ts'
import { openCommandClient } from './command-client.ts'
import type { HelmRepository } from './helm-repositories.ts'
import { openCommandRegistries, type RegistryOptions } from './registry-options.ts'

/** A source, and the name to ask it for. */
export interface NamedChart {
  readonly source: ChartSource
  readonly name: string
  /** The folder that it is read from. Default: it is no folder. */
  readonly folder?: string
  /** Closes connections. */
  readonly close: () => Promise<void>
}

/** The flags that say how a chart's repository or registry is reached. */
export type AccessOptions = Pick<ChartOptions, 'version' | 'devel' | 'repo' | 'passCredentials'> & RegistryOptions

type Access = Omit<HelmRepository, 'name'>

/** What the flags say of a repository. */
export function fromFlags({
  username,
  password,
  caFile,
  certFile,
  keyFile,
  insecureSkipTlsVerify,
  passCredentials,
}: AccessOptions): Omit<Access, 'url'> {
  const given = { username, password, caFile, certFile, keyFile, insecureSkipTlsVerify, passCredentials }
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
}

/** Opens a repository to ask it for a chart. Throws FILE_NOT_FOUND for certificates. */
export async function openRepository(access: Access, name: string): Promise<NamedChart> {
  const connection = await connect(access)
  // Credentials of the repository are none of the registries that it names.
  const { username: _user, password: _password, ...rest } = access
  const registries = await openCommandRegistries(rest)
  const source = httpRepository(access.url, {
    ...connection,
    passCredentials: access.passCredentials === true,
    openRegistry: (name) => registries.source(name),
  })
  const close = async (): Promise<void> => {
    await registries.close()
    await connection.client.close()
  }
  return { source, name, close }
}

/** Opens the archive at a URL. Throws FILE_NOT_FOUND for certificates. */
export async function openArchive(url: string, options: AccessOptions): Promise<NamedChart> {
  const connection = await connect({ ...fromFlags(options), url })
  return { source: httpArchive(url, connection), name: url, close: () => connection.client.close() }
}

async function connect(
  access: Access,
): Promise<{ readonly client: HttpClient; readonly credential: Credential | undefined }> {
  const { username, password } = access
  const client = await openCommandClient(access)
  const isAnonymous = username === undefined && password === undefined
  return {
    client,
    credential: isAnonymous ? undefined : { kind: 'basic', username: username ?? '', password: password ?? '' },
  }
}
