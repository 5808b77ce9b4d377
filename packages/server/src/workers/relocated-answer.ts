// What a process that relocates a chart answers: the archive, and before it what is known of it, in one piece of bytes.
import type { Plan, Proof } from '@chartferry/core'

/** What is known of a relocated chart. */
export interface RelocatedHead {
  readonly plan: Plan
  readonly proof: Proof
  /** Why it counts as not proven; empty: it does not. */
  readonly unproven: readonly string[]
  /** What was added to those of Chart.yaml; nothing where it is not marked. */
  readonly annotations: Readonly<Record<string, string>>
}

/** The length of the head as JSON (4 bytes, big-endian), the head, the archive. */
export function packRelocated(head: RelocatedHead, archive: Uint8Array): Uint8Array {
  const text = Buffer.from(JSON.stringify(head))
  const length = Buffer.alloc(4)
  length.writeUInt32BE(text.length)
  return Buffer.concat([length, text, archive])
}

/** Takes what `packRelocated` gave. */
export function unpackRelocated(bytes: Buffer): { readonly head: RelocatedHead; readonly archive: Buffer } {
  const end = 4 + bytes.readUInt32BE(0)
  return { head: JSON.parse(bytes.subarray(4, end).toString()) as RelocatedHead, archive: bytes.subarray(end) }
}
