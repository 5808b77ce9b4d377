// A compact index as bytes for a store: a table of its charts, then what the table tells the places of.
import { digestHex, digestOf } from '../../digest.ts'
import { type CompactChart, type CompactIndex, compactIndex, type IndexHead } from './compact-index.ts'
import { type DeflatedText, deflateText, inflateText } from './deflated-text.ts'

/** Bytes, size and CRC-32 of a text. */
type TextRow = readonly [bytes: number, size: number, crc: number]

interface Row {
  readonly name: string
  readonly digest: string
  readonly count: number
  readonly json: TextRow
  readonly yaml?: TextRow
  readonly aside?: TextRow
}

interface Table {
  readonly head: IndexHead
  readonly rows: readonly Row[]
}

const mark = Buffer.from('compact-index-1\n')
/** SHA-256 of all that follows, then bytes and size of the table. */
const headSize = mark.length + 32 + 8

/** The bytes of an index. */
export function formatCompactIndex(index: CompactIndex): Buffer {
  const blobs: Buffer[] = []
  const place = (text: DeflatedText): TextRow => {
    blobs.push(text.bytes)
    return [text.bytes.length, text.size, text.crc]
  }
  const rows = [...index.charts].map(([name, { digest, count, json, yaml, marks, aside }]): Row => {
    const row = {
      name,
      digest,
      count,
      json: place(json),
      ...(yaml === undefined ? {} : { yaml: place(yaml) }),
      ...(aside === undefined ? {} : { aside: place(aside) }),
    }
    blobs.push(marks)
    return row
  })
  const table = deflateText(JSON.stringify({ head: index.head, rows } satisfies Table))
  const sizes = Buffer.alloc(8)
  sizes.writeUInt32LE(table.bytes.length, 0)
  sizes.writeUInt32LE(table.size, 4)
  const body = Buffer.concat([sizes, table.bytes, ...blobs])
  return Buffer.concat([mark, Buffer.from(digestHex(digestOf(body)), 'hex'), body])
}

/** Undefined for bytes that are none, or not whole: whoever has the index file makes them again. */
export function parseCompactIndex(bytes: Buffer): CompactIndex | undefined {
  if (bytes.length < headSize || !bytes.subarray(0, mark.length).equals(mark)) return undefined
  const body = bytes.subarray(mark.length + 32)
  if (digestHex(digestOf(body)) !== bytes.subarray(mark.length, mark.length + 32).toString('hex')) return undefined
  const tableEnd = 8 + body.readUInt32LE(0)
  const text = inflateText({ bytes: body.subarray(8, tableEnd), size: body.readUInt32LE(4) })
  const { head, rows } = JSON.parse(text.toString()) as Table
  let at = tableEnd
  const take = (length: number): Buffer => {
    at += length
    return body.subarray(at - length, at)
  }
  const read = ([length, size, crc]: TextRow): DeflatedText => ({ bytes: take(length), size, crc })
  const charts = rows.map(({ name, digest, count, json, yaml, aside }): [string, CompactChart] => [
    name,
    {
      digest,
      count,
      json: read(json),
      ...(yaml === undefined ? {} : { yaml: read(yaml) }),
      ...(aside === undefined ? {} : { aside: read(aside) }),
      marks: take(4 * count),
    },
  ])
  return compactIndex(head, charts)
}
