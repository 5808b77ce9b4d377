import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { buildChart } from '../../../../test/kit/charts.ts'
import { closesAfterEach } from '../../../../test/kit/closing.ts'
import { startForwarder } from '../../../../test/kit/forwarder.ts'
import { startS3 } from '../../../../test/kit/s3.ts'
import { type Answer, startServer, type TestServer } from '../../../../test/kit/server.ts'
import { describeWithTools } from '../../../../test/kit/tools.ts'

const closeLater = closesAfterEach()
const push = async (server: TestServer, version: string): Promise<Answer> =>
  server.ask('/api/local/charts', { method: 'POST', body: await buildChart({ name: 'web', version }) })
/** Nobody else's question: no answer of a moment ago. */
const index = (server: TestServer): Promise<Answer> =>
  server.ask('/local/index.json', { headers: { origin: 'http://x' } })

describeWithTools('a hosted repository whose bucket falls silent', ['versitygw'], () => {
  it('is served as it was, says so, takes no pushes, and is whole again when the bucket is back', async () => {
    const s3 = await startS3()
    closeLater(() => s3.close())
    const between = await startForwarder(s3.options.endpoint)
    closeLater(() => between.close())
    const { bucket, region, credentials } = s3.options
    process.env.AWS_ACCESS_KEY_ID = credentials.accessKeyId
    process.env.AWS_SECRET_ACCESS_KEY = credentials.secretAccessKey
    const server = await startServer({
      settings: { s3: { bucket, region, endpoint: between.url, pollEvery: '1ms' } },
    })
    closeLater(() => server.close())
    expect((await push(server, '1.0.0')).status).toBe(201)
    const before = await index(server)
    expect([before.status, before.headers['x-cache']]).toEqual([200, undefined])
    expect((await server.ask('/readyz')).status).toBe(200)

    between.fallSilent()
    const [shown, ready, pushed] = await Promise.all([index(server), until503(server), push(server, '1.1.0')])
    expect([shown.status, shown.headers['x-cache']]).toEqual([200, 'STALE'])
    expect(shown.body.equals(before.body)).toBe(true)
    expect(ready.status).toBe(503)
    expect(pushed.status).toBe(503)
    expect(Number(pushed.headers['retry-after'])).toBeGreaterThan(0)
    // The next ones are told so at once.
    expect((await push(server, '1.1.0')).json()).toMatchObject({ code: 'STORE_UNAVAILABLE' })

    between.goOn()
    while ((await push(server, '1.2.0')).status !== 201);
    const after = await index(server)
    expect(after.headers['x-cache']).toBeUndefined()
    expect(Object.keys(after.json() as object)).toContain('entries')
    expect(after.body.toString()).toContain('1.2.0')
    expect((await server.ask('/readyz')).status).toBe(200)
  })
})

/** What was found a moment ago may be said once more. */
async function until503(server: TestServer): Promise<Answer> {
  for (;;) {
    const answer = await server.ask('/readyz')
    if (answer.status === 503) return answer
  }
}

describe('/readyz', () => {
  it('is no where the store can be read but not written', async () => {
    const server = await startServer()
    closeLater(() => server.close())
    expect((await server.ask('/readyz')).status).toBe(200)
    // No folder for what is half written: nobody can write, whoever they are.
    await rm(join(server.data, '.tmp'), { recursive: true })
    await writeFile(join(server.data, '.tmp'), '')
    const answer = await until503(server)
    expect(answer.json()).toMatchObject({
      code: 'STORE_UNAVAILABLE',
      error: expect.stringContaining('can be read, but not written') as string,
    })
    expect((await server.ask('/local/index.yaml')).status).toBe(200)
  })
})
