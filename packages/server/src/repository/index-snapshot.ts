// One state of a repository's index: its entries, and its text made once, when it is first wanted.
import { Readable } from 'node:stream'
import { setImmediate as turn } from 'node:timers/promises'
import { createGzip } from 'node:zlib'
import { digestOf } from '@chartferry/core'
import type { IndexFile, IndexForm } from '@chartferry/core/helm'
import { type CompactIndex, digestHex, formatChart, frameIndexFile, type TextPiece } from '@chartferry/core/internal'
import type { ByteRange } from '@chartferry/core/transfer'
import { unansweredCharts } from '../upstream/refused-parts.ts'

/** The text of an index, ready to send. */
export interface IndexText {
  /** One behind the other: a large index is never held as a whole beside its parts. */
  readonly pieces: readonly TextPiece[]
  readonly size: number
  /** With quotes: a strong validator of just these bytes. */
  readonly etag: string
}

export interface IndexSnapshot {
  /** With the URLs that we serve. */
  readonly index: IndexFile
  /** Milliseconds since 1970: when the entries last changed. */
  readonly modified: number
  /** How many versions there are; of a group, how many its members have together. */
  readonly versions: number
  /** What the text is made of, where that is kept. */
  readonly compact?: CompactIndex
  /** Equal ones mean equal indexes. */
  readonly revision?: () => string
  /** Equal ones of a chart mean equal versions. Undefined where that is not known, and for a chart that is not there. */
  readonly chartDigest?: (chart: string) => string | undefined
  /** Charts of which versions may be missing, since they could not be had: nobody else's may stand in for them. */
  readonly unanswered: ReadonlySet<string>
  /** Makes the text when it is first asked for. */
  text(form: IndexForm, compressed: boolean): Promise<IndexText>
}

/** The text compressed with gzip, with a validator of its own. */
export async function compressText({ pieces, etag }: IndexText): Promise<IndexText> {
  const bytes = Buffer.concat(await openAll(pieces).pipe(createGzip()).toArray())
  return { pieces: [bytes], size: bytes.length, etag: `${etag.slice(0, -1)}-gzip"` }
}

/** The text, or a range of its bytes (`end` is part of it), as a body. */
export function openText(
  { pieces, size }: IndexText,
  { start, end }: ByteRange = { start: 0, end: size - 1 },
): Readable | Buffer {
  const [only] = pieces
  if (only !== undefined && pieces.length === 1) return bytesOf(only).subarray(start, end + 1)
  function* wanted(): Generator<Buffer> {
    let at = 0
    for (const piece of pieces) {
      const from = Math.max(0, start - at)
      const to = Math.min(piece.length, end + 1 - at)
      at += piece.length
      if (from < to) yield bytesOf(piece).subarray(from, to)
    }
  }
  return Readable.from(wanted())
}

function openAll(pieces: readonly TextPiece[]): Readable {
  return Readable.from(
    (function* () {
      for (const piece of pieces) yield bytesOf(piece)
    })(),
  )
}

/** The bytes of one piece. */
export function bytesOf(piece: TextPiece): Buffer {
  return Buffer.isBuffer(piece) ? piece : piece.read()
}

/** What is known of an index without looking at its entries. */
export interface SnapshotFacts {
  readonly count?: number
  readonly unanswered?: ReadonlySet<string>
}

/**
 * Makes a snapshot of an index file whose URLs are already those that we serve. `count` is how many versions it has,
 * where that is known without looking at each; `unanswered` are its charts of which versions may be missing (default:
 * those that the index says were refused).
 */
export function indexSnapshot(
  index: IndexFile,
  modified: number,
  { count, unanswered = unansweredCharts(index) }: SnapshotFacts = {},
): IndexSnapshot {
  const plain = new Map<IndexForm, Promise<IndexText>>()
  const compressed = new Map<IndexForm, Promise<IndexText>>()
  const format = async (form: IndexForm): Promise<IndexText> => {
    const bytes = Buffer.from(frameIndexFile(index, await piecesOf(index, form), form))
    return { pieces: [bytes], size: bytes.length, etag: `"${digestHex(digestOf(bytes))}"` }
  }
  const textOf = (form: IndexForm): Promise<IndexText> => {
    const text = plain.get(form) ?? format(form)
    plain.set(form, text)
    return text
  }
  let versions = count ?? 0
  if (count === undefined) for (const list of index.entries.values()) versions += list.length
  return {
    index,
    modified,
    versions,
    unanswered,
    text: async (form, gzipped) => {
      if (!gzipped) return textOf(form)
      const known = compressed.get(form) ?? textOf(form).then(compressText)
      compressed.set(form, known)
      return known
    },
  }
}

/** Milliseconds after which others have their turn. */
const turnLength = 10

/** The text of each chart; that of a large index takes longer than anybody else should wait. */
async function piecesOf(index: IndexFile, form: IndexForm): Promise<readonly string[]> {
  const pieces: string[] = []
  let began = performance.now()
  for (const [chart, versions] of index.entries) {
    pieces.push(formatChart(chart, versions, form))
    if (performance.now() - began < turnLength) continue
    await turn()
    began = performance.now()
  }
  return pieces
}

/** Whether two snapshots are known to be of equal indexes. */
export function isSameIndex(a: IndexSnapshot | undefined, b: IndexSnapshot): boolean {
  return a === b || (a?.revision !== undefined && a.revision() === b.revision?.())
}
