// Equal work asked for at the same time is done once.

/** Runs the call unless one of that key runs already; everybody gets the outcome of the one that runs. */
export type Share = <Value>(key: string, call: () => Promise<Value>) => Promise<Value>

/** Work that is shared by key; a key stands for one type of value. */
export function singleFlight(): Share {
  const flights = new Map<string, Promise<unknown>>()
  return <Value>(key: string, call: () => Promise<Value>): Promise<Value> => {
    const known = flights.get(key)
    if (known !== undefined) return known as Promise<Value>
    const flight = call().finally(() => flights.delete(key))
    flights.set(key, flight)
    return flight
  }
}
