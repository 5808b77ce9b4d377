// Which pushed versions a repository retains, and taking the others away.

import { isChartferryError } from '@chartferry/core'
import { messageOf } from '@chartferry/core/internal'
import type { RetentionConfig } from '../config/config.ts'
import type { HostedStore } from './hosted-store.ts'
import type { PullDates } from './pull-dates.ts'
import { fileOf, type HostedFile } from './repository-state.ts'

export interface RetentionOptions {
  readonly store: HostedStore
  /** By repository. */
  readonly rules: ReadonlyMap<string, RetentionConfig>
  readonly dates: PullDates
  readonly now: () => number
  /** Told of each version that was taken away. */
  readonly onRemoved: (repository: string, version: { readonly name: string; readonly version: string }) => void
  readonly warn: (message: string, details: Readonly<Record<string, unknown>>) => void
}

/** Milliseconds since 1970: when a version was pulled last, as far as that can be known. */
export type PulledAt = (version: HostedFile) => number

/**
 * The versions of one chart, newest first, that no rule retains: not among the newest, not new, not pulled of late. The
 * newest one of all is never among them. `now` is in milliseconds since 1970.
 */
export function droppedVersions(
  versions: readonly HostedFile[],
  { newest = 1, newerThan = 0, pulledWithin = 0 }: RetentionConfig,
  pulledAt: PulledAt,
  now: number,
): readonly HostedFile[] {
  return versions
    .slice(Math.max(1, newest))
    .filter(
      (version) =>
        now - Date.parse(version.created) >= newerThan &&
        (pulledWithin === 0 || now - pulledAt(version) >= pulledWithin),
    )
}

/** Goes through all repositories once. A repository that fails is told about; the others are gone through. */
export async function applyRetention({
  store,
  rules: all,
  dates,
  now,
  onRemoved,
  warn,
}: RetentionOptions): Promise<void> {
  for (const [repository, rules] of all) {
    try {
      const { since, last } =
        rules.pulledWithin === undefined ? { since: 0, last: new Map<string, number>() } : await dates.of(repository)
      const pulledAt: PulledAt = (version) =>
        Math.max(since, Date.parse(version.created), last.get(fileOf(version)) ?? 0)
      const { charts } = await store.view(repository, { fresh: true })
      const dropped = [...charts.values()].flatMap(({ versions }) => droppedVersions(versions, rules, pulledAt, now()))
      for (const version of dropped) {
        // Another server may have been quicker.
        const isRemoved = await store.remove(repository, version).then(
          () => true,
          (thrown: unknown) => {
            if (isChartferryError(thrown, 'VERSION_NOT_FOUND')) return false
            throw thrown
          },
        )
        if (!isRemoved) continue
        await dates.forget(repository, fileOf(version))
        onRemoved(repository, version)
      }
    } catch (thrown) {
      warn('the versions of a repository that are not retained could not be removed', {
        repository,
        error: messageOf(thrown),
      })
    }
  }
}
