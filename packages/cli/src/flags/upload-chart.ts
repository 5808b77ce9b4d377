// A chart to a repository over HTTP, by the way that ChartMuseum has made common: POST /api/REPOSITORY/charts.

import { type ChartArchive, ChartferryError } from '@chartferry/core'
import { readBody, redactUrl } from '@chartferry/core/internal'
import { openCommandClient } from './command-client.ts'
import type { RegistryOptions } from './registry-options.ts'

const maxAnswer = 1 << 20

/**
 * Uploads archive and provenance; gives the place in words. Throws VERSION_EXISTS, UPSTREAM_DENIED, UPSTREAM_INVALID,
 * what the client throws.
 */
export async function uploadChart(
  archive: ChartArchive,
  repository: string,
  options: RegistryOptions,
): Promise<string> {
  const { username, password = '' } = options
  const client = await openCommandClient(options)
  const base = new URL(repository)
  const path = base.pathname.replace(/^\/+|\/+$/g, '')
  const send = async (kind: 'charts' | 'prov', body: Uint8Array): Promise<void> => {
    const url = new URL(base)
    url.pathname = ['/api', ...(path === '' ? [] : [path]), kind].join('/')
    const response = await client.request(url, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/octet-stream' },
      ...(username === undefined ? {} : { credential: { kind: 'basic', username, password } as const }),
    })
    const words = (await readBody(response, { maxBytes: maxAnswer })).toString().slice(0, 500)
    if (response.status === 201 || response.status === 200) return
    const code =
      response.status === 409
        ? 'VERSION_EXISTS'
        : [401, 403].includes(response.status)
          ? 'UPSTREAM_DENIED'
          : 'UPSTREAM_INVALID'
    throw new ChartferryError(code, `${redactUrl(url)}: answered ${response.status}: ${words}`, {
      details: { status: response.status },
    })
  }
  try {
    await send('charts', archive.bytes)
    if (archive.provenance !== undefined) await send('prov', archive.provenance)
  } finally {
    await client.close()
  }
  return `${redactUrl(base)} ${archive.fileName}`
}
