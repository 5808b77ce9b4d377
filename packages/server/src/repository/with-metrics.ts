// Counts what repositories answer, and what their upstreams do.
import { isChartferryError } from '@chartferry/core'
import type { AnswerKind, Metrics } from '../metrics/metrics.ts'
import type { Upstream } from '../upstream/upstream.ts'
import type { CacheState, Wrap } from './chart-repository.ts'

/** Counts each answer of the repositories named by its cache state, or by the code of its error. */
export function withMetrics(metrics: Metrics, names: ReadonlySet<string>): Wrap {
  const counted = async <Answer extends { readonly cache?: CacheState }>(
    repository: string,
    kind: AnswerKind,
    ask: () => Promise<Answer>,
  ): Promise<Answer> => {
    // A name that nobody configured must not become a label.
    if (!names.has(repository)) return ask()
    try {
      const answer = await ask()
      metrics.answer(repository, kind, answer.cache ?? 'OK')
      return answer
    } catch (thrown) {
      metrics.answer(repository, kind, codeOf(thrown))
      throw thrown
    }
  }
  return (next) => ({
    ...next,
    index: (repository, options) => counted(repository, 'index', () => next.index(repository, options)),
    archive: (repository, path, options) =>
      counted(repository, 'archive', () => next.archive(repository, path, options)),
    provenance: (repository, path, options) =>
      counted(repository, 'provenance', () => next.provenance(repository, path, options)),
  })
}

/** Counts what an upstream is asked for, and how long that takes. */
export function measuredUpstream(upstream: Upstream, repository: string, metrics: Metrics): Upstream {
  const measured = async <Value>(kind: AnswerKind, ask: () => Promise<Value>): Promise<Value> => {
    const start = performance.now()
    const seconds = (): number => (performance.now() - start) / 1000
    try {
      const value = await ask()
      metrics.upstream(repository, kind, 'OK', seconds())
      return value
    } catch (thrown) {
      metrics.upstream(repository, kind, codeOf(thrown), seconds())
      throw thrown
    }
  }
  return {
    ...upstream,
    index: (known, options) => measured('index', () => upstream.index(known, options)),
    archive: (version, store, options) => measured('archive', () => upstream.archive(version, store, options)),
    provenance: (version, options) => measured('provenance', () => upstream.provenance(version, options)),
  }
}

function codeOf(thrown: unknown): string {
  return isChartferryError(thrown) ? thrown.code : 'INTERNAL'
}
