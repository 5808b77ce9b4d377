// A version that an upstream published under one digest and later under another, as it is told.
import type { Digest } from '@chartferry/core'

/** What is done about a version whose digest changed: the new one is served, or the one that was there first. */
export type WhenChanged = 'accept' | 'refuse'

/** One version that changed under its name. */
export interface VersionChange {
  readonly chart: string
  readonly version: string
  readonly before: Digest
  /** Null: the new entry has no digest any more. */
  readonly after: Digest | null
  /** RFC 3339: when the change was first seen here. */
  readonly seenAt: string
  readonly outcome: 'accepted' | 'refused'
}
