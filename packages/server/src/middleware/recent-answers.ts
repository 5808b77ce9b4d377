// Many clients ask for the same at the same moment: an answer that anyone may have is given again for that moment, past
// all that would come to the same.
import type { IncomingMessage } from 'node:http'
import type { Middleware } from 'koa'
import { LRUCache } from 'lru-cache'
import { type Answered, answeredOf, isPublic } from '../routes/caller.ts'

/** An answer as it went out, without what is each request's own. */
export interface RecentAnswer {
  readonly status: number
  /** Names and values in turns. */
  readonly headers: readonly string[]
  readonly body: Buffer | undefined
  readonly answered: Answered
  /** For the metrics. */
  readonly route: string
  /** As it came, without the query. */
  readonly path: string
  /** On the clock of `performance.now`. */
  readonly until: number
}

export interface RecentAnswers {
  /** What the same question was answered a moment ago. Undefined: it is to be found out. */
  readonly find: (request: IncomingMessage) => RecentAnswer | undefined
  /** Keeps what the application answers; outermost, so that it sees all of it. */
  readonly keep: Middleware
  /** Something has changed: what was answered before counts no longer, nor does what is being answered now. */
  forget(): void
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
export function recentAnswers(): RecentAnswers {
  const answers = new LRUCache<string, RecentAnswer>({ maxSize: mostBytes })
  let changes = 0
  return {
    find: (request) => {
      const key = keyOf(request)
      const found = key === undefined ? undefined : answers.get(key)
      return found !== undefined && performance.now() < found.until ? found : undefined
    },
    keep: async (ctx, next) => {
      const before = changes
      await next()
      const key = keyOf(ctx.req)
      const answered = answeredOf(ctx)
      if (key === undefined || before !== changes || !isPublic(ctx)) return
      // What an upstream has just been asked for counts as such once.
      if (answered === undefined || (answered.cache ?? 'HIT') !== 'HIT') return
      const body: unknown = ctx.body
      if (ctx.status !== 304 && (ctx.status !== 200 || !Buffer.isBuffer(body))) return
      const answer: RecentAnswer = {
        status: ctx.status,
        headers: Object.entries(ctx.response.headers).flatMap(([name, value]) =>
          name === 'x-request-id' ? [] : [name, String(value)],
        ),
        body: Buffer.isBuffer(body) ? body : undefined,
        answered,
        route: ctx.state.route as string,
        path: ctx.path,
        until: performance.now() + moment,
      }
      answers.set(key, answer, { size: (answer.body?.length ?? 0) + key.length + overhead })
    },
    forget: () => {
      changes += 1
      answers.clear()
    },
  }
}

/** Undefined for a question whose answer may differ from one to the next. */
function keyOf({ method, url, headers }: IncomingMessage): string | undefined {
  if (method !== 'GET' || ownQuestion.some((name) => headers[name] !== undefined)) return undefined
  return asking.reduce((key, name) => `${key}\n${headers[name] ?? ''}`, url ?? '')
}
