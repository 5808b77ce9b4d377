// New versions are shown to nobody until they have passed an inspection.
import { setTimeout as wait } from 'node:timers/promises'
import { ChartferryError, type Digest } from '@chartferry/core'
import type { ChartVersion } from '@chartferry/core/helm'
import { type CompactChart, messageOf } from '@chartferry/core/internal'
import { type StoredFile, storedBytes } from '../cache/archive-cache.ts'
import type { AskOptions, ChartRepository } from '../repository/chart-repository.ts'
import { keptChart, partOf, type TextMemory } from '../repository/compact-snapshot.ts'
import { type IndexSnapshot, isSameIndex } from '../repository/index-snapshot.ts'
import { type ShownPart, showPart } from '../repository/show-part.ts'
import type { Flights } from '../repository/single-flight.ts'
import { servedPath } from '../upstream/chart-path.ts'
import type { InspectedVersion, Inspector } from './inspector.ts'
import type { Verdict, Verdicts } from './verdicts.ts'

/** A version that is not shown. */
export interface QuarantinedVersion {
  readonly chart: string
  readonly version: string
  readonly digest?: Digest
  /** Whether it waits for its inspection, or was refused. */
  readonly state: 'waiting' | 'refused'
  readonly reason?: string
  /** RFC 3339. */
  readonly inspectedAt?: string
}

export interface QuarantineOptions {
  /** By repository; others pass as they are. */
  readonly inspectors: ReadonlyMap<string, Inspector>
  readonly verdicts: Verdicts
  readonly flights: Flights
  /** Whole texts of what is shown. */
  readonly texts: TextMemory
  /** Milliseconds after which an inspection that could not be made is tried again. */
  readonly retryAfter: number
  /** Milliseconds that a caller waits who would be shown nothing at all. */
  readonly patience: number
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly warn: (message: string, details: Readonly<Record<string, unknown>>) => void
  /** Stops inspections when the server stops. */
  readonly signal: AbortSignal
}

export interface Quarantine {
  readonly charts: ChartRepository
  /** What is not shown of a repository; nothing where nothing is inspected. Throws as `index` does. */
  list(repository: string, options?: AskOptions): Promise<readonly QuarantinedVersion[]>
}

interface Sorted extends ShownPart {
  /** Paths with the digests that have passed there: the same path may be given other bytes. */
  readonly passed: ReadonlySet<string>
  readonly hidden: readonly {
    readonly chart: string
    readonly entry: ChartVersion
    readonly verdict: Verdict | undefined
  }[]
}

/** Inspects in the background, one version of a repository after the other, the newest of each chart first. */
export function withQuarantine(next: ChartRepository, options: QuarantineOptions): Quarantine {
  const { inspectors, verdicts, flights, now, warn, signal } = options
  const sorted = new Map<string, { readonly whole: IndexSnapshot; readonly result: Sorted }>()
  const pausedUntil = new Map<string, number>()

  async function sort(repository: string, { rules }: Inspector, whole: IndexSnapshot): Promise<Sorted> {
    const known = sorted.get(repository)
    if (known !== undefined && isSameIndex(known.whole, whole)) return known.result
    const charts: [string, CompactChart][] = []
    const hidden: Sorted['hidden'][number][] = []
    const paths = new Set<string>()
    const passed = new Set<string>()
    for (const [chart, versions] of whole.index.entries) {
      const shown: ChartVersion[] = []
      for (const entry of versions) {
        const path = servedPath(entry.urls[0])
        const verdict = path === undefined ? unfetchable : await verdictOn(repository, rules, entry, path)
        const digest = entry.digest ?? verdict?.digest
        if (verdict?.refused === null && path !== undefined && digest !== undefined) {
          shown.push(entry)
          paths.add(path)
          passed.add(passKey(path, digest))
        } else hidden.push({ chart, entry, verdict })
      }
      if (shown.length > 0) charts.push([chart, keptChart(whole, chart, shown)])
    }
    const modified = hidden.length === 0 ? whole.modified : Math.max(whole.modified, now())
    // What waits may pass: until then nobody else's version of the chart may take its place.
    const waiting = hidden.flatMap(({ chart, verdict }) => (verdict === undefined ? [chart] : []))
    const unanswered = new Set([...whole.unanswered, ...waiting])
    const result = {
      snapshot: partOf({ ...whole, unanswered }, charts, modified, options.texts),
      paths,
      passed,
      hidden,
    }
    sorted.set(repository, { whole, result })
    return result
  }

  /** A verdict on a place counts for the bytes that it names. */
  async function verdictOn(
    repository: string,
    rules: string,
    entry: ChartVersion,
    path: string,
    fresh = false,
  ): Promise<Verdict | undefined> {
    const found = await verdicts.find(repository, rules, subjectOf(entry, path), fresh)
    return entry.digest === undefined && found?.digest === undefined ? undefined : found
  }

  async function inspect(repository: string, inspector: Inspector, entry: ChartVersion, path: string): Promise<void> {
    if ((await verdictOn(repository, inspector.rules, entry, path, true)) !== undefined) return
    const { file } = await next.archive(repository, path)
    const version: InspectedVersion = {
      repository,
      version: entry,
      fileName: fileNameIn(path),
      digest: file.digest,
      archive: () => storedBytes(file),
      provenance: async () => {
        const found = await provenanceOf(repository, path)
        return found && storedBytes(found)
      },
    }
    const reason = await inspector.inspect(version, signal)
    const verdict = { refused: reason ?? null, digest: file.digest, inspectedAt: new Date(now()).toISOString() }
    await verdicts.put(repository, inspector.rules, subjectOf(entry, path), verdict)
    if (reason !== undefined) warn('version refused', { repository, chart: entry.name, version: entry.version, reason })
  }

  function provenanceOf(repository: string, path: string): Promise<StoredFile | undefined> {
    return next.provenance(repository, path).then(
      ({ file }) => file,
      (thrown: unknown) => {
        if (thrown instanceof ChartferryError && thrown.code === 'CHART_NOT_FOUND') return undefined
        throw thrown
      },
    )
  }

  /** Inspects what waits. An archive that cannot be had now is passed over, and tried again later. */
  async function inspectAll(repository: string, inspector: Inspector, waiting: Sorted['hidden']): Promise<void> {
    for (const { chart, entry } of newestFirst(waiting)) {
      if (signal.aborted) return
      const path = servedPath(entry.urls[0])
      if (path === undefined) continue
      try {
        await inspect(repository, inspector, entry, path)
        // What is shown is sorted anew.
        sorted.delete(repository)
      } catch (thrown) {
        pausedUntil.set(repository, now() + options.retryAfter)
        warn('inspection put off', { repository, chart, version: entry.version, error: messageOf(thrown) })
      }
    }
  }

  /** Begins to inspect what waits, unless that runs already or was put off. */
  function begin(repository: string, inspector: Inspector, { hidden }: Sorted): Promise<void> | undefined {
    const waiting = hidden.filter(({ verdict }) => verdict === undefined)
    if (waiting.length === 0 || signal.aborted || now() < (pausedUntil.get(repository) ?? 0)) return undefined
    return flights.share(`inspect ${repository}`, () => inspectAll(repository, inspector, waiting))
  }

  async function look(repository: string, inspector: Inspector, whole: IndexSnapshot): Promise<Sorted> {
    const first = await sort(repository, inspector, whole)
    const running = begin(repository, inspector, first)
    if (running === undefined || first.snapshot.versions > 0) return first
    // Nothing was ever inspected, or all was refused: a moment later there may be something to show.
    await Promise.race([running, wait(options.patience, undefined, { ref: false })])
    return sort(repository, inspector, whole)
  }

  const hintFor = (repository: string): string => `It may be in quarantine: GET /api/${repository}/quarantine says so.`
  const shown = showPart(next, { rules: inspectors, partOf: look, hint: hintFor })

  /** Throws CHART_NOT_FOUND for bytes that nobody has inspected; then they wait for it. */
  async function checkPassed(repository: string, path: string, digest: Digest, asked?: AskOptions): Promise<void> {
    const inspector = inspectors.get(repository)
    if (inspector === undefined) return
    const { snapshot } = await next.index(repository, { ...asked, anyAge: true })
    if ((await sort(repository, inspector, snapshot)).passed.has(passKey(path, digest))) return
    await verdicts.forget(repository, inspector.rules, path)
    sorted.delete(repository)
    await look(repository, inspector, snapshot)
    warn('other bytes than were inspected', { repository, path, digest })
    const message = `repository "${repository}" does not show the archive "${path}": its bytes have changed`
    throw new ChartferryError('CHART_NOT_FOUND', message, { hint: hintFor(repository) })
  }
  return {
    charts: {
      ...shown,
      archive: async (repository, path, asked) => {
        const answer = await shown.archive(repository, path, asked)
        await checkPassed(repository, path, answer.file.digest, asked)
        return answer
      },
      shows: async (repository, path, digest, asked) => {
        if ((await shown.shows?.(repository, path, digest, asked)) === false) return false
        const inspector = inspectors.get(repository)
        if (inspector === undefined) return true
        const { snapshot } = await next.index(repository, { ...asked, anyAge: true })
        return (await sort(repository, inspector, snapshot)).passed.has(passKey(path, digest))
      },
      status: async (repository, asked) => {
        const status = await next.status(repository, asked)
        const hidden = sorted.get(repository)?.result.hidden.length ?? 0
        return hidden === 0 ? status : { ...status, state: `${status.state} · ${hidden} in quarantine` }
      },
    },
    list: async (repository, asked) => {
      const inspector = inspectors.get(repository)
      const { snapshot } = await next.index(repository, { ...asked, anyAge: true })
      if (inspector === undefined) return []
      const { hidden } = await look(repository, inspector, snapshot)
      return hidden.map(({ chart, entry: { version, digest }, verdict }) => ({
        chart,
        version,
        ...(digest === undefined ? {} : { digest }),
        state: verdict === undefined ? 'waiting' : 'refused',
        ...(verdict?.refused == null ? {} : { reason: verdict.refused, inspectedAt: verdict.inspectedAt }),
      }))
    },
  }
}

const passKey = (path: string, digest: Digest): string => `${path} ${digest}`

/** What cannot be fetched cannot be inspected. */
const unfetchable: Verdict = { refused: 'it has no URL that can be fetched', inspectedAt: new Date(0).toISOString() }

/**
 * The bytes where the index names them, otherwise the place, which changes with what is published there; and the file's
 * name, since the same bytes under another name are another version.
 */
export function subjectOf({ digest }: ChartVersion, path: string): string {
  return digest === undefined ? path : `${digest} ${fileNameIn(path)}`
}

/** The last segment of a path: what helm names the file. */
export function fileNameIn(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

/** The newest version of every chart, then the second newest of every chart, and so on. */
function newestFirst(waiting: Sorted['hidden']): Sorted['hidden'] {
  const turns = new Map<string, number>()
  const ranked = waiting.map((one) => {
    const turn = turns.get(one.chart) ?? 0
    turns.set(one.chart, turn + 1)
    return { one, turn }
  })
  return ranked.sort((a, b) => a.turn - b.turn).map(({ one }) => one)
}
