// A proxy before an S3 service that can fail, be slow, list what was a moment ago, and lie about conditional writes.
import { once } from 'node:events'
import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'

/** What becomes of a request: an answer of its own with this status, or so many milliseconds of waiting before it goes on. */
export type S3Fault = { readonly status: number } | { readonly delay: number }

export interface S3Proxy {
  readonly url: string
  /** Asked for each request. */
  fault: ((request: IncomingMessage) => S3Fault | undefined) | undefined
  /** Listings of prefixes that match are given as they were the last time, until this is undefined again. */
  staleLists: RegExp | undefined
  /** Says of a write with `If-None-Match: *` that it has won, whatever the service says. */
  liesOnCreate: boolean
  /** How many listings were old ones. */
  readonly counts: { stale: number; requests: number; faults: number }
  close(): Promise<void>
}

/** Starts it on a free port. */
export async function startS3Proxy(to: string): Promise<S3Proxy> {
  const { hostname, port } = new URL(to)
  const agent = new Agent({ keepAlive: true })
  const lists = new Map<string, { readonly status: number; readonly type: string; readonly body: Buffer }>()

  async function handle(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    proxy.counts.requests += 1
    const fault = proxy.fault?.(incoming)
    if (fault !== undefined) {
      proxy.counts.faults += 1
      if ('status' in fault) {
        incoming.resume()
        await once(incoming, 'end').catch(() => {})
        const code = fault.status === 409 ? 'ConditionalRequestConflict' : 'SlowDown'
        response.writeHead(fault.status, { 'content-type': 'application/xml' })
        response.end(`<?xml version="1.0"?><Error><Code>${code}</Code><Message>as told</Message></Error>`)
        return
      }
      await wait(fault.delay)
    }
    const path = incoming.url ?? '/'
    const prefix = new URL(path, to).searchParams.get('prefix') ?? ''
    const isList = incoming.method === 'GET' && path.includes('list-type=2')
    const mayBeOld = isList && proxy.staleLists?.test(prefix) === true
    const old = mayBeOld ? lists.get(path) : undefined
    if (old !== undefined) {
      proxy.counts.stale += 1
      response.writeHead(old.status, { 'content-type': old.type })
      response.end(old.body)
      return
    }
    // The signature is for the host that the client knows: nothing of the head is changed.
    const { method, headers, url } = incoming
    const sent = request({ hostname, port, agent, method, headers, path: url })
    incoming.pipe(sent)
    response.once('close', () => sent.destroy())
    const [answer] = (await once(sent, 'response')) as [IncomingMessage]
    const isCreate = method === 'PUT' && headers['if-none-match'] === '*'
    if (isCreate && proxy.liesOnCreate && answer.statusCode === 412) {
      answer.resume()
      response.writeHead(200, { etag: '"0"' })
      response.end()
      return
    }
    if (isList) {
      const body = Buffer.concat(await answer.toArray())
      lists.set(path, { status: answer.statusCode ?? 0, type: answer.headers['content-type'] ?? '', body })
      response.writeHead(answer.statusCode ?? 502, { ...answer.headers, 'content-length': String(body.length) })
      response.end(body)
      return
    }
    response.writeHead(answer.statusCode ?? 502, answer.headers)
    answer.pipe(response)
  }

  const server = createServer((incoming, response) => {
    handle(incoming, response).catch(() => response.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const proxy: S3Proxy = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    fault: undefined,
    staleLists: undefined,
    liesOnCreate: false,
    counts: { stale: 0, requests: 0, faults: 0 },
    close: async () => {
      server.closeAllConnections()
      agent.destroy()
      server.close()
      await once(server, 'close')
    },
  }
  return proxy
}
