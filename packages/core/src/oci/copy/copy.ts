// Copies images with all that belongs to them: survey, proof that one may push, blobs, manifests, tags, what refers to
// them.
import { throwIfCancelled } from '../../errors.ts'
import { openSlots } from '../client/host-gate.ts'
import type { ContentRepository } from '../content/content.ts'
import type { Descriptor } from '../content/descriptor.ts'
import { readManifest } from '../content/read-content.ts'
import { type CopyFailures, openFailures } from './copy-failures.ts'
import { atSide, type CopiedImage, type CopyItem, type CopyOptions, type CopyResult } from './copy-item.ts'
import { type CopyNode, type Route, type SurveyedImage, survey } from './copy-survey.ts'
import { openTransfers, type Transfers } from './transfer-blobs.ts'

/** Images, and manifests of one image, that are pushed at once. */
const atOnce = 16
/** Milliseconds between two reports of progress. */
const reportEvery = 40

export interface PreparedCopyOptions extends CopyOptions {
  /**
   * Is told all that will be copied before the first byte of a blob is; what needs all images calls `throwFailures` for
   * those that failed. Default: nobody is.
   */
  readonly prepare?: (surveyed: readonly SurveyedImage[], throwFailures: () => void) => Promise<void>
}

/**
 * Copies images; each is whole at its target when its tag appears there. One that fails stops no other: at the end all
 * failures are thrown together, their sides in `details`; what has arrived stays. A target that refuses a repository stops all
 * of them before the first byte. Throws the errors of sources and
 * sinks, COPY_INCOMPLETE for several of different codes, DIGEST_MISMATCH; at once STORE_UNAVAILABLE, CANCELLED, what
 * `approve` throws.
 */
export async function copyImages(items: readonly CopyItem[], options: PreparedCopyOptions = {}): Promise<CopyResult> {
  const stop = new AbortController()
  const signal = options.signal === undefined ? stop.signal : AbortSignal.any([options.signal, stop.signal])
  const inner = { ...options, signal }
  const failures = openFailures(options)
  try {
    const surveyed = await survey(items, inner, failures)
    for (const { item, source } of surveyed) await options.approve?.(item, source, signal)
    await options.prepare?.(surveyed, () => failures.throwAll())
    await provePushes(surveyed, failures, signal)
    const result = await pushAll(surveyed, inner, failures, signal)
    failures.throwAll()
    return failures.skipped.length === 0 ? result : { ...result, skipped: failures.skipped }
  } catch (thrown) {
    stop.abort()
    throwIfCancelled(options.signal)
    throw thrown
  }
}

/**
 * Every repository that gets something is asked before the first byte goes anywhere. Where one refuses nothing is sent:
 * somebody has to mend the target first, and is told all that has to be mended.
 */
async function provePushes(
  surveyed: readonly SurveyedImage[],
  failures: CopyFailures,
  signal: AbortSignal,
): Promise<void> {
  const isBehind = ({ route, tagged, target, item }: SurveyedImage): boolean =>
    (item.tag !== undefined && tagged?.digest !== target.digest) ||
    [...route.nodes.values()].some((node) => !isComplete(node))
  const refused = new Map<ContentRepository, unknown>()
  const sinks = new Set(surveyed.filter(isBehind).map(({ route }) => route.sink))
  await Promise.all(
    [...sinks].map((sink) =>
      atSide('target', sink.preflight?.({ signal }) ?? Promise.resolve()).catch((thrown: unknown) =>
        refused.set(sink, thrown),
      ),
    ),
  )
  if (refused.size === 0) return
  for (const { item, route } of surveyed) if (refused.has(route.sink)) failures.add(item, refused.get(route.sink))
  failures.throwAll()
}

function isComplete({ present, tags }: CopyNode): boolean {
  return present && tags.every((tag) => tag.present)
}

async function pushAll(
  surveyed: readonly SurveyedImage[],
  options: CopyOptions,
  failures: CopyFailures,
  signal: AbortSignal,
): Promise<CopyResult> {
  let done = 0
  let images = 0
  let reported = 0
  const total = totalBytes(surveyed)
  const report = (isLast: boolean): void => {
    const now = performance.now()
    if (options.onProgress === undefined || (!isLast && now - reported < reportEvery)) return
    reported = now
    options.onProgress({
      images: { done: images, total: surveyed.length },
      bytes: { done, total },
      active: transfers.active(),
    })
  }
  const transfers = openTransfers(options, (bytes) => {
    done += bytes
    report(false)
  })
  const slots = openSlots(atOnce)
  const push = openPushes(transfers, signal)
  const copied = await Promise.all(
    surveyed.map((image) =>
      slots.run(async (): Promise<readonly CopiedImage[]> => {
        try {
          const outcome = await pushImage(image, push, signal)
          images++
          report(true)
          return [outcome]
        } catch (thrown) {
          failures.add(image.item, thrown)
          return []
        }
      }),
    ),
  )
  const { fetched, sent, mounted, present } = transfers.counts
  return { images: copied.flat(), bytes: { fetched, sent, mounted, present } }
}

/** Of each blob once for each sink: what is mounted counts as done there. */
function totalBytes(surveyed: readonly SurveyedImage[]): number {
  const sizes = new Map<string, number>()
  for (const { route } of surveyed)
    for (const { blobs } of route.nodes.values())
      for (const { digest, size } of blobs) sizes.set(`${route.sink.name} ${digest}`, size)
  return [...sizes.values()].reduce((sum, size) => sum + size, 0)
}

type Push = (route: Route, descriptor: Descriptor, tag?: string) => Promise<void>

/** Pushes a manifest after all that it names; each once. */
function openPushes(transfers: Transfers, signal: AbortSignal): Push {
  const pushed = new Map<string, Promise<void>>()
  const work = async (route: Route, descriptor: Descriptor, tag: string | undefined): Promise<void> => {
    const node = route.nodes.get(descriptor.digest)
    if (node === undefined) return
    await Promise.all([
      ...node.children.map((child) => push(route, child)),
      ...node.blobs.map((blob) => transfers.ensure(route, blob, signal)),
    ])
    if (node.present) return
    const bytes = node.bytes ?? (await atSide('source', readManifest(route.source, descriptor, { signal }))).bytes
    await atSide('target', route.sink.push(descriptor, bytes, { signal, tag }))
  }
  const push: Push = async (route, descriptor, tag) => {
    const key = `${route.sink.name} ${descriptor.digest}`
    const known = pushed.get(key)
    if (known === undefined) {
      const working = work(route, descriptor, tag)
      pushed.set(key, working)
      await working
      if (route.nodes.get(descriptor.digest)?.present !== true) return
    } else await known
    if (tag !== undefined) await atSide('target', route.sink.tag(descriptor, tag, { signal }))
  }
  return push
}

async function pushImage(
  { item, route, source, target, tagged }: SurveyedImage,
  push: Push,
  signal: AbortSignal,
): Promise<CopiedImage> {
  const isTagged = item.tag === undefined || tagged?.digest === target.digest
  const wasComplete = isTagged && (route.nodes.get(target.digest)?.present ?? false)
  await push(route, target, isTagged ? undefined : item.tag)
  const referrers = await pushAttached(route, target, push, signal)
  return { item, source, target, present: wasComplete, referrers }
}

/** What refers to a manifest, to its children, and to what refers to them. Gives how many. */
async function pushAttached(route: Route, top: Descriptor, push: Push, signal: AbortSignal): Promise<number> {
  const seen = new Set<string>()
  const slots = openSlots(atOnce)
  const follow = async (descriptor: Descriptor): Promise<number> => {
    const node = route.nodes.get(descriptor.digest)
    if (node === undefined || seen.has(descriptor.digest)) return 0
    seen.add(descriptor.digest)
    const { referrers, tags, children } = node
    await Promise.all([
      ...referrers.map((referrer) => slots.run(() => push(route, referrer))),
      ...tags.map((tag) => slots.run(() => push(route, tag.descriptor, tag.present ? undefined : tag.tag))),
    ])
    if (referrers.length > 0) await atSide('target', route.sink.attach(descriptor, referrers, { signal }))
    const next = [...children, ...referrers, ...tags.map((tag) => tag.descriptor)]
    const counts = await Promise.all(next.map(follow))
    return counts.reduce((sum, count) => sum + count, referrers.length + tags.length)
  }
  return follow(top)
}
