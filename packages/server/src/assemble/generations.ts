// A server whose configuration changes: the requests that run end with the parts they began with, new ones get new
// parts.
import type { RequestListener } from 'node:http'
import type { Assembly } from './assemble.ts'

export interface Generations {
  readonly current: Assembly
  readonly handle: RequestListener
  readonly handleAdmin: RequestListener
  /** New requests go to the next one; the one before is closed when its last request has ended. */
  replace(next: Assembly): void
  /** Closes the current one, and waits for those before. */
  close(): Promise<void>
}

interface Generation {
  readonly assembly: Assembly
  running: number
  readonly idle: PromiseWithResolvers<void>
  isRetired: boolean
}

/** Begins with one assembly. */
export function generations(first: Assembly): Generations {
  let current = generationOf(first)
  const retiring = new Set<Promise<void>>()
  const through =
    (pick: (assembly: Assembly) => RequestListener): RequestListener =>
    (request, response) => {
      const generation = current
      generation.running += 1
      response.once('close', () => {
        generation.running -= 1
        if (generation.isRetired && generation.running === 0) generation.idle.resolve()
      })
      pick(generation.assembly)(request, response)
    }
  function retire(generation: Generation): Promise<void> {
    generation.isRetired = true
    if (generation.running === 0) generation.idle.resolve()
    const done = generation.idle.promise.then(() => generation.assembly.close())
    retiring.add(done)
    return done.finally(() => retiring.delete(done))
  }
  return {
    get current() {
      return current.assembly
    },
    handle: through(({ handle }) => handle),
    handleAdmin: through(({ handleAdmin }) => handleAdmin),
    replace: (next) => {
      const before = current
      current = generationOf(next)
      void retire(before)
    },
    close: async () => {
      void retire(current)
      await Promise.all(retiring)
    },
  }
}

function generationOf(assembly: Assembly): Generation {
  return { assembly, running: 0, idle: Promise.withResolvers<void>(), isRetired: false }
}
