// What stands between a client and a server, and can fall silent: connections stay open, and nothing goes through.
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

export interface Forwarder {
  readonly url: string
  /** From now on nothing goes through, in either direction. */
  fallSilent(): void
  /** Everything goes through again, on new connections; the silent ones are cut. */
  goOn(): void
  close(): Promise<void>
}

/** Forwards a free port to the server of a URL. */
export async function startForwarder(to: string): Promise<Forwarder> {
  const { hostname, port } = new URL(to)
  const sockets = new Set<Socket>()
  let isSilent = false
  const note = (socket: Socket): void => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    socket.on('error', () => socket.destroy())
  }
  const server = createServer((client) => {
    note(client)
    if (isSilent) return
    const far = connect(Number(port), hostname)
    note(far)
    client.once('close', () => far.destroy())
    far.once('close', () => client.destroy())
    client.pipe(far).pipe(client)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    fallSilent: () => {
      isSilent = true
      for (const socket of sockets) socket.unpipe().pause()
    },
    goOn: () => {
      isSilent = false
      for (const socket of sockets) socket.destroy()
    },
    close: async () => {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
