// Tells other servers about chart versions that were pushed or deleted: signed, tried again, never in anybody's way.
import { createHmac, randomUUID } from 'node:crypto'
import { discardBody, type HttpClient, messageOf, redactUrl } from '@chartferry/core/internal'

/** Where to send what. */
export interface Webhook {
  readonly url: string
  /** Signs what is sent; undefined: nothing is signed. */
  readonly secret?: string | undefined
  /** Those whose changes are told; undefined: all. */
  readonly repositories?: readonly string[] | undefined
}

/** What is told. */
export interface ChangeEvent {
  readonly action: 'push' | 'delete'
  readonly repository: string
  readonly name: string
  readonly version: string
  /** Who did it; undefined: nobody that is known. */
  readonly who?: string | undefined
}

export interface WebhooksOptions {
  readonly client: HttpClient
  readonly now: () => number
  readonly warn: (message: string, details: Readonly<Record<string, unknown>>) => void
  /** How many events may wait for one receiver. Default: 1000. */
  readonly waiting?: number
  /** How often one is sent in all. Default: 6. */
  readonly attempts?: number
  /** Milliseconds before the second attempt, doubled each time. Default: 1000. */
  readonly pause?: number
}

export interface Webhooks {
  /** Returns at once. An event that finds no room is dropped, and a line of the log says so. */
  readonly tell: (event: ChangeEvent) => void
  /** Sends what waits, once each, and ends; what a receiver does not take in five seconds in all is dropped. */
  close(): Promise<void>
}

/** Each receiver has a queue of its own: one that is away holds up no other. */
export function openWebhooks(webhooks: readonly Webhook[], options: WebhooksOptions): Webhooks {
  const closing = new AbortController()
  const receivers = webhooks.map((webhook) => receiver(webhook, options, closing.signal))
  return {
    tell: (event) => {
      const body = JSON.stringify({ id: randomUUID(), at: new Date(options.now()).toISOString(), ...event })
      for (const { webhook, add } of receivers) if (webhook.repositories?.includes(event.repository) ?? true) add(body)
    },
    close: async () => {
      closing.abort()
      await Promise.all(receivers.map(({ settled }) => settled()))
    },
  }
}

/** Milliseconds. */
const longestClose = 5000

interface Receiver {
  readonly webhook: Webhook
  readonly add: (body: string) => void
  readonly settled: () => Promise<void>
}

function receiver(webhook: Webhook, options: WebhooksOptions, closing: AbortSignal): Receiver {
  const { client, warn, waiting = 1000, attempts = 6, pause = 1000 } = options
  const queue: string[] = []
  let working: Promise<void> | undefined
  let closedAt = Number.POSITIVE_INFINITY
  const url = redactUrl(webhook.url)

  closing.addEventListener('abort', () => {
    closedAt = performance.now()
  })

  function dropAll(): void {
    for (const body of queue.splice(0))
      warn('a webhook was dropped: the server stops', { url, event: JSON.parse(body) })
  }

  /** Undefined when it was taken, otherwise why not. */
  async function send(body: string): Promise<string | undefined> {
    try {
      const headers = { 'content-type': 'application/json', ...signature(body, webhook.secret) }
      const response = await client.request(webhook.url, { method: 'POST', headers, body: Buffer.from(body) })
      discardBody(response)
      return response.status >= 200 && response.status < 300 ? undefined : `answers ${response.status}`
    } catch (thrown) {
      return messageOf(thrown)
    }
  }

  async function work(): Promise<void> {
    for (let body = queue[0]; body !== undefined; body = queue[0]) {
      let failure = await send(body)
      for (let sent = 1; failure !== undefined && sent < attempts && !closing.aborted; sent++) {
        await delay(pause * 2 ** (sent - 1), closing)
        failure = await send(body)
      }
      if (failure !== undefined) warn('a webhook was not delivered', { url, error: failure, event: JSON.parse(body) })
      queue.shift()
      if (closing.aborted && (failure !== undefined || performance.now() > closedAt + longestClose)) dropAll()
    }
    working = undefined
  }

  return {
    webhook,
    add: (body) => {
      if (queue.length >= waiting) {
        warn('a webhook was dropped: too many wait', { url, event: JSON.parse(body) })
        return
      }
      queue.push(body)
      working ??= work()
    },
    settled: () => working ?? Promise.resolve(),
  }
}

/** HMAC-SHA256 of the body, as GitHub's webhooks have it, under our own name. */
function signature(body: string, secret: string | undefined): Record<string, string> {
  if (secret === undefined) return {}
  return { 'x-chartferry-signature': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}` }
}

async function delay(milliseconds: number, closing: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, milliseconds)
  const wake = (): void => resolve()
  closing.addEventListener('abort', wake)
  if (!closing.aborted) await promise
  clearTimeout(timer)
  closing.removeEventListener('abort', wake)
}
