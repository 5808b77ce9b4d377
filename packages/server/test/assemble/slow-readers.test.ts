import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { Readable } from 'node:stream'
import { afterEach, describe, expect, it } from 'vitest'
import { type Listener, openListener } from '../../src/assemble/listener.ts'

const piece = Buffer.alloc(64 * 1024)
const pieces = 16 * 1024
let listener: Listener | undefined
const sockets: Socket[] = []

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy()
  await listener?.stop(0)
})

/** Serves a gibibyte to whoever asks; when so many answers have ended, tells what was read for each of them. */
async function start(count: number): Promise<{ readonly port: number; readonly ends: Promise<readonly number[]> }> {
  const all = Promise.withResolvers<readonly number[]>()
  const ended: number[] = []
  listener = await openListener({
    address: { host: '127.0.0.1', port: 0 },
    hint: '',
    requestTimeout: 5000,
    silence: 200,
    handle: (_, response) => {
      let read = 0
      const body = Readable.from(
        (function* () {
          for (let at = 0; at < pieces; at++) {
            read += piece.length
            yield piece
          }
        })(),
      )
      response.once('close', () => {
        ended.push(read)
        if (ended.length === count) all.resolve(ended)
      })
      response.writeHead(200, { 'content-length': piece.length * pieces })
      body.pipe(response)
    },
  })
  return { port: Number(new URL(listener.url).port), ends: all.promise }
}

describe('a client that takes nothing of its answer', () => {
  it('is cut, and no more is read for it than the buffers of a connection hold', async () => {
    const { port, ends } = await start(5)
    for (let at = 0; at < 5; at++) {
      const socket = connect(port, '127.0.0.1')
      socket.on('error', () => {})
      sockets.push(socket)
      await once(socket, 'connect')
      socket.pause()
      socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
    }
    for (const read of await ends) expect(read).toBeLessThan(64 * 1024 * 1024)
  })
})
