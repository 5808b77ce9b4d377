// What is counted while the server works, for Prometheus: whether the cache works, which upstream is ill, what is
// stale.
import { Counter, Gauge, Histogram, Registry } from 'prom-client'

/** What a scrape reads of a repository. */
export interface RepositoryReading {
  readonly name: string
  readonly charts?: number | undefined
  readonly versions?: number | undefined
  /** Milliseconds since 1970: when the upstream last said that the index is current. */
  readonly checkedAt?: number | undefined
  /** How many charts and versions the upstream refuses while it gives others. */
  readonly refused?: number | undefined
  /** Why the upstream was not heard the last time. */
  readonly failure?: string | undefined
}

/** What is answered from: an index, an archive, a provenance file. */
export type AnswerKind = 'index' | 'archive' | 'provenance' | 'manifest' | 'blob'

export interface Metrics {
  /** A request was answered. The route is one of few words, never a path. */
  request(method: string, route: string, status: number, seconds: number): void
  /** A repository gave an answer: a cache state, `OK` where there is no cache, or the code of an error. */
  answer(repository: string, kind: AnswerKind, outcome: string): void
  /** An upstream was asked: `OK`, or the code of an error. */
  upstream(repository: string, kind: AnswerKind, outcome: string, seconds: number): void
  /** An index file of an upstream was read. */
  readonly indexRead: (repository: string) => void
  /** Charts of a group were merged for its text. */
  readonly merged: (repository: string, charts: number) => void
  /** A registry has said how many more pulls it gives. */
  quota(registry: string, remaining: number): void
  /** Bytes of images that were sent to clients. */
  imageBytes(registry: string, outcome: string, bytes: number): void
  /** The text for a scrape. */
  text(repositories: readonly RepositoryReading[], now: number): Promise<string>
}

/** The type of the text (version 0.0.4 of the format). */
export const metricsType: string = Registry.PROMETHEUS_CONTENT_TYPE

const methods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS'])

/** Metrics of one server; nothing is shared between two. */
export function openMetrics(): Metrics {
  const registers = [new Registry()]
  const [registry = new Registry()] = registers
  const requests = new Counter({
    name: 'chartferry_requests_total',
    help: 'Requests answered, by method, route and status.',
    labelNames: ['method', 'route', 'status'],
    registers,
  })
  const seconds = new Histogram({
    name: 'chartferry_request_seconds',
    help: 'Seconds from the request to the end of its answer.',
    labelNames: ['route'],
    buckets: [0.001, 0.005, 0.02, 0.1, 0.5, 2, 10, 60],
    registers,
  })
  const answers = new Counter({
    name: 'chartferry_answers_total',
    help: 'Answers of repositories: HIT, MISS, REVALIDATED, STALE, OK where nothing is cached, or the code of an error.',
    labelNames: ['repository', 'kind', 'outcome'],
    registers,
  })
  const asked = new Counter({
    name: 'chartferry_upstream_requests_total',
    help: 'What upstreams were asked for: OK, or the code of an error.',
    labelNames: ['repository', 'kind', 'outcome'],
    registers,
  })
  const indexReads = new Counter({
    name: 'chartferry_index_reads_total',
    help: 'Index files of upstreams that were read: once for each state of each.',
    labelNames: ['repository'],
    registers,
  })
  const merged = new Counter({
    name: 'chartferry_group_charts_merged_total',
    help: 'Charts of groups that were merged: once for each state of each.',
    labelNames: ['repository'],
    registers,
  })
  const upstreamSeconds = new Histogram({
    name: 'chartferry_upstream_seconds',
    help: 'Seconds until an upstream had given what it was asked for.',
    labelNames: ['repository', 'kind'],
    buckets: [0.02, 0.1, 0.5, 2, 10, 60, 300],
    registers,
  })
  const gauge = (name: string, help: string): Gauge<'repository'> =>
    new Gauge({ name, help, labelNames: ['repository'], registers })
  const quota = new Gauge({
    name: 'chartferry_registry_quota_remaining',
    help: 'Pulls that a registry still gives, as it said when it was asked last.',
    labelNames: ['registry'],
    registers,
  })
  const imageBytes = new Counter({
    name: 'chartferry_image_bytes_total',
    help: 'Bytes of manifests and blobs that clients were sent, by registry, and whether they were here: HIT, MISS, STALE, OK.',
    labelNames: ['registry', 'outcome'],
    registers,
  })
  const failing = gauge('chartferry_upstream_failing', '1 while the upstream was not heard the last time it was asked.')
  const refused = gauge(
    'chartferry_upstream_refused',
    'Charts and versions that a registry refuses while it gives others.',
  )
  const age = gauge('chartferry_index_age_seconds', 'Seconds since the index was known to be current.')
  const charts = gauge('chartferry_index_charts', 'Charts in the index.')
  const versions = gauge('chartferry_index_versions', 'Chart versions in the index.')
  const memory = new Gauge({ name: 'process_resident_memory_bytes', help: 'Memory of the process.', registers })
  const cpu = new Gauge({ name: 'process_cpu_seconds_total', help: 'Processor time of the process.', registers })

  return {
    request: (method, route, status, took) => {
      requests.inc({ method: methods.has(method) ? method : 'other', route, status })
      seconds.observe({ route }, took)
    },
    answer: (repository, kind, outcome) => answers.inc({ repository, kind, outcome }),
    indexRead: (repository) => indexReads.inc({ repository }),
    merged: (repository, charts) => merged.inc({ repository }, charts),
    quota: (name, remaining) => quota.set({ registry: name }, remaining),
    imageBytes: (name, outcome, bytes) => imageBytes.inc({ registry: name, outcome }, bytes),
    upstream: (repository, kind, outcome, took) => {
      asked.inc({ repository, kind, outcome })
      upstreamSeconds.observe({ repository, kind }, took)
    },
    text: (repositories, now) => {
      for (const { name, failure, checkedAt, ...index } of repositories) {
        const labels = { repository: name }
        failing.set(labels, failure === undefined ? 0 : 1)
        if (index.refused !== undefined) refused.set(labels, index.refused)
        if (checkedAt !== undefined) age.set(labels, Math.max(0, now - checkedAt) / 1000)
        if (index.charts !== undefined) charts.set(labels, index.charts)
        if (index.versions !== undefined) versions.set(labels, index.versions)
      }
      memory.set(process.memoryUsage.rss())
      const { user, system } = process.cpuUsage()
      cpu.set((user + system) / 1e6)
      return registry.metrics()
    },
  }
}
