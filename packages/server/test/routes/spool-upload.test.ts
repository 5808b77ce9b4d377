import { connect, type Socket } from 'node:net'
import { Readable } from 'node:stream'
import { isChartferryError } from '@chartferry/core'
import type { Context } from 'koa'
import { describe, expect, it } from 'vitest'
import { buildChart } from '../../../../test/kit/charts.ts'
import { closesAfterEach } from '../../../../test/kit/closing.ts'
import { startServer } from '../../../../test/kit/server.ts'
import { wholeOf } from '../../src/routes/read-upload.ts'
import { uploadSpool } from '../../src/routes/spool-upload.ts'

const closeLater = closesAfterEach()
/** A request as far as an upload looks at it. */
const requestOf = (pieces: readonly string[]): Context =>
  ({
    req: Readable.from(pieces.map((piece) => Buffer.from(piece))),
    get: () => '',
    set: () => {},
  }) as unknown as Context

describe('uploadSpool', () => {
  it('gives back what came, small or large', async () => {
    const spool = uploadSpool()
    closeLater(() => spool.close())
    for (const pieces of [['a', 'b'], ['x'.repeat(100_000), 'y'.repeat(100_000)], []])
      expect((await spool.take(requestOf(pieces), 1e9, wholeOf)).toString()).toBe(pieces.join(''))
  })

  it('has room for so much, told before it is taken, and room again when that is done', async () => {
    const spool = uploadSpool({ space: 10 })
    closeLater(() => spool.close())
    const refused = await spool.take(requestOf(['12345678901']), 1e9, wholeOf).catch((thrown: unknown) => thrown)
    expect(isChartferryError(refused, 'UPLOADS_FULL')).toBe(true)
    const { promise, resolve } = Promise.withResolvers<void>()
    const first = spool.take(requestOf(['12345678']), 1e9, () => promise)
    const second = await spool.take(requestOf(['12345678']), 1e9, wholeOf).catch((thrown: unknown) => thrown)
    expect(isChartferryError(second, 'UPLOADS_FULL')).toBe(true)
    resolve()
    await first
    expect((await spool.take(requestOf(['12345678']), 1e9, wholeOf)).length).toBe(8)
  })

  it('works on a few at a time', async () => {
    const spool = uploadSpool({ atOnce: 2 })
    closeLater(() => spool.close())
    let running = 0
    let most = 0
    const work = async (): Promise<void> => {
      most = Math.max(most, ++running)
      await new Promise((done) => setImmediate(done))
      running--
    }
    await Promise.all(Array.from({ length: 10 }, () => spool.take(requestOf(['a']), 1e9, work)))
    expect(most).toBe(2)
  })
})

describe('uploads that never end', () => {
  it('take no memory, and leave others to push', async () => {
    const server = await startServer()
    closeLater(() => server.close())
    const port = Number(new URL(server.url).port)
    const piece = Buffer.alloc(1 << 20, 1)
    const before = process.memoryUsage.rss()
    const sockets: Socket[] = []
    closeLater(async () => {
      for (const socket of sockets) socket.destroy()
    })
    for (let at = 0; at < 40; at++) {
      const socket = connect(port, '127.0.0.1')
      socket.on('error', () => {})
      sockets.push(socket)
      socket.write(`POST /api/local/charts HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${16 << 20}\r\n\r\n`)
      for (let mib = 0; mib < 8; mib++) await new Promise((done) => socket.write(piece, done))
    }
    const answer = await server.ask('/api/local/charts', { method: 'POST', body: await buildChart({ name: 'web' }) })
    expect(answer.status).toBe(201)
    // 320 MiB have come.
    expect(process.memoryUsage.rss() - before).toBeLessThan(200 << 20)
  })
})
