// What a person reads about a proxied repository: how many charts, how old, and why the upstream is not heard.

import { isChartferryError } from '@chartferry/core'
import { count } from '@chartferry/core/internal'
import type { IndexRecord } from '../cache/index-cache.ts'
import type { IndexSnapshot } from '../repository/index-snapshot.ts'
import { refusedParts } from '../upstream/refused-parts.ts'

/** A failure in a few words: `unreachable (DNS)`, `refuses us (status 401)`. */
export function failureOf(thrown: unknown): string {
  if (!isChartferryError(thrown)) return 'failed'
  const reason = typeof thrown.details.reason === 'string' ? ` (${thrown.details.reason})` : ''
  if (['UPSTREAM_UNREACHABLE', 'UPSTREAM_TIMEOUT', 'UPSTREAM_PAUSED'].includes(thrown.code))
    return `unreachable${reason}`
  if (thrown.code === 'UPSTREAM_DENIED') return `refuses us${reason}`
  if (thrown.code === 'REPOSITORY_NOT_FOUND') return `no repository there${reason}`
  if (thrown.code === 'INDEX_SHRUNK')
    return `sends an index that lacks ${String(thrown.details.lost)} of ${String(thrown.details.had)} versions`
  return `no valid index (${thrown.code})`
}

/** The state of a repository in a few words. */
export function stateOf(
  snapshot: IndexSnapshot | undefined,
  record: IndexRecord | undefined,
  failure: string | undefined,
  now: number,
): string {
  const retry = failure === undefined ? [] : [`${failure} · will retry`]
  if (record === undefined) return retry[0] ?? 'not fetched yet'
  const charts = snapshot === undefined ? [] : [count(snapshot.index.entries.size, 'chart')]
  return [...charts, `checked ${ageOf(now - record.checkedAt)}`, ...retry, ...refusedWords(snapshot)].join(' · ')
}

/** So many refusals are named; the log has all. */
const named = 3

function refusedWords(snapshot: IndexSnapshot | undefined): readonly string[] {
  const parts = snapshot === undefined ? [] : refusedParts(snapshot.index)
  if (parts.length === 0) return []
  const more = parts.length > named ? [`${parts.length - named} more`] : []
  return [`the upstream refuses ${[...parts.slice(0, named), ...more].join(', ')}`]
}

function ageOf(milliseconds: number): string {
  const minutes = Math.floor(milliseconds / 60_000)
  if (minutes < 1) return 'just now'
  if (minutes < 120) return `${count(minutes, 'minute')} ago`
  const hours = Math.floor(minutes / 60)
  return hours < 48 ? `${count(hours, 'hour')} ago` : `${count(Math.floor(hours / 24), 'day')} ago`
}
