// Makes relocated archives on demand: each once, in a process of its own, and the first one counts for all replicas.
import { ChartferryError, type Digest, isChartferryError, type Limits, readChartArchive } from '@chartferry/core'
import { signArchive } from '@chartferry/core/helm'
import { messageOf } from '@chartferry/core/internal'
import { LRUCache } from 'lru-cache'
import { type StoredFile, storedBytes } from '../cache/archive-cache.ts'
import type { Flights } from '../repository/single-flight.ts'
import { untilAborted } from '../repository/with-single-flight.ts'
import type { ChildPool } from '../workers/child-pool.ts'
import type { RelocateWork } from '../workers/relocate-worker.ts'
import { unpackRelocated } from '../workers/relocated-answer.ts'
import { relocationRefused } from './refused-relocation.ts'
import type { RelocationOptions } from './relocation-options.ts'
import { openProgress, type RelocationProgress } from './relocation-progress.ts'
import type { MadeBy, MadeRelocation, Refusal, RelocationStore, RelocationSubject } from './relocation-store.ts'
import type { Draft, TargetImages } from './target-images.ts'

export interface RelocationMakerOptions {
  readonly store: RelocationStore
  /** Where charts are rendered. */
  readonly children: Pick<ChildPool, 'ask'>
  readonly flights: Flights
  readonly limits: Limits
  /** Whether charts are relocated here, or only what others have made is served. */
  readonly render: boolean
  /** The helm that proves, and MiB that it may take; undefined: the engine does. */
  readonly helm: RelocateWork['helm']
  /** The version of chartferry. */
  readonly version: string
  /** Milliseconds after which what failed for no fault of the chart is tried again. */
  readonly retryAfter: number
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly warn: (message: string, details: Readonly<Record<string, unknown>>) => void
  readonly info: (message: string, details: Readonly<Record<string, unknown>>) => void
  /** Stops the work when the server stops. */
  readonly signal: AbortSignal
}

/** An archive to be relocated. */
export interface MakeRequest {
  /** The repository that it is relocated for. */
  readonly repository: string
  readonly options: RelocationOptions
  readonly images: TargetImages
  readonly fileName: string
  readonly sourcePath: string
  readonly file: StoredFile
}

export interface RelocationMaker {
  /**
   * The relocation of an archive, made if nobody has made it. The signal stops the waiting alone. Throws
   * RELOCATION_REFUSED, RELOCATION_FAILED, RELOCATION_PENDING, STORE_UNAVAILABLE, CANCELLED.
   */
  make(request: MakeRequest, signal?: AbortSignal): Promise<MadeRelocation>
  /** What is being done, in words; undefined: nothing. */
  progress(subject: RelocationSubject): string | undefined
}

/** Archives that are made or wait for it. */
const mostWaiting = 100
/** Bytes of archives whose images are not there yet. */
const draftMemory = 64 << 20
/** Milliseconds for which a chart that exceeded its bounds is not tried again. */
const boundHolds = 3_600_000
/** Charts whose last failure is remembered. */
const mostPaused = 1000

interface Pause {
  readonly until: number
  readonly error: ChartferryError
}

/** Makes nothing yet. */
export function relocationMaker(options: RelocationMakerOptions): RelocationMaker {
  const { store, children, flights, limits, helm, now, signal } = options
  const by: MadeBy = { chartferry: options.version, renderer: helm === undefined ? 'engine' : 'helm' }
  const drafts = new LRUCache<string, Draft>({ maxSize: draftMemory })
  const paused = new LRUCache<string, Pause>({ max: mostPaused })
  const progress = openProgress()
  let running = 0

  async function ask(request: MakeRequest, work: Partial<RelocateWork>, report: RelocationProgress): Promise<Draft> {
    const { options: chosen, fileName, file } = request
    const original = await storedBytes(file)
    const { to, mode, rules, unproven } = chosen.config
    const full: RelocateWork = {
      bytes: original,
      fileName,
      limits,
      to,
      mode,
      rules,
      values: chosen.values,
      mark: unproven === 'mark',
      helm,
      ...work,
    }
    const answer = await children.ask('relocate', full, signal, report.stage)
    const { head, archive } = unpackRelocated(answer)
    return { fileName, original, archive, head }
  }

  /** The chart relocated and judged; what cannot be is remembered, for all replicas of this version. */
  async function draft(request: MakeRequest, subject: RelocationSubject, report: RelocationProgress): Promise<Draft> {
    const { config } = request.options
    const refuse = async (refusal: Omit<Refusal, 'by'>): Promise<never> => {
      await store.refuse(subject, { ...refusal, by })
      throw refused(request, { ...refusal, by })
    }
    const made = await ask(request, {}, report).catch(async (thrown: unknown) => {
      if (!isChartferryError(thrown) || thrown.kind === 'cancelled' || thrown.kind === 'unavailable') throw thrown
      const reasons = thrown.message.split('\n')
      // What a process was ended for may go well on another machine.
      const until = thrown.details.isAnswer === true ? undefined : now() + boundHolds
      return refuse({ code: thrown.code, reasons, until })
    })
    const { unproven } = made.head
    if (unproven.length > 0 && config.unproven === 'refuse')
      await refuse({ code: 'RENDER_FAILED', reasons: unproven.flatMap((reason) => reason.split('\n')) })
    return made
  }

  async function run(request: MakeRequest, subject: RelocationSubject, key: string): Promise<MadeRelocation> {
    const report = progress.begin(key)
    try {
      const first = drafts.get(key) ?? (await draft(request, subject, report))
      drafts.set(key, first, { size: first.archive.length + first.original.length + 1 })
      const settled = await request.images.settle(first, {
        report: report.event,
        signal,
        applyAgain: (plan) => ask(request, { plan }, report),
      })
      report.stage('publish')
      const made = await publish(request, subject, settled)
      drafts.delete(key)
      return made
    } finally {
      progress.end(key)
    }
  }

  async function publish(
    { options: { config }, sourcePath, repository }: MakeRequest,
    subject: RelocationSubject,
    { archive, fileName, head }: Draft,
  ): Promise<MadeRelocation> {
    const signed =
      config.sign === undefined
        ? undefined
        : await signArchive(await readChartArchive(archive, { fileName, limits }), config.sign)
    const { plan, proof, unproven, annotations } = head
    const own: MadeRelocation = {
      source: subject.source,
      sourcePath,
      archive: await store.put(archive),
      provenance: signed?.provenance && (await store.put(signed.provenance)),
      details: await store.put(Buffer.from(JSON.stringify({ plan, proof }))),
      proof: proof.status,
      unproven,
      annotations,
      by: { chartferry: options.version, renderer: proof.renderer },
      madeAt: new Date(now()).toISOString(),
    }
    const made = await store.publish(subject, own)
    options.info('chart relocated', {
      repository,
      archive: fileName,
      digest: made.archive.digest,
      proof: made.proof,
      first: made.madeAt === own.madeAt,
    })
    return made
  }

  function refused({ repository, fileName, options: { config } }: MakeRequest, refusal: Refusal): ChartferryError {
    return relocationRefused({ repository, fileName, to: config.to }, refusal.code, refusal.reasons)
  }

  /** What registries and machines do is no verdict on the chart: it is tried again after a pause. */
  function failure(request: MakeRequest, thrown: unknown): ChartferryError {
    const { repository, fileName, options: chosen } = request
    if (!isChartferryError(thrown)) throw thrown
    if (['CANCELLED', 'RELOCATION_REFUSED', 'STORE_UNAVAILABLE'].includes(thrown.code)) return thrown
    const { to } = chosen.config
    if (thrown.kind !== 'unavailable') {
      const reasons = Array.isArray(thrown.details.reasons) ? thrown.details.reasons : thrown.message.split('\n')
      return relocationRefused({ repository, fileName, to }, thrown.code, reasons as string[], thrown.hint)
    }
    const message = `${fileName} cannot be made for ${to} now: ${thrown.code}: ${thrown.message}`
    return new ChartferryError('RELOCATION_FAILED', message, {
      hint: thrown.hint,
      cause: thrown,
      details: { retryAfter: Math.max(1000, options.retryAfter) },
    })
  }

  async function flight(request: MakeRequest, subject: RelocationSubject, key: string): Promise<MadeRelocation> {
    const known = await store.find(subject)
    if (known !== undefined) return known
    const refusal = await store.refusal(subject)
    if (refusal !== undefined && holds(refusal, by, now())) throw refused(request, refusal)
    const pause = paused.get(key)
    if (pause !== undefined && now() < pause.until) throw pause.error
    if (!options.render)
      throw pending(`${request.fileName}: no other server has relocated it yet, and this one does not`)
    if (running >= mostWaiting) throw pending(`${request.fileName}: many charts wait to be relocated`)
    running += 1
    try {
      return await run(request, subject, key)
    } catch (thrown) {
      const error = failure(request, thrown)
      if (error.kind === 'cancelled') throw error
      paused.set(key, { until: now() + options.retryAfter, error })
      options.warn('chart not relocated', {
        repository: request.repository,
        archive: request.fileName,
        code: error.details.because ?? error.code,
        error: messageOf(error),
      })
      throw error
    } finally {
      running -= 1
    }
  }

  return {
    make: async (request, waiting) => {
      const subject = subjectOf(request)
      const key = keyOf(subject)
      return untilAborted(
        flights.share(`relocate ${key}`, () => flight(request, subject, key)),
        waiting,
      )
    },
    progress: (subject) => progress.words(keyOf(subject)),
  }
}

/** What is made of a request. */
export function subjectOf({
  options,
  file,
  fileName,
}: {
  readonly options: RelocationOptions
  readonly file: { readonly digest: Digest }
  readonly fileName: string
}): RelocationSubject {
  return { id: options.id, source: file.digest, fileName }
}

const keyOf = ({ id, source, fileName }: RelocationSubject): string => `${id} ${source} ${fileName}`

/** Another version, or another renderer, may see it otherwise. */
function holds({ by, until }: Refusal, own: MadeBy, now: number): boolean {
  return by.chartferry === own.chartferry && by.renderer === own.renderer && (until === undefined || now < until)
}

function pending(message: string): ChartferryError {
  return new ChartferryError('RELOCATION_PENDING', message, { details: { retryAfter: 5000 } })
}
