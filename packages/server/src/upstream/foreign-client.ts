// The client for hosts that strangers name: those of index files and of charts.
import type { HttpClient } from '@chartferry/core/internal'

/**
 * Names us to every server that is asked. Hosts that are not trusted, since only an index or a chart names them, may not
 * lead into private networks: such a request fails as one to a host that cannot be reached.
 */
export function foreignClient(client: HttpClient, pseudonym: string, trusted: ReadonlySet<string>): HttpClient {
  return {
    ...client,
    request: (url, options = {}) =>
      client.request(url, {
        ...options,
        guarded: !trusted.has(new URL(url).host),
        headers: { ...options.headers, via: `1.1 ${pseudonym}` },
      }),
  }
}
