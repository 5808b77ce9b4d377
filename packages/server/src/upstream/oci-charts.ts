// Charts by `oci://` URLs: found in their registries within the rules for all servers, their failures in an upstream's
// words.

import type { KeyObject } from 'node:crypto'
import { ChartferryError, type Digest, type Limits } from '@chartferry/core'
import { readContent } from '@chartferry/core/internal'
import { type ContentSource, type Descriptor, type Registries, verifySignature } from '@chartferry/core/oci'
import { findChart, type PlacedChart, settlePin } from '@chartferry/core/transfer'
import type { OciPlace } from './archive-url.ts'
import { withDeadline } from './deadline.ts'
import type { ServerRules } from './http-upstream.ts'
import { asUpstreamError } from './registry-failure.ts'
import type { UpstreamOptions } from './upstream.ts'

export interface OciCharts {
  /** Runs a question to a registry as one to a server. Throws the errors of `Upstream`. */
  ask<Value>(
    host: string,
    options: UpstreamOptions,
    call: (signal: AbortSignal) => Promise<Value>,
    thing?: string,
  ): Promise<Value>
  /** The repository of a chart. */
  repository(host: string, path: string): ContentSource
  /** Hands the archive's bytes to `store`. Throws CHART_NOT_FOUND and as `ask`. */
  archive<Stored>(
    place: OciPlace,
    store: (body: AsyncIterable<Uint8Array>) => Promise<Stored>,
    options: UpstreamOptions,
  ): Promise<Stored>
  /** Undefined when the chart has none. */
  provenance(place: OciPlace, options: UpstreamOptions): Promise<Uint8Array | undefined>
  /**
   * Throws SIGNATURE_INVALID unless the chart's archive is of these bytes and cosign has signed its manifest with the
   * key; DIGEST_MISMATCH for other bytes.
   */
  verifySignature(place: OciPlace, archive: Digest, key: KeyObject, options: UpstreamOptions): Promise<void>
  /** All repositories of a registry that lists them. */
  catalog(host: string, options: UpstreamOptions): Promise<readonly string[]>
}

export interface OciChartsOptions {
  readonly registries: Registries
  readonly limits: Limits
  readonly servers: ServerRules
}

const thingOf = ({ host, path, ...pin }: OciPlace): string => `oci://${host}/${path}${suffixOf(pin)}`
const suffixOf = ({ tag, digest }: Pick<OciPlace, 'tag' | 'digest'>): string =>
  `${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`

/** Nothing is asked before it is needed. */
export function ociCharts({ registries, limits, servers }: OciChartsOptions): OciCharts {
  const ask: OciCharts['ask'] = (host, { signal }, call, thing) => {
    const origin = `oci://${host}`
    const within = (): ReturnType<typeof call> =>
      withDeadline(servers.fillTimeout, origin, signal, (inTime) =>
        call(inTime).catch((thrown: unknown) => {
          throw asUpstreamError(thrown, codes)
        }),
      )
    return servers.limit(origin, () => servers.breaker.run(origin, within, thing))
  }
  const repository = (host: string, path: string): ContentSource => registries.source(`${host}/${path}`)
  const open = async (
    { host, path, ...pin }: OciPlace,
    signal: AbortSignal,
  ): Promise<{ readonly source: ContentSource; readonly chart: PlacedChart }> => {
    const source = repository(host, path)
    return { source, chart: await findChart(source, await settlePin(source, pin, { signal }), { signal, limits }) }
  }
  return {
    ask,
    repository,
    archive: (place, store, options) =>
      ask(
        place.host,
        options,
        async (signal) => {
          const { source, chart } = await open(place, signal)
          if (chart.archive.size > limits.archiveBytes)
            throw new ChartferryError(
              'ARCHIVE_TOO_LARGE',
              `${source.name}${suffixOf(place)}: ${chart.archive.size} bytes, the limit is ${limits.archiveBytes}`,
            )
          return store(atMost(await source.fetch(chart.archive, { signal }), chart.archive, source.name))
        },
        thingOf(place),
      ),
    provenance: (place, options) =>
      ask(
        place.host,
        options,
        async (signal) => {
          const { source, chart } = await open(place, signal)
          if (chart.provenance === undefined) return undefined
          const maxBytes = limits.provenanceBytes
          return readContent(source, chart.provenance, { signal, maxBytes, tooLarge: 'ARCHIVE_TOO_LARGE' })
        },
        thingOf(place),
      ),
    verifySignature: (place, archive, key, options) =>
      ask(
        place.host,
        options,
        async (signal) => {
          const { source, chart } = await open(place, signal)
          if (chart.archive.digest !== archive) {
            const message = `${thingOf(place)}: its archive is ${chart.archive.digest} now, not ${archive}`
            throw new ChartferryError('DIGEST_MISMATCH', message)
          }
          await verifySignature(source, chart.manifest, key, { signal })
        },
        thingOf(place),
      ),
    catalog: (host, options) => ask(host, options, (signal) => Array.fromAsync(registries.catalog(host, { signal }))),
  }
}

/** The bytes as they come, and not more of them than the manifest says. */
async function* atMost(
  body: AsyncIterable<Uint8Array>,
  { size, digest }: Descriptor,
  name: string,
): AsyncGenerator<Uint8Array> {
  let left = size
  for await (const piece of body) {
    left -= piece.length
    if (left < 0)
      throw new ChartferryError('UPSTREAM_INVALID', `${name}@${digest}: more than the ${size} bytes promised`)
    yield piece
  }
}

/** What a registry calls otherwise than an upstream of charts does. */
const codes = {
  MANIFEST_NOT_FOUND: 'CHART_NOT_FOUND',
  BLOB_NOT_FOUND: 'CHART_NOT_FOUND',
  RATE_LIMITED: 'UPSTREAM_UNREACHABLE',
  CHART_INVALID: 'UPSTREAM_INVALID',
} as const
