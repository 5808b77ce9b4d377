// Small records in the blob store, as JSON.

import { ChartferryError, digestOf } from '@chartferry/core'
import { digestHex, readBlob } from '@chartferry/core/internal'
import type { BlobStore } from '@chartferry/core/transfer'

/**
 * The form of records that this version writes and reads. One that says nothing is of this form; a later version that changes
 * what a field means writes `format`, and is left alone by the earlier ones.
 */
const knownFormat = 1

/**
 * Undefined when there is none, or what is there is no JSON: then it is as good as lost. Throws STORE_UNAVAILABLE for one that a
 * newer version of chartferry has written in a form of its own.
 */
export async function readRecord<Value>(store: BlobStore, key: string): Promise<Value | undefined> {
  const text = await readBlob(store, key)
  if (text === undefined) return undefined
  let value: unknown
  try {
    value = JSON.parse(text.toString())
  } catch {
    return undefined
  }
  const format = typeof value === 'object' && value !== null && 'format' in value ? value.format : knownFormat
  // A map by names may have one that is called so.
  if (typeof format === 'number' && format !== knownFormat)
    throw new ChartferryError(
      'STORE_UNAVAILABLE',
      `${key}: the record has the format ${format}, and this version of chartferry knows ${knownFormat}`,
      { hint: 'A newer version has written it. Update this server as well.' },
    )
  return value as Value
}

/** The bytes of a record. */
export function recordBytes(value: object): Uint8Array {
  return Buffer.from(JSON.stringify(value))
}

/** Records that are only ever added, each under the parts that name it. */
export interface RecordSet<Value> {
  /** False when there is one of that name: the first one stays. */
  add(name: readonly string[], value: Value): Promise<boolean>
  /** All of them, in no order that means anything. */
  all(): Promise<readonly Value[]>
}

/** Each read holds a file open, and a process may not hold many. */
const readsAtOnce = 64

/** Opens the records of a folder. Of several writers one wins, and nothing that was added is lost. */
export function recordSet<Value extends object>(store: BlobStore, folder: string): RecordSet<Value> {
  return {
    add: (name, value) =>
      store.create(`${folder}/${digestHex(digestOf(JSON.stringify(name)))}.json`, recordBytes(value)),
    all: async () => {
      const values: Value[] = []
      let keys: string[] = []
      const read = async (): Promise<void> => {
        const some = await Promise.all(keys.map((key) => readRecord<Value>(store, key)))
        values.push(...some.filter((value) => value !== undefined))
        keys = []
      }
      for await (const key of store.list(`${folder}/`)) {
        keys.push(key)
        if (keys.length === readsAtOnce) await read()
      }
      await read()
      return values
    },
  }
}
