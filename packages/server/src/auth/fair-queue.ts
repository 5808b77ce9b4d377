// Work that is done one after the other, with a share for everybody who waits.
import { ChartferryError } from '@chartferry/core'

export interface FairQueueOptions {
  /** How much of one lane may wait. */
  readonly perLane: number
  /** How much may wait in all; what comes `first` is not counted out. */
  readonly total: number
}

export interface FairQueue {
  /**
   * Lanes have their turns one after the other, those that are `first` before all others. Throws TOO_MANY_REQUESTS when
   * too much waits, and what the work throws.
   */
  run<Value>(lane: string, first: boolean, work: () => Promise<Value>): Promise<Value>
  /** Whether the lane would be refused now. */
  isFull(lane: string, first: boolean): boolean
}

type Lanes = Map<string, (() => Promise<void>)[]>

/** An empty queue. */
export function fairQueue({ perLane, total }: FairQueueOptions): FairQueue {
  const preferred: Lanes = new Map()
  const others: Lanes = new Map()
  let waiting = 0
  let isRunning = false

  /** The next of the lane that has waited longest for its turn. */
  function take(): (() => Promise<void>) | undefined {
    for (const lanes of [preferred, others]) {
      for (const [lane, tasks] of lanes) {
        lanes.delete(lane)
        const task = tasks.shift()
        if (tasks.length > 0) lanes.set(lane, tasks)
        if (task === undefined) continue
        waiting--
        return task
      }
    }
    return undefined
  }

  async function work(): Promise<void> {
    isRunning = true
    for (let task = take(); task !== undefined; task = take()) await task()
    isRunning = false
  }

  const isFull = (lane: string, first: boolean): boolean =>
    ((first ? preferred : others).get(lane)?.length ?? 0) >= perLane || (!first && waiting >= total)

  return {
    isFull,
    run: (lane, first, run) => {
      if (isFull(lane, first))
        return Promise.reject(new ChartferryError('TOO_MANY_REQUESTS', 'too many passwords wait to be checked'))
      const lanes = first ? preferred : others
      return new Promise((resolve, reject) => {
        const tasks = lanes.get(lane) ?? []
        tasks.push(() => run().then(resolve, reject))
        lanes.set(lane, tasks)
        waiting++
        if (!isRunning) void work()
      })
    },
  }
}
