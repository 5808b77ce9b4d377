// What a copy is told, and what it says.

import { ChartferryError, isChartferryError } from '../../errors.ts'
import type { CopyProgress } from '../../events.ts'
import type { Limits } from '../../limits.ts'
import type { Repeat } from '../client/repetition.ts'
import type { ContentRepository, ContentSource } from '../content/content.ts'
import type { Descriptor, Platform } from '../content/descriptor.ts'
import type { Journal } from './journal.ts'

/** One image and where it goes. */
export interface CopyItem {
  readonly source: ContentSource
  /** Tag or digest at the source. */
  readonly from: string
  readonly sink: ContentRepository
  /** Tag at the target; undefined leaves it known by its digest alone. */
  readonly tag?: string | undefined
  /** Whether it is no failure that the source does not have it, or does not let us see it. Default: false. */
  readonly optional?: boolean
  /** Whether it is needed in the usual case; what is not may be skipped where it is missing. Default: it is. */
  readonly isNeeded?: boolean | undefined
  /** Who wants it, in words for messages. Default: nobody is named. */
  readonly wantedBy?: readonly string[]
}

/** An image that was left out, since its source does not have it or does not give it. */
export interface SkippedImage {
  readonly image: string
  /** The code of what went wrong. */
  readonly code: string
  readonly reason: string
  /** Whether it is needed in the usual case. */
  readonly isNeeded: boolean
  readonly wantedBy: readonly string[]
}

export interface CopyOptions {
  /** Blobs on their way at once. Default: 4. */
  readonly transfers?: number
  /** Whether signatures, attestations and whatever else refers to an image go along. Default: true. */
  readonly referrers?: boolean
  /** Whether layers that their makers keep to themselves are taken from the source all the same. Default: false. */
  readonly foreignLayers?: boolean
  /** Times that a blob is sent again whose upload broke off. Default: 5. */
  readonly retries?: number | undefined
  /** Milliseconds from the first failure of an upload to the last time that it is begun. Default: 120,000. */
  readonly retryFor?: number | undefined
  /** Hears of each upload that was begun again. */
  readonly onRepeat?: ((repeat: Repeat) => void) | undefined
  /** Which images are left out where their source does not have them. Default: those that are `optional`. */
  readonly skipMissing?: 'unneeded' | 'all' | undefined
  /** Keeps these alone, which changes the digest of an index. Default: all platforms. */
  readonly platforms?: readonly Platform[]
  /** Makes a run that was killed go on where it was. Default: it starts over, apart from blobs that arrived whole. */
  readonly journal?: Journal | undefined
  /** Refuses an image before anything of it is pushed, by throwing. Default: all pass. */
  readonly approve?: (item: CopyItem, descriptor: Descriptor, signal: AbortSignal) => Promise<void>
  readonly onProgress?: (progress: CopyProgress) => void
  readonly onWarning?: (message: string) => void
  readonly signal?: AbortSignal | undefined
  readonly limits?: Limits
}

/** What became of one image. */
export interface CopiedImage {
  readonly item: CopyItem
  /** At the source. */
  readonly source: Descriptor
  /** At the target; another one only where platforms were left out. */
  readonly target: Descriptor
  /** Whether the target had it already. */
  readonly present: boolean
  /** Manifests that came along because they refer to it. */
  readonly referrers: number
}

export interface CopyResult {
  readonly images: readonly CopiedImage[]
  /** Left out since their source does not have them. Default: none. */
  readonly skipped?: readonly SkippedImage[]
  /** Of blobs: fetched from sources, pushed to targets, mounted there, and there before. */
  readonly bytes: {
    readonly fetched: number
    readonly sent: number
    readonly mounted: number
    readonly present: number
  }
}

/** Which side of a copy failed. */
export type Side = 'source' | 'target'

/** The error with its side said first; one that has a side, or is our own disk's, stays. */
export function onSide(side: Side, thrown: unknown): unknown {
  if (!isChartferryError(thrown) || thrown.details.side !== undefined) return thrown
  if (thrown.kind === 'cancelled' || thrown.code === 'STORE_UNAVAILABLE') return thrown
  return new ChartferryError(thrown.code, `${side} ${thrown.message}`, {
    cause: thrown,
    hint: thrown.hint,
    details: { ...thrown.details, side },
  })
}

/** Runs work of one side. */
export async function atSide<Value>(side: Side, work: Promise<Value>): Promise<Value> {
  try {
    return await work
  } catch (thrown) {
    throw onSide(side, thrown)
  }
}
