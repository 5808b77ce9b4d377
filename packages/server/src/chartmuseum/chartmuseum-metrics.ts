// ChartMuseum's metrics under its names.
import { Counter, Gauge, Histogram, Registry, Summary } from 'prom-client'

/** One request that has been answered. */
export interface MeasuredRequest {
  readonly status: number
  readonly method: string
  readonly host: string
  /** The template of the route, so that there are few. */
  readonly url: string
  readonly seconds: number
  readonly requestBytes: number
  readonly responseBytes: number
}

export interface ChartMuseumMetrics {
  request(request: MeasuredRequest): void
  /** What a repository has now. */
  repository(repository: string, charts: number, versions: number): void
  text(): Promise<string>
}

/** Hosts are what clients say: beyond so many different ones they are told apart no more. */
const mostHosts = 100
/** So are repositories, with `--depth-dynamic`. */
const mostRepositories = 10_000

/** A set of its own. */
export function chartmuseumMetrics(): ChartMuseumMetrics {
  const registry = new Registry()
  const registers = [registry]
  const requests = new Counter({
    name: 'chartmuseum_requests_total',
    help: 'How many HTTP requests processed, partitioned by status code and HTTP method.',
    labelNames: ['code', 'method', 'handler', 'host', 'url'],
    registers,
  })
  const seconds = new Histogram({
    name: 'chartmuseum_request_duration_seconds',
    help: 'The HTTP request latencies in seconds.',
    labelNames: ['code', 'method', 'url'],
    registers,
  })
  const size = (name: string, help: string): Summary =>
    new Summary({ name, help, percentiles: [], registers, maxAgeSeconds: 600, ageBuckets: 5 })
  const requestSize = size('chartmuseum_request_size_bytes', 'The HTTP request sizes in bytes.')
  const responseSize = size('chartmuseum_response_size_bytes', 'The HTTP response sizes in bytes.')
  const gauge = (name: string, help: string): Gauge<'repo'> =>
    new Gauge({ name, help, labelNames: ['repo'], registers })
  const charts = gauge('chartmuseum_charts_served_total', 'Current number of charts served')
  const versions = gauge('chartmuseum_chart_versions_served_total', 'Current number of chart versions served')
  const hosts = new Set<string>()
  const repositories = new Set<string>()
  return {
    request: ({ status, method, host, url, seconds: took, requestBytes, responseBytes }) => {
      // What is at no route is not counted there either.
      if (status === 404 || status === 405) return
      if (hosts.size < mostHosts) hosts.add(host)
      const labels = { code: status, method, url }
      requests.inc({ ...labels, handler: 'chartferry', host: hosts.has(host) ? host : 'other' })
      seconds.observe(labels, took)
      requestSize.observe(requestBytes)
      responseSize.observe(responseBytes)
    },
    repository: (repository, chartCount, versionCount) => {
      if (repositories.size >= mostRepositories && !repositories.has(repository)) return
      repositories.add(repository)
      charts.set({ repo: repository }, chartCount)
      versions.set({ repo: repository }, versionCount)
    },
    text: () => registry.metrics(),
  }
}
