// What of a copy failed: one image that is gone stops neither the others nor the news about them.
import { ChartferryError, type ErrorCode, isChartferryError, messageOf } from '../../errors.ts'
import type { CopyItem, CopyOptions, SkippedImage } from './copy-item.ts'

/** An image that was not copied, and why. */
export interface FailedImage {
  readonly item: CopyItem
  readonly error: ChartferryError
}

/** Gathers what became of images that were not copied. */
export interface CopyFailures {
  readonly skipped: readonly SkippedImage[]
  readonly failed: readonly FailedImage[]
  /** Takes what was thrown for an image; throws it again where nothing can go on after it. */
  add(item: CopyItem, thrown: unknown): void
  /** Throws where images failed: their own code where all have the same, else COPY_INCOMPLETE. */
  throwAll(): void
}

/** What an image can be skipped for. */
const missing: readonly ErrorCode[] = ['MANIFEST_NOT_FOUND', 'BLOB_NOT_FOUND', 'REGISTRY_DENIED', 'IMAGE_DENIED']

/** Opens the list. */
export function openFailures({ skipMissing, onWarning }: CopyOptions): CopyFailures {
  const skipped: SkippedImage[] = []
  const failed: FailedImage[] = []
  return {
    skipped,
    failed,
    add(item, thrown) {
      if (!isChartferryError(thrown) || isFatal(thrown)) throw thrown
      if (!maySkip(item, thrown, skipMissing)) {
        failed.push({ item, error: thrown })
        return
      }
      const { isNeeded = item.optional !== true, wantedBy = [] } = item
      const image = nameOf(item)
      if (skipped.some((other) => other.image === image)) return
      skipped.push({ image, isNeeded, wantedBy, code: thrown.code, reason: thrown.message })
      onWarning?.(`left out: ${thrown.message}${wantedWords(item)}`)
    },
    throwAll() {
      throwTogether(
        failed.map(({ item, error }) => ({ ...item, image: nameOf(item), error })),
        'were not copied',
      )
    },
  }
}

/** An image that something could not be done with. */
export interface FaultyImage {
  readonly image: string
  readonly error: ChartferryError
  readonly optional?: boolean
  readonly isNeeded?: boolean | undefined
  readonly wantedBy?: readonly string[]
}

/** Throws all failures as one, if there are any. `what` says what happened to several of them. */
export function throwTogether(failed: readonly FaultyImage[], what: string): void {
  const [first] = failed
  if (first === undefined) return
  const isAlone = failed.length === 1
  const codes = new Set(failed.map(({ error }) => error.code))
  const lines = failed.map((each) => `${named(each)}${wantedWords(each)}`)
  throw new ChartferryError(
    codes.size === 1 ? first.error.code : 'COPY_INCOMPLETE',
    isAlone ? (lines[0] ?? '') : `${failed.length} images ${what}\n${lines.join('\n')}`,
    {
      cause: first.error,
      hint: hintOf(failed),
      details: {
        ...(isAlone ? first.error.details : {}),
        failed: failed.map(({ image, error, wantedBy = [], optional, isNeeded = optional !== true }) => ({
          image,
          code: error.code,
          reason: messageOf(error),
          isNeeded,
          wantedBy,
        })),
      },
    },
  )
}

/** Whether an image may be left out for what was thrown of it. */
export function maySkip(
  { optional, isNeeded }: Pick<FaultyImage, 'optional' | 'isNeeded'>,
  thrown: ChartferryError,
  skipMissing: CopyOptions['skipMissing'],
): boolean {
  if (optional === true && isChartferryError(thrown, 'MANIFEST_NOT_FOUND', 'REGISTRY_DENIED')) return true
  const isMissing = isChartferryError(thrown, ...missing) && thrown.details.side !== 'target'
  return isMissing && (skipMissing === 'all' || (skipMissing === 'unneeded' && isNeeded === false))
}

/** Our own disk, somebody's word to stop, and a fault of ours hold for every image. */
function isFatal({ code, kind }: ChartferryError): boolean {
  return kind === 'cancelled' || ['STORE_UNAVAILABLE', 'INTERNAL', 'SIGNATURE_INVALID', 'GATE_REFUSED'].includes(code)
}

const nameOf = ({ source, from }: CopyItem): string => `${source.name}${from.includes(':') ? '@' : ':'}${from}`

/** What happened, with the image that it happened to: a fault of the network names the host alone. */
const named = ({ image, error: { message } }: FaultyImage): string =>
  message.includes(image) ? message : `${image}: ${message}`

function wantedWords({ wantedBy = [] }: Pick<FaultyImage, 'wantedBy'>): string {
  return wantedBy.length === 0 ? '' : `; wanted by ${wantedBy.join(', ')}`
}

function hintOf(failed: readonly FaultyImage[]): string {
  const [first] = failed
  const areMissing = failed.every(
    ({ error }) => isChartferryError(error, ...missing) && error.details.side !== 'target',
  )
  if (!areMissing) return first?.error.hint ?? ''
  const areUnneeded = failed.every(({ isNeeded }) => isNeeded === false)
  const flag = areUnneeded ? '--skip-missing' : '--skip-missing=all'
  const who = areUnneeded ? 'No rendering with the values given needs them: go on without them' : 'Go on without them'
  const own = first?.error.hint ?? ''
  return `${own}${own === '' ? '' : ' '}${who} with ${flag}.`
}
