// What inspectors have said about versions, by digest: remembered for good.

import { type Digest, digestOf } from '@chartferry/core'
import { digestHex } from '@chartferry/core/internal'
import type { BlobStore } from '@chartferry/core/transfer'
import { readRecord, recordBytes } from '../cache/json-record.ts'

/** One verdict. */
export interface Verdict {
  /** Why the version is refused; null: it has passed. */
  readonly refused: string | null
  /** Of the bytes that were inspected: it is about no others. */
  readonly digest?: Digest
  /** RFC 3339. */
  readonly inspectedAt: string
}

export interface Verdicts {
  /**
   * `subject` names the bytes, or where they come from. What was not there is looked for again only with `fresh`: other
   * servers share the store.
   */
  find(repository: string, rules: string, subject: string, fresh?: boolean): Promise<Verdict | undefined>
  put(repository: string, rules: string, subject: string, verdict: Verdict): Promise<void>
  /** What was said of a place no longer counts: there are other bytes. */
  forget(repository: string, rules: string, subject: string): Promise<void>
}

/** Opens the verdicts of all repositories of a store. */
export function openVerdicts(store: BlobStore): Verdicts {
  const known = new Map<string, Verdict | undefined>()
  const keyOf = (repository: string, rules: string, subject: string): string =>
    `proxy/${repository}/verdicts/${digestHex(digestOf(rules)).slice(0, 12)}/${digestHex(digestOf(subject))}.json`
  return {
    find: async (repository, rules, subject, fresh = false) => {
      const key = keyOf(repository, rules, subject)
      const found = known.get(key)
      if (found !== undefined || (known.has(key) && !fresh)) return found
      const read = await readRecord<Verdict>(store, key)
      known.set(key, read)
      return read
    },
    put: async (repository, rules, subject, verdict) => {
      const key = keyOf(repository, rules, subject)
      await store.put(key, recordBytes(verdict))
      known.set(key, verdict)
    },
    forget: async (repository, rules, subject) => {
      const key = keyOf(repository, rules, subject)
      await store.delete(key)
      known.set(key, undefined)
    },
  }
}
