// Whether the process lives, and whether it can do its work.
import type { BlobStore } from '@chartferry/core'
import type { Context } from 'koa'

/** `/healthz`: the process answers. */
export function sendHealth(ctx: Context): void {
  ctx.set('Cache-Control', 'no-store')
  ctx.body = { status: 'ok' }
}

/**
 * `/readyz`: the store answers too. Upstreams do not count: without them we serve what we have. Throws
 * STORE_UNAVAILABLE.
 */
export async function sendReadiness(ctx: Context, store: BlobStore): Promise<void> {
  await store.stat('ready')
  sendHealth(ctx)
}
