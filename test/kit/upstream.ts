// A chart repository over real HTTP, whose outages are knobs.
import { createHash } from 'node:crypto'
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buildChart, type ChartSpec } from './charts.ts'

export interface UpstreamRequest {
  readonly method: string
  /** With its query. */
  readonly path: string
  readonly headers: IncomingHttpHeaders
}

export interface TestUpstream {
  readonly url: string
  /** All requests, in order. */
  readonly requests: readonly UpstreamRequest[]
  /** What is served, by path without the slash in front. Change it at will. */
  readonly files: Map<string, Uint8Array>
  /** How many requests there were for a path without the slash in front. */
  count(path: string): number
  /** Forgets the requests. */
  forget(): void
  /** Adds a chart with its entry in the index; gives its bytes. */
  add(spec: ChartSpec, options?: AddOptions): Promise<Uint8Array>
  /** Serves this text as index.yaml from now on. */
  setIndex(text: string): void
  /** Answers everything, or just one path, with a status; undefined ends that. */
  fail(status: number | undefined, path?: string, headers?: Readonly<Record<string, string>>): void
  /** Holds every answer back until the returned function is called. */
  hold(): () => void
  /**
   * Sends only the first bytes of a path's body under its whole length, then cuts the connection; undefined ends that.
   */
  truncate(path: string, bytes: number | undefined): void
  /** Changes one byte in the middle of a file. */
  corrupt(path: string): void
  /** Whether answers carry ETags and are conditional. Default: true. */
  validators: boolean
  /** Stops listening and cuts connections; `start` listens again on the same port. */
  stop(): Promise<void>
  start(): Promise<void>
  /** The same as `stop`. */
  close(): Promise<void>
}

export interface AddOptions {
  /** Fields of the entry, over those made from the description. */
  readonly entry?: Readonly<Record<string, unknown>>
  /** Where the file is served. Default: `charts/<name>-<version>.tgz`. */
  readonly path?: string
  /** The bytes of the archive. Default: built from the description. */
  readonly bytes?: Uint8Array
  /** Default: none. */
  readonly provenance?: string | Uint8Array
}

/** Starts a repository with these charts on a free port. */
export async function startUpstream(charts: readonly ChartSpec[] = []): Promise<TestUpstream> {
  const entries: Record<string, Record<string, unknown>[]> = {}
  const files = new Map<string, Uint8Array>()
  const requests: UpstreamRequest[] = []
  const failures = new Map<string, readonly [status: number, headers: Readonly<Record<string, string>>]>()
  const cuts = new Map<string, number>()
  let held: Promise<void> | undefined

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = request.url ?? '/'
    const name = decodeURIComponent(path.slice(1).split('?')[0] ?? '')
    requests.push({ method: request.method ?? 'GET', path, headers: request.headers })
    await held
    const failure = failures.get(name) ?? failures.get('')
    if (failure !== undefined) {
      response.writeHead(...failure).end(`failing with ${failure[0]}`)
      return
    }
    const bytes = files.get(name)
    if (bytes === undefined) {
      response.writeHead(404).end('not found')
      return
    }
    const etag = `"${createHash('sha256').update(bytes).digest('hex').slice(0, 16)}"`
    if (upstream.validators) response.setHeader('etag', etag)
    if (upstream.validators && request.headers['if-none-match'] === etag) {
      response.writeHead(304).end()
      return
    }
    response.setHeader('content-length', bytes.length)
    const cut = cuts.get(name)
    if (cut === undefined) {
      response.end(bytes)
      return
    }
    response.write(bytes.subarray(0, cut), () => response.socket?.destroySoon())
  }

  const server = createServer((request, response) => void answer(request, response))
  let port = 0
  const writeIndex = (): void => {
    files.set(
      'index.yaml',
      Buffer.from(JSON.stringify({ apiVersion: 'v1', generated: '2026-01-01T00:00:00Z', entries }, null, 1)),
    )
  }
  const upstream: TestUpstream = {
    url: '',
    requests,
    files,
    validators: true,
    count: (path) => requests.filter((request) => decodeURIComponent(request.path) === `/${path}`).length,
    forget: () => void requests.splice(0),
    add: async (spec, { entry, path, bytes, provenance } = {}) => {
      const version = spec.version ?? '1.0.0'
      const archive = bytes ?? (await buildChart(spec))
      const place = path ?? `charts/${spec.name}-${version}.tgz`
      files.set(place, archive)
      if (provenance !== undefined) files.set(`${place}.prov`, Buffer.from(provenance))
      entries[spec.name] ??= []
      entries[spec.name]?.push({
        apiVersion: spec.apiVersion ?? 'v2',
        name: spec.name,
        version,
        created: '2026-01-01T00:00:00Z',
        digest: createHash('sha256').update(archive).digest('hex'),
        urls: [place],
        ...entry,
      })
      writeIndex()
      return archive
    },
    setIndex: (text) => void files.set('index.yaml', Buffer.from(text)),
    fail: (status, path = '', headers = {}) =>
      void (status === undefined ? failures.delete(path) : failures.set(path, [status, headers])),
    hold: () => {
      const { promise, resolve } = Promise.withResolvers<void>()
      held = promise
      return () => {
        held = undefined
        resolve()
      }
    },
    truncate: (path, bytes) => void (bytes === undefined ? cuts.delete(path) : cuts.set(path, bytes)),
    corrupt: (path) => {
      const bytes = Buffer.from(files.get(path) ?? [])
      const middle = Math.floor(bytes.length / 2)
      bytes[middle] = (bytes[middle] ?? 0) ^ 0xff
      files.set(path, bytes)
    },
    start: async () => {
      await new Promise<void>((done) => server.listen(port, '127.0.0.1', done))
      port = (server.address() as AddressInfo).port
    },
    stop: async () => {
      if (!server.listening) return
      const closed = new Promise((done) => server.close(done))
      server.closeAllConnections()
      await closed
    },
    close: () => upstream.stop(),
  }
  await upstream.start()
  writeIndex()
  for (const chart of charts) await upstream.add(chart)
  return Object.assign(upstream, { url: `http://127.0.0.1:${port}` })
}
