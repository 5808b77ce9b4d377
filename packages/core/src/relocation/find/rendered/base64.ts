// Texts in base64: Secrets, variables, values that are dumped whole.

/** How deep texts are decoded: base64 in base64 is seldom more than two deep. */
export const deepestDecoding = 5

const encoded = /^[A-Za-z0-9+/\s]{12,}={0,2}\s*$/
/** The first characters decide: a checksum or a name of base64's letters gives no text. */
const probed = 64

/** The text that a base64 text holds; undefined where it is no base64, or holds no text. */
export function decodeBase64(text: string): string | undefined {
  if (text.length < 12 || !encoded.test(text.length > 4096 ? `${text.slice(0, 4096)}` : text)) return undefined
  const packed = /\s/.test(text) ? text.replace(/\s+/g, '') : text
  if (packed.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(packed)) return undefined
  if (!isText(Buffer.from(packed.slice(0, probed), 'base64').toString('latin1').slice(0, 45))) return undefined
  const bytes = Buffer.from(packed, 'base64')
  const decoded = bytes.toString('utf8')
  return isText(decoded) && !decoded.includes('\uFFFD') ? decoded : undefined
}

const isText = (text: string): boolean => !/(?![\t\n\r\u0080-\u009f])\p{Cc}/u.test(text)
