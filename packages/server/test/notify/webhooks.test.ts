import { createHmac } from 'node:crypto'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type HttpClient, openHttpClient } from '@chartferry/core/internal'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { buildChart } from '../../../../test/kit/charts.ts'
import { startServer } from '../../../../test/kit/server.ts'
import { type ChangeEvent, openWebhooks, type Webhooks } from '../../src/notify/webhooks.ts'

interface Received {
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** A real receiver; `statuses` are its next answers, 204 when there are no more. */
async function startReceiver(): Promise<{
  url: string
  received: Received[]
  statuses: number[]
  count(n: number): Promise<void>
  close(): void
}> {
  const received: Received[] = []
  const statuses: number[] = []
  let wake = (): void => {}
  const server = createServer((request, response) => {
    void request.toArray().then((pieces: Buffer[]) => {
      received.push({ headers: request.headers, body: Buffer.concat(pieces).toString() })
      response.writeHead(statuses.shift() ?? 204).end()
      wake()
    })
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    received,
    statuses,
    count: async (n) => {
      while (received.length < n) await new Promise<void>((done) => (wake = done))
    },
    close: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}

const event: ChangeEvent = { action: 'push', repository: 'local', name: 'web', version: '1.0.0', who: 'alice' }
let receiver: Awaited<ReturnType<typeof startReceiver>>
let client: HttpClient
let warnings: string[]
const open = (options: Partial<Parameters<typeof openWebhooks>[0][number]> = {}, waiting = 1000): Webhooks =>
  openWebhooks([{ url: receiver.url, ...options }], {
    client,
    now: () => 0,
    warn: (message) => void warnings.push(message),
    pause: 1,
    attempts: 3,
    waiting,
  })

beforeEach(async () => {
  receiver = await startReceiver()
  client = openHttpClient({ environment: {} })
  warnings = []
})
afterEach(async () => {
  await client.close()
  receiver.close()
})

describe('openWebhooks', () => {
  it('sends what happened, signed', async () => {
    const webhooks = open({ secret: 'shared' })
    webhooks.tell(event)
    await receiver.count(1)
    const [{ headers, body } = { headers: {}, body: '' }] = receiver.received
    expect(JSON.parse(body)).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      at: '1970-01-01T00:00:00.000Z',
      ...event,
    })
    const hmac = createHmac('sha256', 'shared').update(body).digest('hex')
    expect(headers).toMatchObject({ 'x-chartferry-signature': `sha256=${hmac}`, 'content-type': 'application/json' })
    await webhooks.close()
  })

  it('sends again what was not taken, in order, with the same identity', async () => {
    receiver.statuses.push(500, 503)
    const webhooks = open()
    webhooks.tell(event)
    webhooks.tell({ ...event, version: '2.0.0' })
    await receiver.count(4)
    const bodies = receiver.received.map(({ body }) => JSON.parse(body) as { id: string; version: string })
    expect(bodies.map(({ version }) => version)).toEqual(['1.0.0', '1.0.0', '1.0.0', '2.0.0'])
    expect(new Set(bodies.slice(0, 3).map(({ id }) => id)).size).toBe(1)
    await webhooks.close()
    expect(warnings).toEqual([])
  })

  it('gives up in the end, says so, and goes on with the next', async () => {
    receiver.statuses.push(500, 500, 500)
    const webhooks = open()
    webhooks.tell(event)
    webhooks.tell({ ...event, version: '2.0.0' })
    await receiver.count(4)
    await webhooks.close()
    expect(warnings).toEqual(['a webhook was not delivered'])
  })

  it('drops what finds no room, and says so', async () => {
    const webhooks = open({}, 2)
    for (let at = 0; at < 5; at++) webhooks.tell(event)
    await webhooks.close()
    expect(warnings).toEqual(Array(3).fill('a webhook was dropped: too many wait'))
    expect(receiver.received).toHaveLength(2)
  })

  it('does not hold up the end of the server for a receiver that is away', async () => {
    receiver.close()
    const webhooks = open()
    for (let at = 0; at < 5; at++) webhooks.tell(event)
    await webhooks.close()
    expect(warnings).toEqual([
      'a webhook was not delivered',
      ...Array(4).fill('a webhook was dropped: the server stops'),
    ])
  })

  it('tells a receiver of its repositories only', async () => {
    const webhooks = open({ repositories: ['other'] })
    webhooks.tell(event)
    webhooks.tell({ ...event, repository: 'other', action: 'delete' })
    await webhooks.close()
    expect(receiver.received.map(({ body }) => (JSON.parse(body) as ChangeEvent).repository)).toEqual(['other'])
  })

  it('is told by a push, not by one that is refused', async () => {
    const server = await startServer({ settings: { webhooks: [{ url: receiver.url }] } })
    const body = await buildChart({ name: 'web' })
    for (const status of [201, 409])
      expect((await server.ask('/api/local/charts', { method: 'POST', body })).status).toBe(status)
    await server.close()
    expect(receiver.received.map(({ body: sent }) => JSON.parse(sent) as unknown)).toEqual([
      expect.objectContaining({ action: 'push', repository: 'local', name: 'web', version: '1.0.0' }),
    ])
  })
})
