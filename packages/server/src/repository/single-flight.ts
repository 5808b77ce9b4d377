// Equal work asked for at the same time is done once.

export interface Flights {
  /**
   * Runs the call unless one of that key runs already; everybody gets the outcome of the one that runs. A key stands
   * for one type of value.
   */
  readonly share: <Value>(key: string, call: () => Promise<Value>) => Promise<Value>
  /** Resolves when nothing runs any more, however it ended. */
  settle(): Promise<void>
}

/** Work that is shared by key. */
export function singleFlight(): Flights {
  const flights = new Map<string, Promise<unknown>>()
  return {
    share: <Value>(key: string, call: () => Promise<Value>): Promise<Value> => {
      const known = flights.get(key)
      if (known !== undefined) return known as Promise<Value>
      const flight = call().finally(() => flights.delete(key))
      flights.set(key, flight)
      return flight
    },
    settle: async () => {
      while (flights.size > 0) await Promise.allSettled(flights.values())
    },
  }
}
