// No server is asked for more than so many things at a time; further callers wait for their turn.

/** Runs a call when its server has a place free, in the order in which they came. */
export type HostLimit = <Value>(origin: string, call: () => Promise<Value>) => Promise<Value>

/** At most so many calls a server at a time. */
export function hostLimit(atOnce: number): HostLimit {
  const busy = new Map<string, { running: number; readonly waiting: (() => void)[] }>()
  return async (origin, call) => {
    const host = busy.get(origin) ?? { running: 0, waiting: [] }
    busy.set(origin, host)
    if (host.running < atOnce) host.running++
    else await new Promise<void>((turn) => host.waiting.push(turn))
    try {
      return await call()
    } finally {
      // The place goes to the next one without becoming free.
      const next = host.waiting.shift()
      if (next !== undefined) next()
      else if (--host.running === 0) busy.delete(origin)
    }
  }
}
