// The index of a hosted repository as it is sent: a head, and the blocks of its entries; read as a model only where one
// is wanted.

import { digestOf } from '@chartferry/core'
import type { ChartVersion, IndexFile, IndexForm } from '@chartferry/core/helm'
import { digestHex } from '@chartferry/core/internal'
import { compressText, type IndexSnapshot, type IndexText } from '../repository/index-snapshot.ts'
import { lazyMap } from '../repository/lazy-map.ts'
import { collectNow } from '../workers/gc-tuning.ts'
import { entryBytes, withBase } from './entry-text.ts'
import type { HostedView } from './hosted-store.ts'
import { type IndexBlock, indexBlocks } from './index-blocks.ts'
import { type HeldVersion, sharedCharts } from './repository-state.ts'

export interface HostedIndexOptions {
  /** What the URLs of archives begin with. Default: nothing, they are relative to the repository. */
  readonly base?: string | undefined
  /** ChartMuseum's `serverInfo`. Default: none. */
  readonly serverInfo?: Readonly<Record<string, unknown>> | undefined
}

/** Charts in the order of their names. */
export interface ChartRange {
  readonly offset: number
  /** Infinity: all behind the offset. */
  readonly limit: number
}

export interface HostedIndex extends IndexSnapshot {
  readonly blocks: readonly IndexBlock[]
  /** `{"<chart>": [<entry>,...],...}`: all charts, or a part of them. */
  charts(compressed: boolean, range?: ChartRange): Promise<IndexText>
  /** `[<entry>,...]`, newest first; undefined where there is no such chart. */
  chart(name: string): Buffer | undefined
  /** The versions of one chart as a model, newest first. */
  chartModel(name: string): readonly ChartVersion[] | undefined
  /** The entry of one version as JSON; undefined where there is none. */
  entry(name: string, version: string): Buffer | undefined
}

/** Bytes up to which a text is held in one piece beside its blocks: that is sent with less work. */
const mostTwice = 4 * 1024 * 1024

/** So many new blocks leave much behind. */
const manyBlocks = 8

/**
 * The index of a repository as it is now; what happens to it later changes nothing here. What did not change since
 * `before`, an earlier index with the same options, is taken from there.
 */
export function hostedIndex(view: HostedView, options: HostedIndexOptions = {}, before?: HostedIndex): HostedIndex {
  const { base, serverInfo } = options
  const { revision, modified } = view
  const versions = view.files.size
  const charts = sharedCharts(view)
  const blocks = indexBlocks(charts, before?.blocks ?? [], base)
  const entryOf = ({ entry }: HeldVersion): Buffer => (base === undefined ? entryBytes(entry) : withBase(entry, base))
  const plain = new Map<string, IndexText>()
  const compressed = new Map<string, Promise<IndexText>>()
  const names = [...charts.keys()]
  const index: IndexFile = {
    apiVersion: 'v1',
    generated: new Date(modified).toISOString(),
    entries: lazyMap(names, (name) => chartModel(name) ?? []),
    ...(serverInfo && { serverInfo }),
    skipped: [],
  }

  /** `compose` gives the pieces; `kind` names them among all that are made of one revision. */
  function textOf(kind: string, compose: () => readonly Buffer[]): IndexText {
    const known = plain.get(kind)
    if (known !== undefined) return known
    const pieces = compose()
    const size = pieces.reduce((sum, { length }) => sum + length, 0)
    const etag = `"${digestHex(digestOf(JSON.stringify([revision, kind, base, serverInfo])))}"`
    const made = { pieces: size > mostTwice ? pieces : [Buffer.concat(pieces, size)], size, etag }
    plain.set(kind, made)
    return made
  }

  async function send(kind: string, isCompressed: boolean, compose: () => readonly Buffer[]): Promise<IndexText> {
    const text = textOf(kind, compose)
    if (!isCompressed) return text
    const known = compressed.get(kind) ?? compressText(text)
    compressed.set(kind, known)
    return known
  }

  function entries(): Buffer[] {
    const news = blocks.filter((block) => !block.isMade()).length
    const [first, ...others] = blocks.map((block) => block.bytes())
    // The entries were elsewhere before.
    if (news > manyBlocks) collectNow()
    return first === undefined ? [] : [first.subarray(1), ...others]
  }

  function framed(form: IndexForm): Buffer[] {
    const head = { apiVersion: 'v1', generated: new Date(modified).toISOString(), ...(serverInfo && { serverInfo }) }
    const lines = Object.entries(head).map(([key, value]) => `${key}: ${JSON.stringify(value)}\n`)
    const [start, end] =
      form === 'json'
        ? [`${JSON.stringify(head).slice(0, -1)},"entries":{`, '}}\n']
        : [`${lines.join('')}entries: {`, '}\n']
    return [Buffer.from(start), ...entries(), Buffer.from(blocks.length === 0 ? end : `\n  ${end}`)]
  }

  /** A part is not kept: there are as many as somebody can ask for. */
  function part({ offset, limit }: ChartRange): IndexText {
    const pieces: Buffer[] = [Buffer.from('{')]
    for (const name of names.slice(offset, offset + limit)) {
      pieces.push(
        Buffer.from(`${pieces.length === 1 ? '' : ','}${JSON.stringify(name)}:`),
        chart(name) ?? Buffer.alloc(0),
      )
    }
    const bytes = Buffer.concat([...pieces, Buffer.from('}')])
    const etag = `"${digestHex(digestOf(JSON.stringify([revision, 'part', offset, limit, base])))}"`
    return { pieces: [bytes], size: bytes.length, etag }
  }

  function chart(name: string): Buffer | undefined {
    return blockOf(name)?.chart(name)
  }

  function chartModel(name: string): readonly ChartVersion[] | undefined {
    return blockOf(name)?.model(name)
  }

  function blockOf(name: string): IndexBlock | undefined {
    return blocks.find((block) => block.charts.has(name))
  }

  return {
    unanswered: new Set(),
    modified,
    versions,
    blocks,
    index,
    text: (form, gzipped) => send(form, gzipped, () => framed(form)),
    charts: async (gzipped, range) => {
      if (range === undefined) return send('charts', gzipped, () => [Buffer.from('{'), ...entries(), Buffer.from('}')])
      return gzipped ? compressText(part(range)) : part(range)
    },
    chart,
    chartModel,
    entry: (name, version) => {
      const found = charts.get(name)?.find((one) => one.version === version)
      return found === undefined ? undefined : entryOf(found)
    },
  }
}
