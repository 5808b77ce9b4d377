// Password hashes in the form `$2a$10$...`.
import { cyclicWords, encipher, expandKey, newState } from './blowfish.ts'

const alphabet = './ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'
const standard = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
const text = Buffer.from('OrpheanBeholderScryDoubt')
const scheduleWords = 18

/** The longest password, in bytes. */
export const maxPasswordLength = 72

function encode(bytes: Uint8Array): string {
  return Array.from(Buffer.from(bytes).toString('base64').replace(/=+$/, ''), (digit) => {
    return alphabet.charAt(standard.indexOf(digit))
  }).join('')
}

/** The hash of a password of at most 72 bytes with a salt of 16; the work is two to the cost. */
export function hashPassword(password: Uint8Array, salt: Uint8Array, cost: number): string {
  const key = cyclicWords(Buffer.concat([password, Buffer.of(0)]), scheduleWords)
  const saltKey = cyclicWords(salt, scheduleWords)
  const state = newState()
  expandKey(state, key, cyclicWords(salt, 4))
  for (let round = 0; round < 2 ** cost; round++) {
    expandKey(state, key)
    expandKey(state, saltKey)
  }
  const block = cyclicWords(text, 6)
  for (let round = 0; round < 64; round++) for (let at = 0; at < 6; at += 2) encipher(state, block, at)
  const hash = Buffer.alloc(24)
  for (const [index, word] of block.entries()) hash.writeUInt32BE(word, 4 * index)
  // The last byte is left out, as all implementations do.
  return `$2a$${String(cost).padStart(2, '0')}$${encode(salt)}${encode(hash.subarray(0, 23))}`
}
