// Relocated repositories of a configuration: the processes that make them, their store, and the registries of their
// targets.
import { parseTarget } from '@chartferry/core'
import { findHelm, type HttpClient, openHttpClient, version } from '@chartferry/core/internal'
import type { RegistrySetting } from '@chartferry/core/oci'
import type { BlobStore } from '@chartferry/core/transfer'
import type { ServerConfig } from '../config/config.ts'
import type { RelocationConfig } from '../config/relocation-config.ts'
import { canonicalHost } from '../registry/mirror-path.ts'
import { type Relocated, type RelocatedRepositories, relocatedRepositories } from '../relocated/relocated-repository.ts'
import { relocationMaker } from '../relocated/relocation-maker.ts'
import { openRelocationStore } from '../relocated/relocation-store.ts'
import { pulledRules, targetImages } from '../relocated/target-images.ts'
import type { ChartRepository } from '../repository/chart-repository.ts'
import type { Flights } from '../repository/single-flight.ts'
import { foreignClient } from '../upstream/foreign-client.ts'
import { childPool } from '../workers/child-pool.ts'

export interface OpenRelocatedOptions {
  readonly config: ServerConfig
  readonly store: BlobStore
  readonly flights: Flights
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Has the originals. */
  readonly source: ChartRepository
  /** What registries are told that we are. */
  readonly pseudonym: string
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly warn: (message: string, details: Readonly<Record<string, unknown>>) => void
  readonly info: (message: string, details: Readonly<Record<string, unknown>>) => void
  readonly signal: AbortSignal
}

export interface OpenedRelocated extends RelocatedRepositories {
  /** The names of repositories that are served relocated. */
  readonly names: readonly string[]
  close(): Promise<void>
}

const mebibyte = 1 << 20
/** MiB of address space that a program of Go reserves beside what it takes. */
const reservedByGo = 2048
/** Bytes of an archive with its plan and its proof. */
const mostAnswer = 128 * mebibyte

/** Renders nothing, and asks no registry yet. */
export async function openRelocated(options: OpenRelocatedOptions): Promise<OpenedRelocated> {
  const { config, store: blobs, environment, now, warn, info, signal, flights } = options
  const { render, processes, memory, within } = config.relocation
  const megabytes = Math.ceil(memory / mebibyte)
  const children = childPool({ size: processes, memory: megabytes, within, mostAnswer })
  const binary = await findHelm(environment)
  const store = openRelocationStore(blobs)
  const maker = relocationMaker({
    store,
    children,
    flights,
    limits: config.limits,
    render,
    helm: binary === undefined ? undefined : { binary, memory: megabytes + reservedByGo },
    version,
    retryAfter: config.retryAfter,
    now,
    warn,
    info,
    signal,
  })
  const pulled = new Map([...config.images.registries].map(([name, { host }]) => [canonicalHost(host), name]))
  const sources = [...config.images.registries.values()].map(settingOf)
  const clients: HttpClient[] = []
  const repositories = new Map<string, Relocated>()
  for (const [name, { relocation }] of config.repositories) {
    if (relocation === undefined) continue
    const client = openHttpClient({ environment, timeout: config.upstreamTimeout, guardPrivate: true })
    clients.push(client)
    const own = relocation.images === 'pull-through' ? pulledRules(relocation.to, pulled) : []
    const settled = { ...relocation, rules: [...relocation.rules, ...own] }
    const images = targetImages({
      config: settled,
      client: foreignClient(client, options.pseudonym, trustedHosts(relocation, config)),
      limits: config.limits,
      sources,
      pulled,
    })
    repositories.set(name, { config: settled, images })
  }
  const opened = relocatedRepositories({
    repositories,
    source: options.source,
    maker,
    store,
    now,
    warms: render,
    signal,
  })
  return {
    ...opened,
    names: [...repositories.keys()],
    close: async () => {
      children.close()
      await Promise.all([...repositories.values()].map(({ images }) => images.close()))
      await Promise.all(clients.map((client) => client.close()))
    },
  }
}

/** How a registry is read that is pulled through. */
function settingOf(
  registry: ServerConfig['images']['registries'] extends ReadonlyMap<string, infer Value> ? Value : never,
): RegistrySetting {
  const { host, plainHttp, credential, ca, cert, key, insecureSkipTlsVerify, mirrors, trustRealms } = registry
  return {
    prefix: host,
    plainHttp,
    credential,
    ca,
    cert,
    key,
    insecureSkipTlsVerify,
    trustedRealms: trustRealms,
    mirrors: mirrors.map((location) => ({ location })),
  }
}

/** Hosts that the configuration names. */
function trustedHosts({ to, registry }: RelocationConfig, { images }: ServerConfig): ReadonlySet<string> {
  const named = [to, ...(registry.pushTo === undefined ? [] : [registry.pushTo])].map((name) => parseTarget(name).host)
  const sources = [...images.registries.values()].flatMap(({ host, mirrors }) => [
    host,
    ...mirrors.map((mirror) => mirror.split('/')[0] ?? ''),
  ])
  return new Set([...named, ...sources])
}
