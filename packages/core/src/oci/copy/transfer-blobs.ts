// Each blob travels once: what one repository of a registry has got, the others mount from it.
import { isChartferryError, throwIfCancelled } from '../../errors.ts'
import type { CopyProgress } from '../../events.ts'
import { openSlots } from '../client/host-gate.ts'
import { mostTurns } from '../client/registry-sink.ts'
import { askedPause, isPassingError, openRepetition, pauseFor, usualPatience } from '../client/repetition.ts'
import type { Descriptor } from '../content/descriptor.ts'
import { atSide, type CopyOptions, onSide } from './copy-item.ts'
import { type Route, tryHas } from './copy-survey.ts'
import { readBlob } from './read-blob.ts'

/** Bytes of blobs, by what became of them. */
export interface TransferCounts {
  fetched: number
  sent: number
  mounted: number
  present: number
}

export interface Transfers {
  readonly counts: TransferCounts
  /** Sees to it that the sink of the route has the blob. Of several calls one works. */
  ensure(route: Route, blob: Descriptor, signal: AbortSignal): Promise<void>
  active(): CopyProgress['active']
}

const defaultTransfers = 4

interface Travelling {
  readonly name: string
  readonly digest: string
  done: number
  readonly size: number
}

/**
 * Opens the transfers of one copy; `onBytes` hears of bytes that are dealt with, negative where they must be sent
 * again.
 */
export function openTransfers(options: CopyOptions, onBytes: (bytes: number) => void): Transfers {
  const { journal, retries = usualPatience.retries, retryFor = usualPatience.retryFor } = options
  const slots = openSlots(options.transfers ?? defaultTransfers)
  const counts: TransferCounts = { fetched: 0, sent: 0, mounted: 0, present: 0 }
  const travelling = new Set<Travelling>()
  /** By sink and digest: one call works, the others wait for it. */
  const ensured = new Map<string, Promise<void>>()
  /** By registry and digest: the repository that has it, or is getting it. */
  const places = new Map<string, Promise<string | undefined>>()

  const send = async ({ source, sink }: Route, blob: Descriptor, signal: AbortSignal): Promise<void> => {
    const isStaged = journal !== undefined && blob.size >= journal.staging.leastSize
    const travel: Travelling = { name: sink.name, digest: blob.digest, done: 0, size: blob.size }
    travelling.add(travel)
    try {
      const repetition = openRepetition({ retries, retryFor, firstPause: usualPatience.firstPause * 2 })
      for (let turns = 0; ; ) {
        let pause: number | undefined
        throwIfCancelled(signal)
        onBytes(-travel.done)
        travel.done = 0
        const staged = isStaged ? await journal.staging.open(blob.digest) : undefined
        const stop = new AbortController()
        const onPiece = (bytes: number, from: 'source' | 'disk'): void => {
          if (from === 'source') counts.fetched += bytes
          travel.done += bytes
          onBytes(bytes)
        }
        const body = readBlob(source, blob, { signal: AbortSignal.any([signal, stop.signal]), staged, onPiece })
        try {
          await sink.push(blob, sided(body), { signal })
          counts.sent += blob.size
          if (isStaged) await journal.staging.remove(blob.digest)
          return
        } catch (thrown) {
          const isSpoilt = isChartferryError(thrown, 'DIGEST_MISMATCH') && thrown.details.staged === true
          if (isChartferryError(thrown, 'DIGEST_MISMATCH')) await journal?.staging.remove(blob.digest)
          // What is wrong stays wrong; what an earlier run staged may be read anew. A source was asked again already.
          const mayPass = isPassingError(thrown, true) && thrown.details.side !== 'source'
          if (!isChartferryError(thrown) || !(isSpoilt || mayPass)) throw onSide('target', thrown)
          // Elsewhere, or otherwise, it is taken at once.
          if (['moved', 'pieces'].includes(String(thrown.details.reason)) && ++turns <= mostTurns) continue
          pause = repetition.next(askedPause(thrown))
          if (pause === undefined) throw onSide('target', thrown)
        } finally {
          // The next attempt must not meet this one in the staged file.
          stop.abort()
          await body.return(undefined).catch(() => {})
        }
        options.onRepeat?.({ host: sink.registry ?? sink.name, why: 'an upload broke off' })
        await pauseFor(pause, signal)
        // An answer that was lost may have been a good one.
        if (await tryHas(sink, blob, { signal }).catch(() => false)) {
          onBytes(blob.size - travel.done)
          return
        }
      }
    } finally {
      travelling.delete(travel)
    }
  }

  const mountFrom = async ({ sink }: Route, blob: Descriptor, from: string, signal: AbortSignal): Promise<boolean> => {
    if (sink.mount === undefined || from === sink.repository) return false
    return atSide('target', sink.mount(blob, from, { signal }))
  }

  /** Gets the blob into this repository, wherever it comes from. */
  const get = async (
    route: Route,
    blob: Descriptor,
    candidates: readonly string[],
    signal: AbortSignal,
  ): Promise<void> => {
    const { sink } = route
    for (const from of candidates) {
      if (!(await mountFrom(route, blob, from, signal))) continue
      counts.mounted += blob.size
      onBytes(blob.size)
      return
    }
    if (await atSide('target', tryHas(sink, blob, { signal }))) {
      counts.present += blob.size
      onBytes(blob.size)
    } else await slots.run(() => send(route, blob, signal))
    if (sink.registry !== undefined) await journal?.add(sink.registry, sink.repository, blob.digest)
  }

  const work = async (route: Route, blob: Descriptor, signal: AbortSignal): Promise<void> => {
    const { source, sink } = route
    const { registry, repository } = sink
    if (registry === undefined) return get(route, blob, [], signal)
    const key = `${registry} ${blob.digest}`
    const place = places.get(key)
    if (place !== undefined) {
      const from = await place
      return get(route, blob, from === undefined ? [] : [from], signal)
    }
    const near = source.registry === registry ? [source.repository] : []
    const known = journal?.placesOf(registry, blob.digest).filter((from) => from !== repository) ?? []
    const got = get(route, blob, [...near, ...known.slice(0, 1)], signal)
    places.set(
      key,
      got.then(
        () => repository,
        () => undefined,
      ),
    )
    return got
  }

  return {
    counts,
    ensure: (route, blob, signal) => {
      const key = `${route.sink.name} ${blob.digest}`
      const known = ensured.get(key) ?? work(route, blob, signal)
      ensured.set(key, known)
      return known
    },
    active: () => [...travelling].map((travel) => ({ ...travel })),
  }
}

/** What reading throws is the source's, whoever passes it on. */
async function* sided(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* body
  } catch (thrown) {
    throw onSide('source', thrown)
  }
}
