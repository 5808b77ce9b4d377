// An upstream that is a registry: its tags and configs make the index of a chart repository.

import { ChartferryError, digestOf, isChartferryError, type Limits } from '@chartferry/core'
import type { ChartVersion } from '@chartferry/core/helm'
import { readContent } from '@chartferry/core/internal'
import { isHost, isPath } from '@chartferry/core/oci'
import { findChart, tagOf } from '@chartferry/core/transfer'
import { parseOciUrl } from './archive-url.ts'
import type { OciCharts } from './oci-charts.ts'
import { type RefusedPart, refusalOf, refusedAnnotations } from './refused-parts.ts'
import type { KnownTags, TagMemory, TagRecord } from './tag-memory.ts'
import type { Upstream, UpstreamOptions } from './upstream.ts'

export interface OciUpstreamOptions {
  /** `oci://host` or `oci://host/path`; the charts are repositories below it. */
  readonly url: string
  /** Names of charts. Default: what the registry lists below the path. */
  readonly charts?: readonly string[] | undefined
  readonly source: OciCharts
  readonly memory: TagMemory
  readonly limits: Limits
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** Hears of a tag or chart that the registry refuses: the others are served all the same. Default: nobody does. */
  readonly onRefused?: (what: string, error: ChartferryError) => void
}

/** Milliseconds after which a tag that is known is looked at again: tags may move. */
const recheckAfter = 86_400_000
/** So many tags at most are looked at again at a time. */
const rechecksAtOnce = 100
/** Questions to a registry at a time. */
const atOnce = 8

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The host and the path of `oci://host/path`; undefined for anything else. */
export function parseOciRoot(url: string): { readonly host: string; readonly path: string } | undefined {
  const [, host = '', path = ''] = /^oci:\/\/([^/]+)(?:\/(.*?))?\/?$/i.exec(url) ?? []
  return isHost(host) && (path === '' || isPath(path)) ? { host, path } : undefined
}

/** Asks nothing until it is asked. Throws CONFIG_INVALID for a URL that is none. */
export function ociUpstream(options: OciUpstreamOptions): Upstream {
  const { url, source, memory, limits, now, onRefused = () => {} } = options
  const root = parseOciRoot(url)
  if (root === undefined) throw new ChartferryError('CONFIG_INVALID', `${url}: must be oci://host or oci://host/path`)
  const { host, path } = root
  const pathOf = (chart: string): string => (path === '' ? chart : `${path}/${chart}`)

  async function chartNames(asked: UpstreamOptions): Promise<readonly string[]> {
    if (options.charts !== undefined) return options.charts
    const prefix = pathOf('')
    const listed = await source.catalog(host, asked).catch((thrown: unknown) => {
      if (!isChartferryError(thrown, 'CHART_NOT_FOUND', 'UPSTREAM_DENIED', 'UPSTREAM_INVALID')) throw thrown
      throw new ChartferryError('REPOSITORY_NOT_FOUND', `${url}: the registry does not list its repositories`, {
        cause: thrown,
        details: { reason: 'no catalog' },
        hint: 'Name the charts: `charts` of the repository.',
      })
    })
    const names = listed.filter((name) => name.startsWith(prefix)).map((name) => name.slice(prefix.length))
    return names.filter((name) => name !== '' && !name.includes('/'))
  }

  /** All tags of a chart that may be versions; none where there is no such repository. */
  async function tagsOf(chart: string, signal: AbortSignal): Promise<readonly string[]> {
    try {
      const tags = await Array.fromAsync(source.repository(host, pathOf(chart)).tags({ signal }))
      return tags.filter((tag) => parseOciUrl(urlOf(chart, tag)) !== undefined)
    } catch (thrown) {
      if (isChartferryError(thrown, 'MANIFEST_NOT_FOUND')) return []
      throw thrown
    }
  }

  /** The tags of a chart; those that were known where the registry does not tell them now. */
  async function tagsOrKnown(
    chart: string,
    before: KnownTags,
    refused: RefusedPart[],
    failures: ChartferryError[],
    signal: AbortSignal,
  ): Promise<readonly string[]> {
    try {
      return await tagsOf(chart, signal)
    } catch (thrown) {
      if (!isChartferryError(thrown) || thrown.kind === 'cancelled') throw thrown
      const knownTags = [...(before.get(chart)?.keys() ?? [])]
      failures.push(thrown)
      refused.push({ chart, reason: refusalOf(thrown), isKnown: knownTags.length > 0 })
      onRefused(chart, thrown)
      return knownTags
    }
  }

  const urlOf = (chart: string, tag: string): string => `oci://${host}/${pathOf(chart)}:${tag}`

  /** What stands under a tag; undefined where there is nothing any more. */
  async function look(chart: string, tag: string, known: TagRecord | undefined, signal: AbortSignal) {
    const repository = source.repository(host, pathOf(chart))
    try {
      if (known !== undefined && (await repository.resolve(tag, { signal })).digest === known.manifest)
        return { ...known, checkedAt: now() }
      const { manifest, config, archive, annotations } = await findChart(repository, tag, { signal, limits })
      const text = await readContent(repository, config, { signal, maxBytes: limits.manifestBytes })
      const fields: unknown = JSON.parse(Buffer.from(text).toString())
      // A config that is no mapping is that of something else.
      if (!isMap(fields)) return { checkedAt: now() }
      const created = annotations['org.opencontainers.image.created']
      // Another tag of a version (`latest`, `1`) is no version of its own.
      const isVersion = typeof fields.version === 'string' && tagOf(fields.version) === tag
      const entry = {
        ...fields,
        urls: [urlOf(chart, tag)],
        digest: archive.digest,
        ...(created === undefined ? {} : { created }),
      }
      return { manifest: manifest.digest, checkedAt: now(), ...(isVersion ? { entry } : {}) }
    } catch (thrown) {
      if (isChartferryError(thrown, 'MANIFEST_NOT_FOUND', 'BLOB_NOT_FOUND')) return undefined
      // Something else than a chart, and it will be tomorrow.
      const isOther = isChartferryError(thrown, 'CHART_INVALID', 'MANIFEST_INVALID') || thrown instanceof SyntaxError
      if (isOther) return { checkedAt: now() }
      throw thrown
    }
  }

  /** Asks for what is new, and for some of what is old. What was learned is kept also when the registry fails then. */
  async function refresh(
    signal: AbortSignal,
    charts: readonly string[],
    doubted: ChartVersion | undefined,
  ): Promise<{ readonly known: KnownTags; readonly refused: readonly RefusedPart[] }> {
    const before = await memory.read()
    const refused: RefusedPart[] = []
    const refusedCharts: ChartferryError[] = []
    const known = new Map<string, Map<string, TagRecord>>()
    const asked: { readonly chart: string; readonly tag: string; readonly record: TagRecord | undefined }[] = []
    for (const chart of charts) {
      const tags = new Map<string, TagRecord>()
      known.set(chart, tags)
      for (const tag of await tagsOrKnown(chart, before, refused, refusedCharts, signal)) {
        const record = before.get(chart)?.get(tag)
        if (record !== undefined) tags.set(tag, record)
        // One tag that has moved may not be alone.
        const isDue = record === undefined || doubted !== undefined || now() - record.checkedAt > recheckAfter
        if (isDue) asked.push({ chart, tag, record })
      }
    }
    const old = asked.filter(({ record }) => record !== undefined)
    const isDoubted = ({ record }: (typeof old)[number]): boolean =>
      doubted !== undefined && record?.entry?.name === doubted.name && record?.entry?.version === doubted.version
    old.sort(
      (a, b) => Number(isDoubted(b)) - Number(isDoubted(a)) || (a.record?.checkedAt ?? 0) - (b.record?.checkedAt ?? 0),
    )
    const due = [...asked.filter(({ record }) => record === undefined), ...old.slice(0, rechecksAtOnce)].values()
    const refusedTags: ChartferryError[] = []
    let answered = 0
    const worker = async (): Promise<void> => {
      for (const { chart, tag, record } of due) {
        try {
          const found = await look(chart, tag, record, signal)
          answered++
          if (found === undefined) known.get(chart)?.delete(tag)
          else known.get(chart)?.set(tag, found)
        } catch (thrown) {
          // What was known of it stays, and it is asked for again the next time.
          if (!isChartferryError(thrown) || thrown.kind === 'cancelled') throw thrown
          refusedTags.push(thrown)
          refused.push({ chart, tag, reason: refusalOf(thrown), isKnown: record !== undefined })
          onRefused(`${chart}:${tag}`, thrown)
        }
      }
    }
    const outcomes = await Promise.allSettled(Array.from({ length: atOnce }, worker))
    await memory.write(known)
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason
    // One bad part hides nothing else; where no part answers, it is the registry.
    const [ofAll] = refusedCharts.length === charts.length ? refusedCharts : []
    if (ofAll !== undefined) throw ofAll
    const isAnyKnown = [...known.values()].some((tags) => tags.size > 0)
    const [first] = refusedTags
    if (first !== undefined && answered === 0 && !isAnyKnown) throw first
    return { known, refused }
  }

  const placeOf = ({ urls }: ChartVersion) => {
    const place = parseOciUrl(urls[0] ?? '')
    if (place !== undefined) return place
    throw new ChartferryError('INDEX_INVALID', `${url}: ${urls[0]} names no chart of a registry`)
  }

  return {
    source: url.replace(/\/$/, ''),
    index: async (validators, asked = {}) => {
      const charts = await chartNames(asked)
      const { known, refused } = await source.ask(host, asked, (signal) => refresh(signal, charts, asked.doubted))
      const bytes = indexOf(known, refused)
      const etag = digestOf(bytes)
      return etag === validators.etag ? { bytes: undefined, validators } : { bytes, validators: { etag } }
    },
    urls: {},
    archive: async (version, store, asked = {}) => source.archive(placeOf(version), store, asked),
    provenance: async (version, asked = {}) => source.provenance(placeOf(version), asked),
    verifySignature: (version, archive, key, asked = {}) =>
      source.verifySignature({ host, path: pathOf(version.name), tag: tagOf(version.version) }, archive, key, asked),
  }
}

/** The same tags give the same bytes, and so do the same refusals. */
function indexOf(known: KnownTags, refused: readonly RefusedPart[]): Buffer {
  const entries = [...known]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([chart, tags]) => {
      const versions = [...tags].sort(([a], [b]) => (a < b ? -1 : 1)).flatMap(([, { entry }]) => entry ?? [])
      return versions.length === 0 ? [] : [[chart, versions] as const]
    })
  return Buffer.from(
    JSON.stringify({ apiVersion: 'v1', ...refusedAnnotations(refused), entries: Object.fromEntries(entries) }),
  )
}
