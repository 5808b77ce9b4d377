// Requests that two servers in a row could read in two ways: they are refused, and the connection ends with them.
import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startChartMuseum } from '../../../../test/kit/chartmuseum.ts'
import { startServer } from '../../../../test/kit/server.ts'

let servers: Readonly<Record<string, { readonly url: string; close(): Promise<void> }>> = {}
beforeAll(async () => {
  servers = {
    serve: await startServer({ settings: { access: { push: ['anyone'] } } }),
    chartmuseum: await startChartMuseum(),
  }
})
afterAll(async () => {
  for (const server of Object.values(servers)) await server.close()
})

/** All that the server says to these bytes until it ends the connection, which it must. */
function answerTo(name: string, text: string): Promise<string> {
  const { hostname, port } = new URL(servers[name]?.url ?? '')
  return new Promise((done, fail) => {
    const socket = connect(Number(port), hostname, () => socket.write(text))
    let answer = ''
    socket.setEncoding('latin1').on('data', (piece: string) => {
      answer += piece
    })
    socket.on('close', () => done(answer)).on('error', fail)
  })
}

/** Both commands answer it; nobody may find it in a body. */
const hidden = 'GET /healthz HTTP/1.1\r\nHost: a\r\n\r\nGET /health HTTP/1.1\r\nHost: a\r\n\r\n'
const post = (headers: string, body: string): string =>
  `POST /api/charts HTTP/1.1\r\nHost: a\r\n${headers}\r\n\r\n${body}${hidden}`

describe.each(['serve', 'chartmuseum'])('the listener of %s', (name) => {
  it.each([
    ['two lengths', post('Content-Length: 0\r\nContent-Length: 30', '')],
    ['a length beside chunks', post('Content-Length: 5\r\nTransfer-Encoding: chunked', '0\r\n\r\n')],
    ['a length that is none', post('Content-Length: +5', 'abcde')],
    ['an encoding that it does not know', post('Transfer-Encoding: xchunked', '0\r\n\r\n')],
    ['chunks that are not the last encoding', post('Transfer-Encoding: chunked, identity', '0\r\n\r\n')],
    ['a size of a chunk that is none', post('Transfer-Encoding: chunked', '0x5\r\nabcde\r\n0\r\n\r\n')],
    ['a space before the colon', post('Content-Length : 5', 'abcde')],
    ['a header that goes on in the next line', post('X-A: b\r\n c: d', '')],
    ['a line feed alone', 'GET /healthz HTTP/1.1\nHost: a\n\n'],
    ['a NUL in a header', 'GET /healthz HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n'],
    ['no host', 'GET /healthz HTTP/1.1\r\n\r\n'],
    ['two hosts', 'GET /healthz HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n'],
    ['a head without end', `GET /healthz HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`],
    ['no HTTP', '\x16\x03\x01\x02\x00\x01'],
  ])('refuses %s', async (_what, text) => {
    const answer = await answerTo(name, text)
    expect(answer).toMatch(/^HTTP\/1\.1 4\d\d /)
    expect(answer).not.toMatch(/"status":"ok"|"healthy"/)
    expect(answer.match(/HTTP\/1\.1 /g)).toHaveLength(1)
  })
})
