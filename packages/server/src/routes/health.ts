// Whether the process lives, and whether it can do its work.
import type { BlobStore } from '@chartferry/core/transfer'
import type { Context } from 'koa'

/** `/healthz`: the process answers. */
export function sendHealth(ctx: Context): void {
  ctx.set('Cache-Control', 'no-store')
  ctx.body = { status: 'ok' }
}

export interface ReadinessOptions {
  readonly store: BlobStore
  /** Whether the server has been asked to stop. */
  readonly isStopping: () => boolean
}

/**
 * `/readyz`: the store answers too, and nobody has asked the server to stop. Upstreams do not count: without them we
 * serve what we have. Throws STORE_UNAVAILABLE.
 */
export async function sendReadiness(ctx: Context, { store, isStopping }: ReadinessOptions): Promise<void> {
  await store.stat('ready')
  sendHealth(ctx)
  if (!isStopping()) return
  ctx.status = 503
  ctx.body = { status: 'stopping' }
}
