import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { closesAfterEach } from '../../../../../test/kit/closing.ts'
import { type ErrorCode, isChartferryError } from '../../../src/errors.ts'
import { type HttpClientOptions, openHttpClient } from '../../../src/oci/http/http-client.ts'
import { readBody } from '../../../src/oci/http/response-body.ts'
import { discardBody } from '../../../src/oci/http/send-request.ts'

type Handler = (request: IncomingMessage, response: ServerResponse) => void
const closeLater = closesAfterEach()

async function serve(handler: Handler): Promise<{ url: string; requests: IncomingMessage[]; server: Server }> {
  const requests: IncomingMessage[] = []
  const server = createServer((request, response) => {
    requests.push(request)
    handler(request, response)
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  closeLater(() => new Promise((done) => server.close(done).closeAllConnections()))
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests, server }
}

function open(options: HttpClientOptions = {}): ReturnType<typeof openHttpClient> {
  const client = openHttpClient({ environment: {}, retryDelay: 1, ...options })
  closeLater(() => client.close())
  return client
}

async function codeOf(promise: Promise<unknown>): Promise<ErrorCode | undefined> {
  return promise.then(
    () => undefined,
    (thrown: unknown) => (isChartferryError(thrown) ? thrown.code : undefined),
  )
}

const limit = { maxBytes: 1000 }

describe('HttpClient.request', () => {
  it('gives status, headers and body, and names itself', async () => {
    const server = await serve((_request, response) => response.setHeader('x-a', ['1', '2']).end('hello'))
    const response = await open().request(`${server.url}/a?b=c`)
    expect(response).toMatchObject({ status: 200, url: `${server.url}/a?b=c` })
    expect(response.headers['x-a']).toBe('1, 2')
    expect((await readBody(response, limit)).toString()).toBe('hello')
    expect(server.requests[0]?.headers['user-agent']).toMatch(/^chartferry\/\d+\.\d+\.\d+$/)
    expect(server.requests[0]?.url).toBe('/a?b=c')
  })

  it('sends the user and password of the URL as a header and not in the address', async () => {
    const server = await serve((_request, response) => response.end())
    const response = await open().request(server.url.replace('//', '//me:p%40ss@'))
    discardBody(response)
    expect(server.requests[0]?.headers.authorization).toBe(`Basic ${Buffer.from('me:p@ss').toString('base64')}`)
    expect(response.url).not.toContain('me')
  })

  it('drops credentials on a redirect to another origin, also on the way back', async () => {
    const other = await serve((_request, response) => response.end('there'))
    const home = await serve((request, response) =>
      request.url === '/same'
        ? response.writeHead(302, { location: `${other.url}/x` }).end()
        : response.writeHead(307, { location: '/same' }).end(),
    )
    const credential = { kind: 'bearer', token: 't' } as const
    const response = await open().request(`${home.url}/start`, {
      credential,
      headers: { cookie: 'c=1', 'x-other': 'kept' },
    })
    expect((await readBody(response, limit)).toString()).toBe('there')
    expect(home.requests.map(({ headers }) => headers.authorization)).toEqual(['Bearer t', 'Bearer t'])
    expect(other.requests[0]?.headers).not.toHaveProperty('authorization')
    expect(other.requests[0]?.headers).not.toHaveProperty('cookie')
    expect(other.requests[0]?.headers['x-other']).toBe('kept')
  })

  it('sends no credential to an origin that is not home', async () => {
    const server = await serve((_request, response) => response.end())
    const credential = { kind: 'basic', username: 'u', password: 'p' } as const
    discardBody(await open().request(server.url, { credential, home: 'https://charts.example.com' }))
    expect(server.requests[0]?.headers).not.toHaveProperty('authorization')
  })

  it('follows five redirects and no more', async () => {
    const server = await serve((request, response) =>
      response.writeHead(302, { location: `/${Number(request.url?.slice(1)) + 1}` }).end(),
    )
    expect(await codeOf(open().request(`${server.url}/1`))).toBe('UPSTREAM_INVALID')
    expect(server.requests).toHaveLength(6)
  })

  it.each(['ftp://h/x', 'file:///etc/passwd', 'http://['])('follows no redirect to %s', async (location) => {
    const server = await serve((_request, response) => response.writeHead(302, { location }).end())
    expect(await codeOf(open().request(server.url))).toBe('UPSTREAM_INVALID')
  })

  it.each([
    'http://169.254.169.254/latest',
    'http://[fe80::1]/',
    'http://[::ffff:169.254.169.254]/',
    'http://2852039166/',
  ])('follows no redirect to the link-local address %s', async (location) => {
    const server = await serve((_request, response) => response.writeHead(302, { location }).end())
    const failure = await open()
      .request(server.url)
      .catch((thrown: unknown) => thrown)
    expect(failure).toMatchObject({ code: 'UPSTREAM_UNREACHABLE', details: { reason: 'address not allowed' } })
  })

  it.each([502, 503, 504])('sends a GET again after %d', async (status) => {
    let left = 2
    const server = await serve((_request, response) => response.writeHead(left-- > 0 ? status : 200).end('x'))
    const response = await open().request(server.url)
    expect(response.status).toBe(200)
    discardBody(response)
    expect(server.requests).toHaveLength(3)
  })

  it('gives up after the attempts, with the last answer', async () => {
    const server = await serve((_request, response) => response.writeHead(503, { 'retry-after': '0' }).end())
    const response = await open({ attempts: 2 }).request(server.url)
    discardBody(response)
    expect([response.status, server.requests.length]).toEqual([503, 2])
  })

  it('does not wait for a Retry-After that is far away', async () => {
    const server = await serve((_request, response) => response.writeHead(503, { 'retry-after': '3600' }).end())
    const response = await open().request(server.url)
    discardBody(response)
    expect(server.requests).toHaveLength(1)
  })

  it('sends a POST once', async () => {
    const server = await serve((_request, response) => response.writeHead(503).end())
    discardBody(await open().request(server.url, { method: 'POST', body: 'x' }))
    expect(server.requests).toHaveLength(1)
  })

  it('sends a GET again when the connection breaks', async () => {
    let left = 1
    const server = await serve((request, response) => (left-- > 0 ? request.socket.destroy() : response.end('x')))
    const response = await open().request(server.url)
    expect((await readBody(response, limit)).toString()).toBe('x')
    expect(server.requests).toHaveLength(2)
  })

  it('says that a connection was refused', async () => {
    const { url, server } = await serve((_request, response) => response.end())
    await new Promise((done) => server.close(done))
    const failure = await open({ attempts: 1 })
      .request(`${url}/p?secret=1`)
      .catch((thrown: unknown) => thrown)
    expect(failure).toMatchObject({ code: 'UPSTREAM_UNREACHABLE', details: { reason: 'refused' } })
    expect(String(failure)).toContain(`${url}/p?…`)
    expect(String(failure)).not.toContain('secret')
  })

  it('says that a server is silent', async () => {
    const server = await serve(() => {})
    expect(await codeOf(open({ timeout: 50 }).request(server.url))).toBe('UPSTREAM_TIMEOUT')
    expect(server.requests).toHaveLength(1)
  })

  it('stops when the signal fires', async () => {
    const stop = new AbortController()
    const server = await serve(() => stop.abort())
    expect(await codeOf(open().request(server.url, { signal: stop.signal }))).toBe('CANCELLED')
  })

  it('goes through the proxy of the environment, and past it where NO_PROXY says so', async () => {
    const target = await serve((_request, response) => response.end('direct'))
    const asked: (string | undefined)[] = []
    const proxy = await serve((request, response) => {
      asked.push(request.url)
      response.end('proxied')
    })
    proxy.server.on('connect', (request, socket) => {
      asked.push(request.url)
      socket.end('HTTP/1.1 403 Forbidden\r\n\r\n')
    })
    const direct = open({ environment: { http_proxy: proxy.url, NO_PROXY: '127.0.0.1' } })
    expect((await readBody(await direct.request(target.url), limit)).toString()).toBe('direct')
    expect(asked).toEqual([])
    const through = open({ environment: { HTTP_PROXY: proxy.url }, attempts: 1 })
    await through.request('http://charts.invalid/index.yaml').then(discardBody, () => {})
    expect(asked.join()).toContain('charts.invalid')
  })
})

describe('readBody', () => {
  it('unpacks gzip', async () => {
    const server = await serve((_request, response) =>
      response.setHeader('content-encoding', 'gzip').end(gzipSync('plain')),
    )
    expect((await readBody(await open().request(server.url), limit)).toString()).toBe('plain')
  })

  const gzipped = (response: ServerResponse, body: Buffer | string): void => {
    response.setHeader('content-encoding', 'gzip').end(body)
  }
  const answers: readonly (readonly [string, (response: ServerResponse) => void, ErrorCode])[] = [
    ['more bytes than allowed', (response) => response.end('x'.repeat(1001)), 'INDEX_TOO_LARGE'],
    [
      'more pieces than allowed',
      (response) => response.write('x') && response.end('x'.repeat(1000)),
      'INDEX_TOO_LARGE',
    ],
    ['a gzip bomb', (response) => gzipped(response, gzipSync('x'.repeat(100_000))), 'INDEX_TOO_LARGE'],
    ['broken gzip', (response) => gzipped(response, 'not gzip'), 'UPSTREAM_INVALID'],
    [
      'an encoding not asked for',
      (response) => response.setHeader('content-encoding', 'br').end('x'),
      'UPSTREAM_INVALID',
    ],
    [
      'a body that is cut',
      (response) => {
        response.writeHead(200, { 'content-length': '100' }).write('x')
        response.socket?.destroySoon()
      },
      'UPSTREAM_UNREACHABLE',
    ],
  ]

  it.each(answers)('refuses %s', async (_title, answer, code) => {
    const server = await serve((_request, response) => answer(response))
    const response = await open().request(server.url)
    expect(await codeOf(readBody(response, { maxBytes: 1000, tooLarge: 'INDEX_TOO_LARGE' }))).toBe(code)
  })

  it('says that a body stops coming', async () => {
    const server = await serve(
      (_request, response) => void response.writeHead(200, { 'content-length': '100' }).write('x'),
    )
    const response = await open({ timeout: 50 }).request(server.url)
    expect(await codeOf(readBody(response, limit))).toBe('UPSTREAM_TIMEOUT')
  })
})
