// The upstream of a proxied repository: a chart repository over HTTP, or a registry.

import type { ChartferryError, Limits } from '@chartferry/core'
import {
  type HttpClient,
  type HttpClientOptions,
  hostsOf,
  settingsWith,
  withoutCredentials,
} from '@chartferry/core/internal'
import { openRegistries, type RegistrySetting } from '@chartferry/core/oci'
import type { BlobStore } from '@chartferry/core/transfer'
import type { ClientConfig, ProxyRepositoryConfig } from '../config/config.ts'
import { foreignClient } from '../upstream/foreign-client.ts'
import { httpUpstream, type ServerRules } from '../upstream/http-upstream.ts'
import { ociCharts } from '../upstream/oci-charts.ts'
import { ociUpstream, parseOciRoot } from '../upstream/oci-upstream.ts'
import { tagMemory } from '../upstream/tag-memory.ts'
import type { Upstream } from '../upstream/upstream.ts'
import { withOciArchives } from '../upstream/with-oci-archives.ts'

export interface OpenUpstreamOptions {
  /** Opens the client, and those of registries with certificates of their own. */
  readonly openClient: (options: HttpClientOptions) => HttpClient
  /** How registries are reached whose names do not say so. */
  readonly registrySettings: readonly RegistrySetting[]
  readonly servers: ServerRules
  readonly limits: Limits
  readonly store: BlobStore
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** Hears of a tag or chart that a registry refuses. Default: nobody does. */
  readonly onRefused?: (what: string, error: ChartferryError) => void
}

/** Milliseconds that a registry may make us wait; what asks for more is left alone by its breaker. */
const longestPause = 10_000

/** Asks nothing yet. Throws CONFIG_INVALID. */
export function openUpstream(
  name: string,
  repository: Pick<ProxyRepositoryConfig, 'url' | 'charts'> & Partial<ClientConfig>,
  { openClient, registrySettings, servers, limits, store, now, onRefused }: OpenUpstreamOptions,
): { readonly upstream: Upstream; close(): Promise<void> } {
  const { url, charts, credential, plainHttp, trustRealms = [], insecureSkipTlsVerify, ca, cert, key } = repository
  const own = Object.fromEntries(
    Object.entries({ ca, cert, key, insecureSkipTlsVerify }).filter(([, value]) => value !== undefined),
  )
  const home = parseOciRoot(url)?.host
  // Registries that an index names get no credentials of ours: it would say what is fetched with them.
  const settings =
    home === undefined
      ? withoutCredentials(registrySettings)
      : settingsWith(registrySettings, home, { plainHttp, credential, ca, cert, key })
  const trusted = new Set([...(home === undefined ? [] : [home]), ...trustRealms, ...hostsOf(settings)])
  const client = openClient(own)
  const registries = openRegistries({
    client: foreignClient(client, servers.pseudonym, trusted),
    openClient: (given) => foreignClient(openClient({ ...own, ...given }), servers.pseudonym, trusted),
    settings,
    limits,
    longestPause,
    // Somebody waits for the answer.
    patience: { retries: 2 },
    trustedRealms: trustRealms,
  })
  const source = ociCharts({ registries, limits, servers })
  const close = async (): Promise<void> => {
    await registries.close()
    await client.close()
  }
  if (home === undefined)
    return { close, upstream: withOciArchives(httpUpstream({ url, client, limits, credential, servers }), source) }
  const memory = tagMemory(store, name)
  return {
    close,
    upstream: ociUpstream({ url, charts, source, memory, limits, now, ...(onRefused && { onRefused }) }),
  }
}
