// PORT: the public keys with which a token may have been signed; and keys that never change.
import { createPublicKey, type KeyObject } from 'node:crypto'
import type { CryptoKey } from 'jose'

export interface KeySource {
  /** The keys that fit the head of a token; none when there is no such key. Throws AUTH_UNAVAILABLE. */
  keysFor(
    header: { readonly alg?: string; readonly kid?: string },
    now: number,
  ): Promise<readonly (KeyObject | CryptoKey)[]>
}

/** Takes public keys or certificates (PEM), one or several in a text. Throws what node:crypto throws for others. */
export function pemKeys(text: string): KeySource {
  const blocks = text.match(/-----BEGIN ([A-Z ]+)-----[\s\S]+?-----END \1-----/g) ?? []
  if (blocks.length === 0) throw new Error('has no PEM block')
  const keys = blocks.map((block) => {
    if (/PRIVATE KEY/.test(block.slice(0, 40))) throw new Error('is a private key: give the public one')
    return createPublicKey(block)
  })
  return { keysFor: async () => keys }
}
