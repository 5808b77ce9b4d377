// Only versions that somebody of a keyring has signed are shown.

import { digestOf, isChartferryError } from '@chartferry/core'
import { verifyProvenance } from '@chartferry/core/helm'
import type { Inspector } from './inspector.ts'

/** Takes the keyring as gpg exports it. */
export function signatureInspector(keyring: Uint8Array): Inspector {
  return {
    rules: `signed ${digestOf(keyring)}`,
    inspect: async ({ fileName, digest, provenance }) => {
      const signed = await provenance()
      if (signed === undefined) return 'it is not signed'
      try {
        await verifyProvenance(signed, { fileName, digest }, keyring)
        return undefined
      } catch (thrown) {
        if (isChartferryError(thrown) && ['invalid', 'integrity', 'limit'].includes(thrown.kind)) return thrown.message
        throw thrown
      }
    },
  }
}
