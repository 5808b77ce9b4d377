// The entries of a hosted repository's index as bytes, in blocks of whole charts. The bytes are JSON and YAML alike, so
// that all forms of the index are these blocks with other heads; and they are where the entries themselves are kept, so
// that there is one copy.
import type { ChartVersion } from '@chartferry/core/helm'
import { parseEntryText, withBase } from './entry-text.ts'
import type { HeldVersion } from './repository-state.ts'

/** The versions of charts, newest first, in the order of the charts' names. */
export type Charts = ReadonlyMap<string, readonly HeldVersion[]>

export interface IndexBlock {
  readonly charts: Charts
  /**
   * `,\n  "<name>": [<entry>,\n    <entry>]` for each chart: the first comma is in the way of the first block alone.
   * Made when first asked for.
   */
  bytes(): Buffer
  isMade(): boolean
  /** `[<entry>,\n    <entry>]`, newest first; undefined for a chart that is not in this block. */
  chart(name: string): Buffer | undefined
  /** The versions of a chart as a model, newest first. Made when first asked for. */
  model(name: string): readonly ChartVersion[] | undefined
}

/** Bytes at which a block ends; one that has grown to more than twice as many is cut again. */
const blockBytes = 512 * 1024

/**
 * Cuts charts into blocks. Blocks of `before` whose charts did not change are kept as they are, so that a push costs
 * one block. `base` is what the URLs of archives begin with.
 */
export function indexBlocks(charts: Charts, before: readonly IndexBlock[], base: string | undefined): IndexBlock[] {
  if (before.length === 0) return cut([...charts], base)
  const names = [...charts.keys()]
  const blocks: IndexBlock[] = []
  let from = 0
  for (const [at, block] of before.entries()) {
    const end = before[at + 1]?.charts.keys().next().value
    let to = from
    while (to < names.length && (end === undefined || (names[to] ?? '') < end)) to++
    const part = names.slice(from, to).map((name) => [name, charts.get(name) ?? []] as const)
    const isSame = part.length === block.charts.size && part.every(([name, list]) => block.charts.get(name) === list)
    if (isSame) blocks.push(block)
    else blocks.push(...cut(part, base))
    from = to
  }
  return blocks
}

function cut(charts: readonly (readonly [string, readonly HeldVersion[]])[], base: string | undefined): IndexBlock[] {
  const sizes = charts.map(([, list]) => list.reduce((sum, { entry }) => sum + entry.length, 0))
  const whole = sizes.reduce((sum, size) => sum + size, 0)
  if (whole <= 2 * blockBytes) return charts.length === 0 ? [] : [indexBlock(new Map(charts), base)]
  const blocks: IndexBlock[] = []
  let part: (readonly [string, readonly HeldVersion[]])[] = []
  let bytes = 0
  for (const [at, chart] of charts.entries()) {
    part.push(chart)
    bytes += sizes[at] ?? 0
    if (bytes < blockBytes && at < charts.length - 1) continue
    blocks.push(indexBlock(new Map(part), base))
    part = []
    bytes = 0
  }
  return blocks
}

function indexBlock(charts: Charts, base: string | undefined): IndexBlock {
  let made: { readonly bytes: Buffer; readonly lists: ReadonlyMap<string, Buffer> } | undefined
  const models = new Map<string, readonly ChartVersion[]>()
  const make = (): typeof made & object => {
    made ??= compose(charts, base)
    return made
  }
  return {
    charts,
    bytes: () => make().bytes,
    isMade: () => made !== undefined,
    chart: (name) => (charts.has(name) ? make().lists.get(name) : undefined),
    model: (name) => {
      const known = models.get(name)
      const list = charts.get(name)
      if (known !== undefined || list === undefined) return known
      const made = list.map(({ entry }) => parseEntryText(base === undefined ? entry : withBase(entry, base)))
      models.set(name, made)
      return made
    },
  }
}

const between = Buffer.from(',\n    ')

function compose(
  charts: Charts,
  base: string | undefined,
): { readonly bytes: Buffer; readonly lists: ReadonlyMap<string, Buffer> } {
  const heads = new Map([...charts.keys()].map((name) => [name, Buffer.from(`,\n  ${JSON.stringify(name)}: [`)]))
  const entryOf = ({ entry }: HeldVersion): string | Buffer => (base === undefined ? entry : withBase(entry, base))
  let size = 0
  for (const [name, list] of charts) {
    size += (heads.get(name)?.length ?? 0) + (list.length - 1) * between.length + 1
    for (const version of list) size += Buffer.byteLength(entryOf(version))
  }
  const bytes = Buffer.allocUnsafeSlow(size)
  const lists = new Map<string, Buffer>()
  let end = 0
  for (const [name, list] of charts) {
    end += heads.get(name)?.copy(bytes, end) ?? 0
    const start = end - 1
    for (const [at, version] of list.entries()) {
      if (at > 0) end += between.copy(bytes, end)
      const from = end
      const entry = entryOf(version)
      end += typeof entry === 'string' ? bytes.write(entry, end) : entry.copy(bytes, end)
      // The entry moves here; where it was before can be freed.
      if (base === undefined) version.entry = bytes.subarray(from, end)
    }
    bytes[end++] = 0x5d
    lists.set(name, bytes.subarray(start, end))
  }
  return { bytes, lists }
}
