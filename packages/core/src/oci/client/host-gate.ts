// One gate a host: so many requests at once, and a pause for all of them when the host asks for one.
import { setTimeout as wait } from 'node:timers/promises'
import { ChartferryError, throwIfCancelled } from '../../errors.ts'

/** Lets so many run at once; the others wait in order. */
export interface Slots {
  run<Result>(work: () => Promise<Result>): Promise<Result>
}

/** Opens slots. */
export function openSlots(count: number): Slots {
  let free = count
  const waiting: (() => void)[] = []
  return {
    async run(work) {
      if (free > 0) free--
      else await new Promise<void>((go) => waiting.push(go))
      try {
        return await work()
      } finally {
        const next = waiting.shift()
        if (next === undefined) free++
        else next()
      }
    },
  }
}

/** What a host has said about how much more it gives (`ratelimit-remaining: 76;w=21600`). */
export interface Quota {
  readonly host: string
  readonly remaining: number
  readonly limit?: number
  /** The window that both count in. */
  readonly seconds?: number
}

/** Reads the headers of Docker Hub and of the IETF draft; undefined where they say nothing. */
export function readQuota(host: string, headers: Readonly<Record<string, string>>): Quota | undefined {
  const [remaining, seconds] = numbersOf(headers['ratelimit-remaining'] ?? headers['x-ratelimit-remaining'])
  if (remaining === undefined) return undefined
  const [limit] = numbersOf(headers['ratelimit-limit'] ?? headers['x-ratelimit-limit'])
  return {
    host,
    remaining,
    ...(limit === undefined ? {} : { limit }),
    ...(seconds === undefined ? {} : { seconds }),
  }
}

function numbersOf(header: string | undefined): readonly [number?, number?] {
  const match = /^\s*(\d+)(?:\s*;\s*w=(\d+))?/.exec(header ?? '')
  if (match === null) return []
  return match[2] === undefined ? [Number(match[1])] : [Number(match[1]), Number(match[2])]
}

/** The pause that a host has asked for. */
export interface CoolDown {
  /** Waits until the pause is over. Throws CANCELLED. */
  over(signal?: AbortSignal): Promise<void>
  /** Asks everybody to wait. Throws RATE_LIMITED where that is longer than anybody waits. */
  begin(milliseconds: number): void
}

/** Opens the pause of a host; `longest` is in milliseconds. */
export function openCoolDown(host: string, longest: number): CoolDown {
  let until = 0
  return {
    async over(signal) {
      for (let left = until - Date.now(); left > 0; left = until - Date.now()) {
        await wait(left, undefined, signal === undefined ? {} : { signal }).catch(() => throwIfCancelled(signal))
      }
    },
    begin(milliseconds) {
      if (milliseconds > longest) {
        const seconds = Math.ceil(milliseconds / 1000)
        throw new ChartferryError('RATE_LIMITED', `${host}: asks for a pause of ${seconds} s`, {
          details: { host, seconds },
        })
      }
      until = Math.max(until, Date.now() + milliseconds)
    },
  }
}
