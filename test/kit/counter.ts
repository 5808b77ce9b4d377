// Stands before a server and counts what goes out of it.
import { request as ask, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Counter {
  /** `127.0.0.1:PORT`. */
  readonly host: string
  /** Bytes of bodies. */
  readonly fetched: () => number
  readonly forget: () => void
  readonly close: () => void
}

/** Starts a counter before a host of the form `127.0.0.1:PORT`. */
export async function startCounter(host: string): Promise<Counter> {
  let fetched = 0
  const port = Number(host.split(':')[1])
  const server = createServer((incoming, outgoing) => {
    const { method, url: path, headers } = incoming
    const upstream = ask({ host: '127.0.0.1', port, method, path, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 500, answer.headers)
      answer.on('data', (piece: Buffer) => {
        fetched += piece.length
      })
      answer.pipe(outgoing)
    })
    outgoing.on('close', () => upstream.destroy())
    upstream.on('error', () => outgoing.destroy())
    incoming.pipe(upstream)
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    fetched: () => fetched,
    forget: () => {
      fetched = 0
    },
    close: () => {
      server.close().closeAllConnections()
    },
  }
}
