// The index of a hosted repository as it is sent: put together from the texts of its entries, and read as a model only
// where one is wanted.
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { type ChartVersion, digestHex, digestOf, type IndexFile, type IndexForm } from '@chartferry/core'
import type { IndexSnapshot, IndexText } from '../proxy/index-snapshot.ts'
import { parseEntryText, withBase } from './entry-text.ts'
import type { HostedView } from './hosted-store.ts'
import { type HostedVersion, sharedCharts } from './repository-state.ts'

export interface HostedIndexOptions {
  /** What the URLs of archives begin with. Default: nothing, they are relative to the repository. */
  readonly base?: string | undefined
  /** ChartMuseum's `serverInfo`. Default: none. */
  readonly serverInfo?: Readonly<Record<string, unknown>> | undefined
}

export interface HostedIndex extends IndexSnapshot {
  /** `{"<chart>":[<entry>,...],...}`: the entries of the JSON form. */
  entries(): Buffer
  /** The names of all charts, in their order. */
  readonly names: readonly string[]
  /** `[<entry>,...]`, newest first; undefined where there is no such chart. */
  chart(name: string): string | undefined
  /** The versions of one chart as a model, newest first. */
  chartModel(name: string): readonly ChartVersion[] | undefined
  /** The entry of one version as JSON; undefined where there is none. */
  entry(name: string, version: string): string | undefined
}

/** Bytes up to which several forms of one index are held. */
const mostTwice = 8 * 1024 * 1024

/** The index of a repository as it is now; what happens to it later changes nothing here. */
export function hostedIndex(view: HostedView, options: HostedIndexOptions = {}): HostedIndex {
  const { base, serverInfo } = options
  const { revision, modified } = view
  const versions = view.files.size
  const charts = sharedCharts(view)
  const textOf = (version: HostedVersion): string =>
    base === undefined ? version.entry : withBase(version.entry, base)
  const plain = new Map<IndexForm, IndexText>()
  const compressed = new Map<IndexForm, Promise<IndexText>>()
  let model: IndexFile | undefined
  /** Where the entries of the JSON form lie. */
  let span = { start: 0, end: 0 }

  function text(form: IndexForm): IndexText {
    const known = plain.get(form)
    if (known !== undefined) return known
    const head = { apiVersion: 'v1', generated: new Date(modified).toISOString(), ...(serverInfo && { serverInfo }) }
    const bytes = form === 'json' ? jsonText(head) : yamlText(head)
    const etag = `"${digestHex(digestOf(JSON.stringify([revision, form, base, serverInfo])))}"`
    const made = { bytes, etag }
    // Two forms of a large index would be most of what the process holds: the one that was asked for last stays.
    if (bytes.length > mostTwice) plain.clear()
    plain.set(form, made)
    return made
  }

  function jsonText(head: object): Buffer {
    const pieces = new Pieces()
    pieces.add(`${JSON.stringify(head).slice(0, -1)},"entries":`)
    const start = pieces.length
    let before = '{'
    for (const [name, list] of charts) {
      pieces.add(`${before}${JSON.stringify(name)}:`)
      for (const [at, version] of list.entries()) pieces.add(`${at === 0 ? '[' : ','}${textOf(version)}`)
      pieces.add(']')
      before = ','
    }
    pieces.add(before === '{' ? '{}' : '}')
    span = { start, end: pieces.length }
    pieces.add('}\n')
    return pieces.joined()
  }

  function yamlText(head: object): Buffer {
    const pieces = new Pieces()
    for (const [key, value] of Object.entries(head)) pieces.add(`${key}: ${JSON.stringify(value)}\n`)
    pieces.add(charts.size === 0 ? 'entries: {}\n' : 'entries:\n')
    for (const [name, list] of charts) {
      pieces.add(`  ${JSON.stringify(name)}:\n`)
      for (const version of list) pieces.add(`  - ${textOf(version)}\n`)
    }
    return pieces.joined()
  }

  async function compress(form: IndexForm): Promise<IndexText> {
    const { bytes, etag } = text(form)
    return { bytes: await promisify(gzip)(bytes), etag: `${etag.slice(0, -1)}-gzip"` }
  }

  return {
    modified,
    versions,
    get index() {
      model ??= {
        apiVersion: 'v1',
        generated: new Date(modified).toISOString(),
        entries: new Map(
          [...charts].map(([name, list]) => [name, list.map((version) => parseEntryText(textOf(version)))]),
        ),
        ...(serverInfo && { serverInfo }),
        skipped: [],
      }
      return model
    },
    text: async (form, gzipped) => {
      if (!gzipped) return text(form)
      const known = compressed.get(form) ?? compress(form)
      compressed.set(form, known)
      return known
    },
    entries: () => {
      const { bytes } = text('json')
      return bytes.subarray(span.start, span.end)
    },
    names: [...charts.keys()],
    chart: (name) => {
      const list = charts.get(name)
      return list === undefined ? undefined : `[${list.map(textOf).join(',')}]`
    },
    chartModel: (name) => charts.get(name)?.map((version) => parseEntryText(textOf(version))),
    entry: (name, version) => {
      const found = charts.get(name)?.find((one) => one.version === version)
      return found === undefined ? undefined : textOf(found)
    },
  }
}

/** Texts that become one buffer, without one text of their whole length between. */
class Pieces {
  length = 0
  readonly #buffers: Buffer[] = []
  #text = ''

  add(text: string): void {
    this.length += Buffer.byteLength(text)
    this.#text += text
    if (this.#text.length > 256 * 1024) this.#turn()
  }

  joined(): Buffer {
    this.#turn()
    return Buffer.concat(this.#buffers, this.length)
  }

  #turn(): void {
    this.#buffers.push(Buffer.from(this.#text))
    this.#text = ''
  }
}
