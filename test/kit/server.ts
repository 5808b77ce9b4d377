// A chartferry server for tests: on a free port, with a data folder of its own, its log kept.
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseConfig, type RunningServer, serve } from '@chartferry/server'

export interface TestServerOptions {
  /** By name; a text is the URL of an upstream. Default: one hosted repository `local`. */
  readonly repositories?: Readonly<Record<string, string | Readonly<Record<string, unknown>>>>
  /** Settings by their names in the configuration file. Default: no freshness kept, failures forgotten at once. */
  readonly settings?: Readonly<Record<string, unknown>>
  /** Default: a new folder, removed on close. */
  readonly data?: string
  /** Milliseconds since 1970. Default: the real time. */
  readonly now?: () => number
  /** Variables that the server sees: proxies, helm. Default: none. */
  readonly environment?: Readonly<Record<string, string>>
}

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly body: Buffer
  json(): unknown
}

export interface TestServer {
  readonly url: string
  readonly running: RunningServer
  readonly data: string
  /** Log lines, parsed. */
  readonly log: readonly Readonly<Record<string, unknown>>[]
  /** Sends a request whose path goes out exactly as given. */
  ask(path: string, options?: AskOptions): Promise<Answer>
  /** All files of the data folder, by their path in it. */
  files(): Promise<string[]>
  close(): Promise<void>
}

export interface AskOptions {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Uint8Array | string
}

/** Starts a server. Unless the settings say otherwise every index is revalidated at every request. */
export async function startServer(options: TestServerOptions = {}): Promise<TestServer> {
  const { repositories = { local: { kind: 'hosted' } }, settings = {}, now, environment = {} } = options
  const data = options.data ?? (await mkdtemp(join(tmpdir(), 'chartferry-server-')))
  const document = Object.entries(repositories).map(
    ([name, value]) => [name, typeof value === 'string' ? { url: value } : value] as const,
  )
  const config = await parseConfig('', {
    file: join(data, 'chartferry-server.yaml'),
    environment: {},
    overrides: {
      listen: '127.0.0.1:0',
      data,
      freshFor: '0s',
      retryAfter: '0s',
      stopWithin: '2s',
      ...settings,
      repositories: Object.fromEntries(document),
    },
  })
  const log: Record<string, unknown>[] = []
  const running = await serve({
    config,
    load: async () => config,
    lookEvery: 0,
    environment,
    logTo: { write: (line) => void log.push(JSON.parse(line) as Record<string, unknown>) },
    ...(now === undefined ? {} : { now }),
  })
  return {
    url: running.url,
    running,
    data,
    log,
    ask: (path, asked) => ask(running.url, path, asked),
    files: async () => {
      const entries = await readdir(data, { recursive: true, withFileTypes: true })
      return entries
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name).slice(data.length + 1))
        .sort()
    },
    close: async () => {
      await running.close()
      if (options.data === undefined) await rm(data, { recursive: true, force: true })
    },
  }
}

/** A request without a client's own tidying of paths and headers. */
export async function ask(
  url: string,
  path: string,
  { method = 'GET', headers = {}, body }: AskOptions = {},
): Promise<Answer> {
  const { hostname, port } = new URL(url)
  return new Promise((done, fail) => {
    const sent = request({ hostname, port, path, method, headers, agent: false }, (response) => {
      response.toArray().then((pieces: Buffer[]) => {
        const bytes = Buffer.concat(pieces)
        done({
          status: response.statusCode ?? 0,
          headers: response.headers as Record<string, string | undefined>,
          body: bytes,
          json: () => JSON.parse(bytes.toString()) as unknown,
        })
      }, fail)
    })
    sent.on('error', fail)
    sent.end(body)
  })
}
