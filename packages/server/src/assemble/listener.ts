// One address where requests come in: plain or encrypted, closed without cutting anybody off.
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { ChartferryError } from '@chartferry/core'
import { messageOf } from '@chartferry/core/internal'
import type { TlsConfig } from '../config/config.ts'
import type { Address } from '../config/scalars.ts'

export interface ListenerOptions {
  readonly address: Address
  /** What to change when the address cannot be had. */
  readonly hint: string
  /** Undefined: plain HTTP. */
  readonly tls?: TlsConfig | undefined
  /** Milliseconds that a client may take to send a request. */
  readonly requestTimeout: number
  /** Milliseconds for which a connection may be silent amid an answer. Default: any time. */
  readonly silence?: number
  readonly handle: RequestListener
}

export interface Listener {
  readonly url: string
  readonly address: Address
  readonly isEncrypted: boolean
  /** Takes new settings; connections that are open keep their certificate. */
  update(options: Pick<ListenerOptions, 'tls' | 'requestTimeout'>): void
  /** From now on every answer is the last one of its connection. */
  drain(): void
  /** Takes no new connections, and ends when the last answer is out, or after the milliseconds given. */
  stop(within: number): Promise<void>
}

/** Milliseconds: longer than proxies keep idle connections, so that it is they who close them. */
const keepAlive = 75_000
const headTimeout = 20_000
/** Bytes of a second that a client must take in the mean. */
const slowest = 4096
/** Bytes that an answer has which does not say how many. */
const unknownLength = 256 * 1024 * 1024
/** How often it is looked for requests that take too long. */
const checkEvery = 1000

/** Begins to listen. Throws CONFIG_INVALID when the address cannot be had. */
export async function openListener({
  address,
  hint,
  tls,
  requestTimeout,
  silence = 0,
  handle,
}: ListenerOptions): Promise<Listener> {
  const answers = new Set<ServerResponse>()
  // Since when an answer is on its way, on the clock of `performance.now`.
  const started = new Map<ServerResponse, number>()
  const noteStart = (response: ServerResponse): void => {
    const writeHead = response.writeHead.bind(response) as (...args: unknown[]) => ServerResponse
    response.writeHead = (...args: unknown[]) => {
      if (silence > 0) started.set(response, performance.now())
      return writeHead(...args)
    }
  }
  const longestOf = (answer: ServerResponse): number =>
    silence * 2 + (Number(answer.getHeader('content-length') ?? unknownLength) / slowest) * 1000
  let isDraining = false
  const listener: RequestListener = (request, response) => {
    answers.add(response)
    noteStart(response)
    // Each layer through which an answer goes notes its end.
    response.setMaxListeners(30)
    response.once('close', () => {
      answers.delete(response)
      started.delete(response)
    })
    if (hasTwoHosts(request)) {
      response.writeHead(400, { Connection: 'close', 'Content-Length': '0' }).end()
      return
    }
    if (isDraining) response.setHeader('Connection', 'close')
    handle(request, response)
  }
  const checks = { connectionsCheckingInterval: checkEvery }
  const server =
    tls === undefined ? createServer(checks, listener) : createTlsServer({ ...checks, ...secureContext(tls) }, listener)
  server.keepAliveTimeout = keepAlive
  const limitRequests = (timeout: number): void => {
    server.requestTimeout = timeout
    // Node takes the longer of the two for the whole request.
    server.headersTimeout = Math.min(headTimeout, timeout)
  }
  limitRequests(requestTimeout)
  // Who takes a byte now and then is not silent, and holds what it holds: an answer has its time, too.
  const sweep = setInterval(() => {
    for (const [answer, since] of started) if (performance.now() - since > longestOf(answer)) answer.socket?.destroy()
  }, checkEvery).unref()
  server.once('close', () => clearInterval(sweep))
  // Who waits for our answer is silent with good reason.
  const isWaiting = (socket: Socket): boolean =>
    [...answers].some((answer) => answer.socket === socket && !answer.headersSent)
  server.setTimeout(silence, (socket: Socket) => {
    if (!isWaiting(socket)) socket.destroy()
  })
  await listen(server, address, hint)
  const drain = (): void => {
    isDraining = true
    for (const answer of answers) if (!answer.headersSent) answer.setHeader('Connection', 'close')
  }
  return {
    url: urlOf(server, tls !== undefined),
    address,
    isEncrypted: tls !== undefined,
    update: (next) => {
      limitRequests(next.requestTimeout)
      if (next.tls !== undefined && 'setSecureContext' in server) server.setSecureContext(secureContext(next.tls))
    },
    drain,
    stop: async (within) => {
      drain()
      const closed = new Promise<void>((done) => server.close(() => done()))
      server.closeIdleConnections()
      const deadline = setTimeout(() => server.closeAllConnections(), within)
      await closed
      clearTimeout(deadline)
    },
  }
}

/** Node takes the first of several; others may take the last (RFC 9112, 3.2: refuse them). */
function hasTwoHosts({ rawHeaders }: IncomingMessage): boolean {
  let hosts = 0
  for (let at = 0; at < rawHeaders.length; at += 2) if (rawHeaders[at]?.toLowerCase() === 'host') hosts += 1
  return hosts > 1
}

function secureContext({ cert, key, clientCa }: TlsConfig): object {
  return {
    cert,
    key,
    minVersion: 'TLSv1.2',
    ...(clientCa === undefined ? {} : { ca: clientCa, requestCert: true, rejectUnauthorized: true }),
  }
}

async function listen(server: Server | TlsServer, { host, port }: Address, hint: string): Promise<void> {
  await new Promise<void>((done, fail) => {
    server.once('error', fail)
    server.listen(port, host, () => {
      server.off('error', fail)
      done()
    })
  }).catch((thrown: unknown) => {
    throw new ChartferryError('CONFIG_INVALID', `cannot listen on ${host}:${port}: ${messageOf(thrown)}`, {
      cause: thrown,
      hint,
    })
  })
}

function urlOf(server: Server | TlsServer, isEncrypted: boolean): string {
  const { address, family, port } = server.address() as AddressInfo
  const host = address === '0.0.0.0' || address === '::' ? '127.0.0.1' : family === 'IPv6' ? `[${address}]` : address
  return `${isEncrypted ? 'https' : 'http'}://${host}:${port}`
}
