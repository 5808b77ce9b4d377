// A map whose values are made when they are looked at: the charts of a large index, of which one request wants a few.

/** `make` is called for keys that are among `keys`; it keeps what it has made, where that is worth it. */
export function lazyMap<Value>(keys: readonly string[], make: (key: string) => Value): ReadonlyMap<string, Value> {
  const known = new Set(keys)
  function* values(): MapIterator<Value> {
    for (const key of keys) yield make(key)
  }
  function* entries(): MapIterator<[string, Value]> {
    for (const key of keys) yield [key, make(key)]
  }
  const map: ReadonlyMap<string, Value> = {
    size: known.size,
    has: (key) => known.has(key),
    get: (key) => (known.has(key) ? make(key) : undefined),
    keys: () => known.keys(),
    values,
    entries,
    forEach: (run) => {
      for (const key of keys) run(make(key), key, map)
    },
    [Symbol.iterator]: entries,
  }
  return map
}
