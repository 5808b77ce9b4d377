// The short way past the application: what was answered a moment ago goes out again, counted and logged as ever.
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Logger } from 'pino'
import type { Metrics } from '../metrics/metrics.ts'
import { logRequest } from './access-log.ts'
import { clientOf } from './client.ts'
import type { RecentAnswer } from './recent-answers.ts'
import { requestIdOf } from './request-id.ts'

export interface AnswerAgainOptions {
  readonly find: (request: IncomingMessage) => RecentAnswer | undefined
  readonly isTrustedProxy: (address: string) => boolean
  /** Takes one request from what a client may still send; throws when there is none left. */
  readonly limit?: ((address: string) => void) | undefined
  readonly metrics: Metrics
  readonly log: Logger
}

/** Gives a function that answers a request when it can. False: nothing has been done, the application is to answer. */
export function answerAgain(
  options: AnswerAgainOptions,
): (request: IncomingMessage, response: ServerResponse) => boolean {
  const { find, isTrustedProxy, limit, metrics, log } = options
  return (request, response) => {
    const start = performance.now()
    const known = find(request)
    if (known === undefined) return false
    const client = clientOf(request, isTrustedProxy).address
    if (limit !== undefined && !isWithin(limit, client)) return false
    const { status, headers, body, path, route, answered } = known
    const requestId = requestIdOf(request.headers['x-request-id'])
    response.once('close', () => {
      const took = performance.now() - start
      metrics.answer(answered.repository, answered.kind, answered.cache ?? 'OK')
      metrics.request('GET', route, status, took / 1000)
      logRequest(log, {
        requestId,
        method: 'GET',
        path,
        status,
        bytes: body?.length ?? 0,
        ms: Math.round(took),
        ...(answered.cache === undefined ? {} : { cache: answered.cache }),
        ...(response.writableFinished ? {} : { aborted: true }),
        client,
        agent: request.headers['user-agent'] ?? '',
      })
    })
    response.writeHead(status, ['X-Request-Id', requestId, ...headers])
    response.end(body)
    return true
  }
}

/** Whoever has no requests left is told so by the application. */
function isWithin(limit: (address: string) => void, client: string): boolean {
  try {
    limit(client)
    return true
  } catch {
    return false
  }
}
