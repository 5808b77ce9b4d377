// When a client has gone, nobody needs to work for it any longer.
import type { Context } from 'koa'

/** Fires when the client goes away before the answer is out. */
export function signalOf(ctx: Context): AbortSignal {
  const controller = new AbortController()
  ctx.res.once('close', () => {
    if (!ctx.res.writableFinished) controller.abort()
  })
  return controller.signal
}
