// Many clients ask for the same at the same moment: an answer that anyone may have is given again for that moment, past
// all that would come to the same.
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Context, Middleware } from 'koa'
import { LRUCache } from 'lru-cache'
import { clientOf } from './client.ts'
import { requestIdOf } from './request-id.ts'

/** An answer as it went out, without what is each request's own. */
interface RecentAnswer {
  readonly status: number
  /** Names and values in turns. */
  readonly headers: readonly string[]
  readonly body: Buffer | string | undefined
  readonly onRepeated: OnRepeated
  /** On the clock of `performance.now`. */
  readonly until: number
}

/** A request that was answered again. */
export interface RepeatedAnswer {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly requestId: string
  /** Its address. */
  readonly client: string
  readonly milliseconds: number
}

/** Called when the answer has been sent or the client has gone. */
export type OnRepeated = (repeated: RepeatedAnswer) => void

export interface RecentAnswersOptions {
  /** Gives what is to be done whenever an answer of so many bytes is repeated; undefined for one that must not be. */
  readonly repeatable: (ctx: Context, bytes: number) => OnRepeated | undefined
  /** Whose `X-Forwarded-*` headers are believed. */
  readonly isTrustedProxy: (address: string) => boolean
  /** Takes one request from what a client may still send; throws when there is none left. Default: no limit. */
  readonly limit?: ((address: string) => void) | undefined
}

export interface RecentAnswers {
  /** Answers what was answered a moment ago. False: nothing has been done, the application is to answer. */
  readonly answer: (request: IncomingMessage, response: ServerResponse) => boolean
  /**
   * Keeps what the application answers; outermost, so that it sees all of it. Whatever may change something ends the
   * life of all that is kept, and of what is being answered, before it is answered itself.
   */
  readonly remember: Middleware
}

/** Milliseconds for which an answer is given again: no longer than anybody could notice. */
const moment = 250
const mostBytes = 8 * 1024 * 1024
/** What an entry takes beside its body. */
const overhead = 2000

/** The same path with the same values of these headers is the same question. */
const asking = ['accept', 'accept-encoding', 'if-none-match'] as const
/** A question with one of these is nobody else's. */
const ownQuestion = ['authorization', 'range', 'if-range', 'via', 'origin'] as const

/** Answers of one application. */
export function recentAnswers({ repeatable, isTrustedProxy, limit }: RecentAnswersOptions): RecentAnswers {
  const answers = new LRUCache<string, RecentAnswer>({ maxSize: mostBytes })
  let changes = 0

  function find(request: IncomingMessage): RecentAnswer | undefined {
    const key = keyOf(request)
    const found = key === undefined ? undefined : answers.get(key)
    return found !== undefined && performance.now() < found.until ? found : undefined
  }

  return {
    answer: (request, response) => {
      const start = performance.now()
      const answer = find(request)
      if (answer === undefined) return false
      const client = clientOf(request, isTrustedProxy).address
      if (limit !== undefined && !isWithin(limit, client)) return false
      const requestId = requestIdOf(request.headers['x-request-id'])
      response.once('close', () =>
        answer.onRepeated({ request, response, requestId, client, milliseconds: performance.now() - start }),
      )
      response.writeHead(answer.status, ['X-Request-Id', requestId, ...answer.headers])
      response.end(answer.body)
      return true
    },
    remember: async (ctx, next) => {
      const before = changes
      await next()
      if (ctx.method !== 'GET' && ctx.method !== 'HEAD') {
        changes += 1
        answers.clear()
        return
      }
      const key = keyOf(ctx.req)
      if (key === undefined || before !== changes) return
      const body = bodyOf(ctx)
      if (ctx.status !== 304 && (ctx.status !== 200 || body === undefined)) return
      const headers = Object.entries(ctx.response.headers).flatMap(([name, value]) =>
        name === 'x-request-id' ? [] : [name, String(value)],
      )
      const length = Buffer.byteLength(body ?? '')
      const onRepeated = repeatable(ctx, length)
      if (onRepeated === undefined) return
      const answer = { status: ctx.status, headers, body, onRepeated, until: performance.now() + moment }
      answers.set(key, answer, { size: length + key.length + overhead })
    },
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

function bodyOf({ body }: Context): Buffer | string | undefined {
  return Buffer.isBuffer(body) || typeof body === 'string' ? body : undefined
}

/** Undefined for a question whose answer may differ from one to the next. */
function keyOf({ method, url, headers }: IncomingMessage): string | undefined {
  if (method !== 'GET' || ownQuestion.some((name) => headers[name] !== undefined)) return undefined
  return asking.reduce((key, name) => `${key}\n${headers[name] ?? ''}`, url ?? '')
}
