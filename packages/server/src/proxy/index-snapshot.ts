// One state of a repository's index: its entries, and its text made once, when it is first wanted.
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { digestHex, digestOf, formatIndexFile, type IndexFile, type IndexForm } from '@chartferry/core'

/** The text of an index, ready to send. */
export interface IndexText {
  readonly bytes: Buffer
  /** With quotes: a strong validator of just these bytes. */
  readonly etag: string
}

export interface IndexSnapshot {
  /** With the URLs that we serve. */
  readonly index: IndexFile
  /** Milliseconds since 1970: when the entries last changed. */
  readonly modified: number
  /** How many versions there are. */
  readonly versions: number
  /** Makes the text when it is first asked for. */
  text(form: IndexForm, compressed: boolean): Promise<IndexText>
}

/** Makes a snapshot of an index file whose URLs are already those that we serve. */
export function indexSnapshot(index: IndexFile, modified: number): IndexSnapshot {
  const plain = new Map<IndexForm, IndexText>()
  const compressed = new Map<IndexForm, Promise<IndexText>>()
  const textOf = (form: IndexForm): IndexText => {
    const known = plain.get(form)
    if (known !== undefined) return known
    const bytes = Buffer.from(formatIndexFile(index, form))
    const text = { bytes, etag: `"${digestHex(digestOf(bytes))}"` }
    plain.set(form, text)
    return text
  }
  const compress = async (form: IndexForm): Promise<IndexText> => {
    const { bytes, etag } = textOf(form)
    return { bytes: await promisify(gzip)(bytes), etag: `${etag.slice(0, -1)}-gzip"` }
  }
  let versions = 0
  for (const list of index.entries.values()) versions += list.length
  return {
    index,
    modified,
    versions,
    text: async (form, gzipped) => {
      if (!gzipped) return textOf(form)
      const known = compressed.get(form) ?? compress(form)
      compressed.set(form, known)
      return known
    },
  }
}
