// Merging maps as dario.cat/mergo does for sprig: nested maps are merged, lists never.
import { truth } from '../template/kind.ts'
import { GoList, GoMap, plain, type Value } from '../template/value.ts'

/**
 * Merges the source into the destination, which is changed and given back; a nil destination gives a new map. A value
 * of the destination that is empty (false, 0, "", {}) counts as missing. With `overwrite` the source wins, nil
 * included. Maps of the source that take a place are shared, not copied.
 */
export function merge(destination: GoMap, source: GoMap, overwrite: boolean): GoMap {
  if (destination.isNil) {
    if (source.isNil) return destination
    return merge(new GoMap([], destination.type), source, overwrite)
  }
  for (const [key, value] of source.entries) mergeEntry(destination, key, value, overwrite)
  return destination
}

function mergeEntry(destination: GoMap, key: string, value: Value, overwrite: boolean): void {
  const given = plain(value)
  if (given === null || given === undefined) {
    if (overwrite) destination.set(key, null)
    return
  }
  const old = plain(destination.entries.get(key))
  if (given instanceof GoMap && old instanceof GoMap && old !== given) merge(old, given, overwrite)
  const present = old !== undefined && truth(old)
  if (present && given instanceof GoMap && old instanceof GoMap) return
  if (overwrite || !present || (given instanceof GoList && old === undefined)) destination.set(key, value)
}
