// Whether a certificate and a key belong together.
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { messageOf } from '@chartferry/core/internal'
import type { TlsConfig } from './config.ts'

/** What is wrong with a pair; undefined where nothing is. */
export function tlsFault({ cert, key, clientCa }: TlsConfig): string | undefined {
  try {
    if (!new X509Certificate(cert).checkPrivateKey(createPrivateKey(key)))
      return 'the key is not that of the certificate'
    if (clientCa !== undefined) new X509Certificate(clientCa)
    return undefined
  } catch (thrown) {
    return messageOf(thrown)
  }
}
