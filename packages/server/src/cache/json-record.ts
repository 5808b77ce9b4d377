// Small records in the blob store, as JSON.

import { digestOf } from '@chartferry/core'
import { digestHex, readBlob } from '@chartferry/core/internal'
import type { BlobStore } from '@chartferry/core/transfer'

/** Undefined when there is none, or what is there is no JSON: then it is as good as lost. */
export async function readRecord<Value>(store: BlobStore, key: string): Promise<Value | undefined> {
  const text = await readBlob(store, key)
  if (text === undefined) return undefined
  try {
    return JSON.parse(text.toString()) as Value
  } catch {
    return undefined
  }
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
