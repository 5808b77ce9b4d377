// Which characters a YAML text may hold, and when libyaml notices one that it may not.
import { bytesOf } from '../../template/bytes.ts'
import type { GoError } from '../../template/value.ts'
import { yamlError } from './cursor.ts'

/** The first character that makes a text unreadable. */
export interface Unreadable {
  /** The reader takes the text in blocks: a scanner at this place has met the character. In UTF-16 units. */
  readonly noticedAt: number
  readonly error: GoError
}

/** The size of a block, in bytes. */
const blockSize = 512
// What is neither a tab, a line break, printable ASCII nor a character from U+00A0 on, and halves of surrogate pairs.
const forbidden =
  /[^\t\n\r -~\u0085\u00a0-\ud7ff\ud800-\udfff\ue000-\ufffd]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/

/** The first control character, or byte that is no UTF-8; undefined for a text that YAML can read. */
export function findUnreadable(text: string): Unreadable | undefined {
  const at = text.search(forbidden)
  if (at < 0) return undefined
  const block = Math.floor(bytesOf(text.slice(0, at)).length / blockSize) * blockSize
  // Short texts are the rule: the place is found by counting only where there is more than one block.
  let noticedAt = 0
  for (let bytes = 0; bytes < block; noticedAt++) bytes += bytesOf(text.charAt(noticedAt)).length
  return { noticedAt, error: yamlError(0, problemAt(text, at)) }
}

function problemAt(text: string, at: number): string {
  const char = text.charCodeAt(at)
  if (char < 0xd800 || char > 0xdfff) return 'control characters are not allowed'
  const bytes = bytesOf(text.slice(at, at + 4))
  const [first = 0] = bytes
  const width = first < 0xc0 || first >= 0xf8 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4
  if (width === 0) return 'invalid leading UTF-8 octet'
  if (width > bytes.length) return 'incomplete UTF-8 octet sequence'
  if (bytes.subarray(1, width).some((byte) => (byte & 0xc0) !== 0x80)) return 'invalid trailing UTF-8 octet'
  return first === 0xed || first >= 0xf4 ? 'invalid Unicode character' : 'invalid length of a UTF-8 sequence'
}
