// What a hosted store does now and then without being asked: bytes go that nobody needs any more.
import { messageOf } from '@chartferry/core/internal'
import type { HostedStore } from './hosted-store.ts'

export interface HousekeepingOptions {
  readonly store: Pick<HostedStore, 'collectGarbage'>
  /** What is done first each time; it throws nothing. Default: nothing. */
  readonly before?: () => Promise<void>
  readonly warn: (message: string, details: Readonly<Record<string, unknown>>) => void
  /** Milliseconds before the first time. Default: ten minutes. */
  readonly first?: number
  /** Milliseconds between one time and the next. Default: a day. */
  readonly every?: number
}

/** Begins; gives what ends it. Nothing is kept running for it. */
export function keepHouse({
  store,
  warn,
  before,
  first = 600_000,
  every = 86_400_000,
}: HousekeepingOptions): () => void {
  let timer: NodeJS.Timeout | undefined
  const after = (milliseconds: number): void => {
    timer = setTimeout(() => void tidy(), milliseconds).unref()
  }
  async function tidy(): Promise<void> {
    await before?.()
    await store.collectGarbage().catch((thrown: unknown) => {
      warn('unused bytes of hosted repositories could not be collected', { error: messageOf(thrown) })
    })
    if (timer !== undefined) after(every)
  }
  after(first)
  return () => {
    clearTimeout(timer)
    timer = undefined
  }
}
