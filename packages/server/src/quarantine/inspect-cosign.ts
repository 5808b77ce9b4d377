// Only versions of a registry whose manifests cosign has signed with a key are shown.

import { createHash, type KeyObject } from 'node:crypto'
import { isChartferryError } from '@chartferry/core'
import type { Upstream } from '../upstream/upstream.ts'
import type { Inspector } from './inspector.ts'

/** Takes a public key, and the registry that has the charts and their signatures. */
export function cosignInspector(key: KeyObject, verify: NonNullable<Upstream['verifySignature']>): Inspector {
  const name = createHash('sha256')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest('hex')
  return {
    rules: `signed by cosign ${name}`,
    inspect: async ({ version, digest }, signal) => {
      try {
        await verify(version, digest, key, { signal })
        return undefined
      } catch (thrown) {
        // A tag that has moved on since is looked at when the index says so.
        if (isChartferryError(thrown, 'SIGNATURE_INVALID')) return thrown.message
        throw thrown
      }
    },
  }
}
