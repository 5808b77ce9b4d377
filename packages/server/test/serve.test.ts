import { isChartferryError } from '@chartferry/core'
import { describe, expect, it } from 'vitest'
import { startServer } from '../../../test/kit/server.ts'
import { startUpstream } from '../../../test/kit/upstream.ts'

describe('serve', () => {
  it('starts while no upstream can be reached, and says so when asked', async () => {
    const server = await startServer({
      repositories: { local: { kind: 'hosted' }, gone: 'http://charts.invalid' },
      settings: { upstreamTimeout: '1s' },
    })
    expect(await server.running.banner()).toContain('gone         proxy    http://charts.invalid   not fetched yet')
    expect((await server.ask('/readyz')).status).toBe(200)
    const answer = await server.ask('/gone/index.yaml')
    expect(answer.status).toBe(502)
    expect(await server.running.banner()).toContain('unreachable (DNS) · will retry')
    await server.close()
  })

  it('prints what to type next', async () => {
    const server = await startServer({ repositories: { local: { kind: 'hosted' }, up: 'http://charts.invalid' } })
    const banner = await server.running.banner()
    expect(banner).toMatch(/^chartferry \d+\.\d+\.\d+ · http:\/\/127\.0\.0\.1:\d+ · data in /)
    expect(banner).toContain(`  helm repo add up ${server.url}/up\n`)
    expect(banner).toContain(`  curl --data-binary @mychart-1.0.0.tgz ${server.url}/api/local/charts\n`)
    await server.close()
  })

  it('says that the address is taken', async () => {
    const server = await startServer()
    const failure = startServer({ settings: { listen: new URL(server.url).host } })
    await expect(failure).rejects.toSatisfy((thrown) => isChartferryError(thrown, 'CONFIG_INVALID'))
    await server.close()
  })

  it('lets a running request end before it stops', async () => {
    const upstream = await startUpstream([{ name: 'web' }])
    const server = await startServer({ repositories: { up: upstream.url } })
    const release = upstream.hold()
    const asked = server.ask('/up/index.yaml')
    while (upstream.requests.length === 0) await new Promise((turn) => setImmediate(turn))
    const closed = server.running.close()
    release()
    expect((await asked).status).toBe(200)
    await closed
    await expect(server.ask('/healthz')).rejects.toThrow('ECONNREFUSED')
    await server.close()
    await upstream.close()
  })

  it('stops at the deadline when a request does not end', async () => {
    const upstream = await startUpstream([{ name: 'web' }])
    const server = await startServer({ repositories: { up: upstream.url }, settings: { stopWithin: '50ms' } })
    const release = upstream.hold()
    const asked = server.ask('/up/index.yaml').catch((thrown: unknown) => String(thrown))
    while (upstream.requests.length === 0) await new Promise((turn) => setImmediate(turn))
    await server.running.close()
    expect(await asked).toMatch(/hang up|ECONNRESET/)
    release()
    await server.close()
    await upstream.close()
  })
})
