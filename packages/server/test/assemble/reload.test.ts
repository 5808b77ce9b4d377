import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { Agent, request } from 'node:http'
import { request as requestTls } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isChartferryError } from '@chartferry/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { selfSigned } from '../../../../test/kit/certificate.ts'
import { type Answer, ask } from '../../../../test/kit/server.ts'
import { startUpstream } from '../../../../test/kit/upstream.ts'
import { loadConfig } from '../../src/config/load-config.ts'
import { type RunningServer, serve } from '../../src/serve.ts'

let folder: string
let log: Record<string, unknown>[]
let server: RunningServer

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'chartferry-reload-'))
  log = []
})
afterEach(async () => {
  await server.close()
  await rm(folder, { recursive: true, force: true })
})

const file = (): string => join(folder, 'server.yaml')
const write = (text: string): Promise<void> =>
  writeFile(file(), `listen: 127.0.0.1:0\ndata: ${join(folder, 'data')}\nstopWithin: 2s\n${text}`)

async function start(text: string, lookEvery = 0): Promise<void> {
  await write(text)
  // The last lines of a server come when the next test has begun.
  const own = log
  server = await serve({
    load: () => loadConfig({ file: file(), environment: {} }),
    lookEvery,
    environment: {},
    logTo: { write: (line) => void own.push(JSON.parse(line) as Record<string, unknown>) },
  })
}

const statusOf = async (path: string): Promise<number> => (await ask(server.url, path)).status

/** Waits for a turn of the event loop until something is so. */
async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((turn) => setImmediate(turn))
}

describe('reading the configuration again', () => {
  it('changes repositories, users and rules at once, at the same address', async () => {
    await start('repositories: { one: { kind: hosted } }')
    const { url } = server
    expect([await statusOf('/one/index.yaml'), await statusOf('/two/index.yaml')]).toEqual([200, 404])
    await write(
      'repositories: { two: { kind: hosted } }\nauth: { users: { alice: { password: x } } }\naccess: { pull: [anyone] }',
    )
    await server.reload()
    expect(server.url).toBe(url)
    expect([await statusOf('/one/index.yaml'), await statusOf('/two/index.yaml')]).toEqual([404, 200])
    expect((await ask(url, '/api/two/charts', { method: 'POST' })).status).toBe(401)
    expect(await server.banner()).toContain('two ')
  })

  it('keeps everything as it is when the new one has faults', async () => {
    await start('repositories: { one: { kind: hosted } }')
    await write('repositories: { two: { kind: wrong } }')
    await expect(server.reload()).rejects.toSatisfy((thrown) => isChartferryError(thrown, 'CONFIG_INVALID'))
    expect(await statusOf('/one/index.yaml')).toBe(200)
    expect(log).toContainEqual(expect.objectContaining({ msg: 'the configuration was read again, and is not used' }))
  })

  it('is done by POST /admin/reload for who may', async () => {
    await start('repositories: { one: { kind: hosted } }')
    await write('repositories: { two: { kind: hosted } }')
    const far = await ask(server.url, '/admin/reload', { method: 'POST', headers: { via: '1.1 proxy' } })
    expect(far.status).toBe(403)
    const near = await ask(server.url, '/admin/reload', { method: 'POST' })
    expect([near.status, near.json()]).toEqual([200, { done: true }])
    expect(await statusOf('/two/index.yaml')).toBe(200)
    await write('listen: 1')
    expect((await ask(server.url, '/admin/reload', { method: 'POST' })).json()).toMatchObject({
      code: 'CONFIG_INVALID',
    })
  })

  it('lets a request that runs end with what it began with', async () => {
    const upstream = await startUpstream([{ name: 'web' }])
    await start(`repositories: { up: { url: "${upstream.url}" } }`)
    const release = upstream.hold()
    const asked = ask(server.url, '/up/index.yaml')
    await until(() => upstream.requests.length > 0)
    await write('repositories: { other: { kind: hosted } }')
    await server.reload()
    expect(await statusOf('/up/index.yaml')).toBe(404)
    release()
    expect((await asked).status).toBe(200)
    await upstream.close()
  })

  it('moves to another address, and answers at the old one what was asked there', async () => {
    await start('adminListen: 127.0.0.1:0\nrepositories: { one: { kind: hosted } }')
    const [url, adminUrl] = [server.url, server.adminUrl ?? '']
    const text = `listen: "[::1]:0"\ndata: ${join(folder, 'data')}\nrepositories: { one: { kind: hosted } }`
    await writeFile(file(), text)
    await server.reload()
    expect(server.url).toContain('[::1]')
    expect(server.adminUrl).toBeUndefined()
    await until(async () =>
      (await Promise.allSettled([ask(url, '/healthz'), ask(adminUrl, '/healthz')])).every(
        ({ status }) => status === 'rejected',
      ),
    )
    const { hostname, port } = new URL(server.url)
    const answer = request({ hostname: hostname.replace(/[[\]]/g, ''), port, path: '/metrics' })
    answer.end()
    const [response] = (await once(answer, 'response')) as [{ statusCode: number; resume(): void }]
    response.resume()
    expect(response.statusCode).toBe(200)
  })

  it('happens by itself when a file of it changes, and again when a wrong one is mended', async () => {
    await writeFile(join(folder, 'users'), '')
    await start('auth: { usersFile: users }\nrepositories: { one: { kind: hosted } }', 20)
    await writeFile(join(folder, 'users'), 'alice:plain\n')
    await until(() => log.some(({ msg }) => msg === 'the configuration was read again, and is not used'))
    expect(await statusOf('/one/index.yaml')).toBe(200)
    await writeFile(join(folder, 'users'), 'alice:$2y$10$nOUIs5kJ7naTuTFkBy1veuK0kSxUFXfuaOKdOKf9xYT0KKIGSJwFa\n')
    await until(() => log.some(({ msg }) => msg === 'the configuration was read again'))
    expect(await statusOf('/one/index.yaml')).toBe(401)
  })
})

describe('tls', () => {
  const secured = 'tls: { certFile: tls.crt, keyFile: tls.key }\nrepositories: { one: { kind: hosted } }'

  async function put({ cert, key }: { cert: string; key: string }): Promise<void> {
    await writeFile(join(folder, 'tls.key'), key)
    await writeFile(join(folder, 'tls.crt'), cert)
  }
  async function askTls(ca: string): Promise<number> {
    const sent = requestTls(`${server.url}/one/index.yaml`, { ca, agent: false })
    sent.end()
    const [response] = (await once(sent, 'response')) as [{ statusCode: number; resume(): void }]
    response.resume()
    return response.statusCode
  }

  it('takes a new certificate when its files change', async () => {
    const [first, second] = [selfSigned('one.example.com'), selfSigned('two.example.com')]
    await put(first)
    await start(secured, 20)
    expect(server.url).toMatch(/^https:/)
    expect(await askTls(first.cert)).toBe(200)
    await put(second)
    await until(() => log.some(({ msg }) => msg === 'the configuration was read again'))
    expect(await askTls(second.cert)).toBe(200)
    await expect(askTls(first.cert)).rejects.toThrow(/self.signed/)
  })

  it('refuses a key of another certificate, and to be switched off while the server runs', async () => {
    const [first, second] = [selfSigned('one.example.com'), selfSigned('two.example.com')]
    await put(first)
    await start(secured)
    await writeFile(join(folder, 'tls.key'), second.key)
    await expect(server.reload()).rejects.toThrow('is not that of the certificate')
    await write('repositories: { one: { kind: hosted } }')
    await expect(server.reload()).rejects.toThrow('cannot be switched')
    expect(await askTls(first.cert)).toBe(200)
  })
})

describe('the listener of the administration', () => {
  it('alone has metrics and administration', async () => {
    await start('adminListen: 127.0.0.1:0\nrepositories: { one: { kind: hosted } }')
    const at = (url: string | undefined, path: string): Promise<Answer> => ask(url ?? '', path)
    expect((await at(server.adminUrl, '/metrics')).body.toString()).toContain('chartferry_requests_total')
    expect((await at(server.adminUrl, '/readyz')).status).toBe(200)
    expect((await at(server.adminUrl, '/one/index.yaml')).status).toBe(404)
    expect([(await at(server.url, '/metrics')).status, (await at(server.url, '/admin/reload')).status]).toEqual([
      404, 404,
    ])
  })
})

describe('fifty clients', () => {
  /** Ask over connections that are kept, one request after the other, until told to stop; gives what went wrong. */
  function clients(paths: readonly string[]): { answered: () => number; stop: () => Promise<readonly string[]> } {
    let isStopped = false
    let answered = 0
    const failures: string[] = []
    const once = async (agent: Agent, path: string): Promise<void> => {
      const { promise, resolve } = Promise.withResolvers<void>()
      const sent = request(new URL(path, server.url), { agent }, (response) => {
        response.on('end', () => {
          answered += 1
          if (response.statusCode !== 200) failures.push(`${path}: ${response.statusCode}`)
          resolve()
        })
        response.on('error', (thrown) => failures.push(`${path}: body ${thrown.message}`))
        response.resume()
      })
      sent.on('error', (thrown) => {
        failures.push(`${path}: ${thrown.message}`)
        resolve()
      })
      sent.end()
      await promise
    }
    const all = Promise.all(
      Array.from({ length: 50 }, async (_, at) => {
        const agent = new Agent({ keepAlive: true, maxSockets: 1 })
        while (!isStopped) await once(agent, paths[at % paths.length] ?? '')
        agent.destroy()
      }),
    )
    return {
      answered: () => answered,
      stop: async () => {
        isStopped = true
        await all
        return failures
      },
    }
  }

  it('see no failure while the configuration is read again and again', async () => {
    const upstream = await startUpstream([{ name: 'web' }])
    await start(`repositories: { one: { kind: hosted }, up: { url: "${upstream.url}", freshFor: 1h } }`)
    const crowd = clients(['/one/index.yaml', '/up/index.yaml', '/', '/up'])
    for (let round = 1; round <= 20; round++) {
      const before = crowd.answered()
      await server.reload()
      await until(() => crowd.answered() > before + 50)
    }
    const failures = await crowd.stop()
    expect(log.filter(({ level }) => Number(level) >= 50)).toEqual([])
    expect(failures).toEqual([])
    expect(crowd.answered()).toBeGreaterThan(1000)
    await upstream.close()
  })

  it('see none when the server stops, if they heed /readyz', async () => {
    await start('drainFor: 500ms\nrepositories: { one: { kind: hosted } }')
    const crowd = clients(['/one/index.yaml', '/'])
    await until(() => crowd.answered() > 500)
    const closed = server.close()
    await until(async () => (await statusOf('/readyz')) === 503)
    expect(await crowd.stop()).toEqual([])
    await closed
    await expect(ask(server.url, '/healthz')).rejects.toThrow('ECONNREFUSED')
  })
})
