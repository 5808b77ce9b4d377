// DER, the encoding of certificates and keys: a small writer, and a reader for what is inside.

/** One value: its tag, its content, and the whole with both. */
export interface DerValue {
  readonly tag: number
  readonly content: Buffer
  readonly whole: Buffer
}

/** Tags that certificates use. */
export const tag = {
  boolean: 1,
  integer: 2,
  bitString: 3,
  octetString: 4,
  null: 5,
  objectIdentifier: 6,
  utf8String: 12,
  printableString: 19,
  utcTime: 23,
  generalizedTime: 24,
  sequence: 48,
  set: 49,
} as const

/** A value of a tag. */
export function der(tagNumber: number, ...contents: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(contents)
  const { length } = content
  if (length < 128) return Buffer.concat([Buffer.of(tagNumber, length), content])
  const digits = length.toString(16)
  const bytes = Buffer.from(digits.padStart(digits.length + (digits.length % 2), '0'), 'hex')
  return Buffer.concat([Buffer.of(tagNumber, 0x80 | bytes.length), bytes, content])
}

/** A sequence. */
export function sequence(...contents: readonly Uint8Array[]): Buffer {
  return der(tag.sequence, ...contents)
}

/** A positive integer from its bytes, the highest first. */
export function integer(bytes: Uint8Array): Buffer {
  let start = 0
  while (start < bytes.length - 1 && bytes[start] === 0) start++
  const short = bytes.subarray(start)
  return der(tag.integer, ...((short[0] as number) >= 128 ? [Buffer.of(0), short] : [short]))
}

/** `2.5.29.15`. */
export function objectIdentifier(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number)
  const bytes = rest.flatMap((part) => {
    const septets = [part & 127]
    for (let left = part >>> 7; left > 0; left >>>= 7) septets.unshift(128 | (left & 127))
    return septets
  })
  return der(tag.objectIdentifier, Buffer.of(40 * first + second, ...bytes))
}

/** The values one after another. Throws RangeError where a length leaves the bytes. */
export function readDer(bytes: Buffer): DerValue[] {
  const values: DerValue[] = []
  for (let at = 0; at < bytes.length; ) {
    const short = bytes.readUInt8(at + 1)
    const extra = short < 128 ? 0 : short & 127
    const length = extra === 0 ? short : bytes.readUIntBE(at + 2, Math.min(extra, 6))
    const start = at + 2 + extra
    if (start + length > bytes.length) throw new RangeError('DER value longer than its bytes')
    const whole = bytes.subarray(at, start + length)
    values.push({ tag: bytes.readUInt8(at), content: bytes.subarray(start, start + length), whole })
    at = start + length
  }
  return values
}

/** PEM with lines of 64 characters. */
export function pem(label: string, bytes: Uint8Array): string {
  const lines =
    Buffer.from(bytes)
      .toString('base64')
      .match(/.{1,64}/g) ?? []
  return `-----BEGIN ${label}-----\n${lines.map((line) => `${line}\n`).join('')}-----END ${label}-----\n`
}

/** The first block of PEM in a text; undefined where there is none. */
export function readPem(text: string): { readonly label: string; readonly bytes: Buffer } | undefined {
  const match = /-----BEGIN ([^\n-]+)-----\s*\n((?:[A-Za-z0-9+/=\r\n]|[^\n:]+:[^\n]*\n)*?)\s*-----END \1-----/.exec(
    text,
  )
  if (match === null) return undefined
  const [, label = '', body = ''] = match
  return { label, bytes: Buffer.from(body.replace(/^[^\n:]+:[^\n]*\n/gm, ''), 'base64') }
}
