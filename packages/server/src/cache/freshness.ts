// How long what we have may be served without asking: markers that expire. Losing them costs a request, never
// correctness.
import type { Keyv } from 'keyv'

export interface Freshness {
  /** What was noted for the name and has not expired. */
  get(name: string): Promise<string | undefined>
  /** Notes a value for some milliseconds; 0 notes nothing. */
  note(name: string, value: string, milliseconds: number): Promise<void>
}

/** Keeps markers in a Keyv store; its failures look like absence. */
export function freshness(keyv: Keyv): Freshness {
  return {
    get: async (name) => {
      const value: unknown = await keyv.get(name)
      return typeof value === 'string' ? value : undefined
    },
    note: async (name, value, milliseconds) => {
      // To Keyv, 0 means for ever.
      if (milliseconds > 0) await keyv.set(name, value, milliseconds)
    },
  }
}
