// What CHART means on the command line: a folder, an archive, a URL, or a name in one of Helm's repositories.
import { stat } from 'node:fs/promises'
import {
  archiveFile,
  type ChartArchive,
  ChartferryError,
  type ChartSource,
  type Credential,
  directory,
  type HttpClient,
  httpArchive,
  httpRepository,
  ociRepository,
  parseReference,
} from '@chartferry/core'
import type { ChartOptions } from './chart-options.ts'
import { openCommandClient } from './command-client.ts'
import { type HelmRepository, readHelmRepositories } from './helm-repositories.ts'
import { openCommandRegistries, type RegistryOptions } from './registry-options.ts'

/** A source, and the name to ask it for. */
interface NamedChart {
  readonly source: ChartSource
  readonly name: string
  /** Closes connections. */
  readonly close: () => Promise<void>
}

/** The flags that say how a chart's repository or registry is reached. */
export type AccessOptions = Pick<ChartOptions, 'version' | 'repo' | 'passCredentials'> & RegistryOptions

/** Reads the chart of a folder or an archive. Throws FILE_NOT_FOUND. */
export async function readLocalChart(argument: string, signal: AbortSignal): Promise<ChartArchive> {
  const found = await stat(argument).catch(() => undefined)
  if (found === undefined) throw new ChartferryError('FILE_NOT_FOUND', `${argument}: no such file or folder`)
  const source = found.isDirectory() ? directory(argument) : archiveFile(argument)
  return source.fetch(await source.resolve({ name: argument }), { signal })
}

/** Reads the chart of an argument, with its provenance where there is one. Throws USAGE, FILE_NOT_FOUND, REPOSITORY_NOT_FOUND, what the source throws. */
export async function readChart(argument: string, options: AccessOptions, signal: AbortSignal): Promise<ChartArchive> {
  const { source, name, close } = await findChart(argument, options)
  try {
    return await source.fetch(await source.resolve({ name, version: options.version }), { signal })
  } finally {
    await close()
  }
}

async function findChart(argument: string, options: AccessOptions): Promise<NamedChart> {
  if (options.repo !== undefined) return openRepository({ ...fromFlags(options), url: options.repo }, argument)
  if (/^https?:\/\//.test(argument)) return openArchive(argument, options)
  if (argument.startsWith('oci://')) return fromRegistry(argument, options)
  const found = await stat(argument).catch(() => undefined)
  if (found?.isDirectory() === true) return { source: directory(argument), name: argument, close: nothing }
  if (found !== undefined) return { source: archiveFile(argument), name: argument, close: nothing }
  return fromHelmRepository(argument, options)
}

/** `oci://HOST/PATH/NAME`, with a tag as helm takes it where there is no --version. */
async function fromRegistry(argument: string, options: AccessOptions): Promise<NamedChart> {
  const { host = '', path, tag } = parseReference(argument.slice('oci://'.length))
  const registries = await openCommandRegistries(options)
  const repository = ociRepository(registries.repository(`${host}/${path}`))
  const source: ChartSource =
    tag === undefined
      ? repository
      : {
          ...repository,
          resolve: (query) => repository.resolve({ ...query, version: query.version ?? tag.replaceAll('_', '+') }),
        }
  return { source, name: path, close: () => registries.close() }
}

async function fromHelmRepository(argument: string, options: AccessOptions): Promise<NamedChart> {
  const slash = argument.indexOf('/')
  const isName = slash > 0 && !argument.endsWith('.tgz') && !/^[./]/.test(argument)
  if (!isName) throw new ChartferryError('FILE_NOT_FOUND', `${argument}: no such file or folder`)
  const [repository, name] = [argument.slice(0, slash), argument.slice(slash + 1)]
  const { file, repositories } = await readHelmRepositories()
  const entry = repositories.find((candidate) => candidate.name === repository)
  if (entry === undefined) {
    const known = repositories.map((candidate) => candidate.name).join(', ')
    throw new ChartferryError(
      'REPOSITORY_NOT_FOUND',
      `${argument}: no such file, and no repository ${repository} in ${file}`,
      {
        hint:
          known === ''
            ? `Add it: helm repo add ${repository} URL`
            : `There are ${known}. Add one with: helm repo add ${repository} URL`,
      },
    )
  }
  return openRepository({ ...entry, ...fromFlags(options) }, name)
}

type Access = Omit<HelmRepository, 'name'>

function fromFlags({
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

async function openRepository(access: Access, name: string): Promise<NamedChart> {
  const connection = await connect(access)
  const source = httpRepository(access.url, { ...connection, passCredentials: access.passCredentials === true })
  return { source, name, close: () => connection.client.close() }
}

async function openArchive(url: string, options: AccessOptions): Promise<NamedChart> {
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

const nothing = async (): Promise<void> => {}
