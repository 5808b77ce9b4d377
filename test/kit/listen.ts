// Puts a listener on a free port of this machine.
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What listens, until it is closed. */
export interface Listening {
  readonly url: string
  /** `127.0.0.1:PORT`. */
  readonly host: string
  close(): Promise<void>
}

/** Listens on a free port. */
export async function listen(listener: RequestListener): Promise<Listening> {
  const server = createServer(listener)
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    url: `http://${host}`,
    host,
    close: () =>
      new Promise((done) => {
        server.close(() => done()).closeAllConnections()
      }),
  }
}
