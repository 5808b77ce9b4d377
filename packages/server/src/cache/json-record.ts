// Small records in the blob store, as JSON.
import { type BlobStore, readBlob } from '@chartferry/core'

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
