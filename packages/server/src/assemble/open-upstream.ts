// The upstream of a proxied repository: a chart repository over HTTP, or a registry.

import type { ChartferryError, Limits } from '@chartferry/core'
import type { CredentialSource, HttpClient } from '@chartferry/core/internal'
import { openRegistries, type Registries } from '@chartferry/core/oci'
import type { BlobStore } from '@chartferry/core/transfer'
import type { ProxyRepositoryConfig } from '../config/config.ts'
import { httpUpstream, type ServerRules } from '../upstream/http-upstream.ts'
import { ociCharts } from '../upstream/oci-charts.ts'
import { ociUpstream, parseOciRoot } from '../upstream/oci-upstream.ts'
import { tagMemory } from '../upstream/tag-memory.ts'
import type { Upstream } from '../upstream/upstream.ts'
import { withOciArchives } from '../upstream/with-oci-archives.ts'

export interface OpenUpstreamOptions {
  readonly client: HttpClient
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

/** Asks nothing yet. What `registries` holds open is the caller's to close. Throws CONFIG_INVALID. */
export function openUpstream(
  name: string,
  repository: Pick<ProxyRepositoryConfig, 'url' | 'credential' | 'charts' | 'plainHttp'> &
    Partial<Pick<ProxyRepositoryConfig, 'trustRealms'>>,
  { client, servers, limits, store, now, onRefused }: OpenUpstreamOptions,
): { readonly upstream: Upstream; readonly registries: Registries } {
  const { url, credential, charts, plainHttp, trustRealms = [] } = repository
  const home = parseOciRoot(url)?.host
  const credentials: CredentialSource = {
    credentialFor: async (host) => (host === home ? credential : undefined),
  }
  const registries = openRegistries({
    client: foreignClient(client, servers.pseudonym, [...(home === undefined ? [] : [home]), ...trustRealms]),
    credentials,
    limits,
    longestPause,
    // Somebody waits for the answer.
    patience: { retries: 2 },
    trustedRealms: trustRealms,
    plainHttp: (host) => (host === home && plainHttp ? true : undefined),
  })
  const source = ociCharts({ registries, limits, servers })
  if (home === undefined)
    return { registries, upstream: withOciArchives(httpUpstream({ url, client, limits, credential, servers }), source) }
  const memory = tagMemory(store, name)
  return {
    registries,
    upstream: ociUpstream({ url, charts, source, memory, limits, now, ...(onRefused && { onRefused }) }),
  }
}

/** Names us to registries, as to all servers; those that an index alone names may not lead into private networks. */
function foreignClient(client: HttpClient, pseudonym: string, trusted: readonly string[]): HttpClient {
  return {
    ...client,
    request: (url, options = {}) =>
      client.request(url, {
        ...options,
        guarded: !trusted.includes(new URL(url).host),
        headers: { ...options.headers, via: `1.1 ${pseudonym}` },
      }),
  }
}
