// The state of the server itself, for those who may read its metrics.
import process from 'node:process'
import type { Context } from 'koa'
import { callerOf } from '../routes/caller.ts'
import { bytesText, type Html, html } from './html.ts'
import type { PageOptions } from './page-options.ts'

/** Nothing for everybody else. */
export function serverState(ctx: Context, { access, version }: PageOptions): Html | undefined {
  if (!access.allowsServer(callerOf(ctx), 'metrics')) return undefined
  return html`<section><h2>Server</h2><dl class="facts" id="server" data-live><div><dt>version</dt><dd>${version}</dd></div><div><dt>running for</dt><dd>${durationText(
    process.uptime(),
  )}</dd></div><div><dt>memory</dt><dd>${bytesText(process.memoryUsage.rss())}</dd></div></dl></section>`
}

/** Seconds as people say them: `3 h 20 min`. */
function durationText(seconds: number): string {
  const minutes = Math.floor(seconds / 60)
  const [hours, days] = [Math.floor(minutes / 60), Math.floor(minutes / 1440)]
  if (days > 0) return `${days} d ${hours % 24} h`
  if (hours > 0) return `${hours} h ${minutes % 60} min`
  return minutes > 0 ? `${minutes} min` : `${Math.floor(seconds)} s`
}
