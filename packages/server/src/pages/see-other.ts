// Leads a browser on after a form.
import type { Context } from 'koa'

/** Answers a form with the page to look at next (RFC 9110, 15.4.4). `path` is one of ours. */
export function seeOther(ctx: Context, path: string): void {
  ctx.set('Cache-Control', 'no-store')
  ctx.status = 303
  ctx.set('Location', path)
  ctx.type = 'text/plain'
  ctx.body = `see ${path}\n`
}
