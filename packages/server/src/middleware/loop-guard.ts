// A request that has come through this server before would run in a circle (RFC 9110, 7.6.3).
import { ChartferryError } from '@chartferry/core'
import type { Middleware } from 'koa'

/** Throws LOOP_DETECTED when Via names us. */
export function loopGuard(pseudonym: string): Middleware {
  return async (ctx, next) => {
    if (ctx.get('via').includes(pseudonym)) {
      throw new ChartferryError('LOOP_DETECTED', 'the upstream of this repository leads back to this server')
    }
    await next()
  }
}
