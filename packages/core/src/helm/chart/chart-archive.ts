// A chart archive from bytes, and a new one with some files replaced.

import { digestOf } from '../../digest.ts'
import { ChartferryError } from '../../errors.ts'
import { defaultLimits, type Limits } from '../../limits.ts'
import type { ArchiveEntry } from '../archive/entry.ts'
import { archiveBudget, readArchive } from '../archive/read.ts'
import { writeArchive } from '../archive/write.ts'
import { formatArchiveName } from './archive-name.ts'
import type { ChartArchive } from './chart.ts'
import { fileAt } from './chart-file.ts'
import { chartOf, type LoadContext } from './load-chart.ts'

/** Options of `readChartArchive` and `writeChartArchive`. */
export interface ChartArchiveOptions {
  /** Default: `name-version.tgz`, from the chart. */
  readonly fileName?: string
  /** The provenance file beside the archive. Default: none. */
  readonly provenance?: Uint8Array
  /** Default: `defaultLimits`. */
  readonly limits?: Limits
  /** Default: none. */
  readonly signal?: AbortSignal
}

/**
 * Reads a chart archive with all charts inside it. Throws CHART_INVALID, PATH_UNSAFE, DEPTH_EXCEEDED, the errors of
 * `readArchive`, and of `parseYaml` for a Chart.yaml. The limits on size and entries hold for the archive and its
 * nested archives together.
 */
export async function readChartArchive(bytes: Uint8Array, options: ChartArchiveOptions = {}): Promise<ChartArchive> {
  const { fileName, provenance, limits = defaultLimits, signal } = options
  const where = fileName === undefined ? 'chart archive' : `chart archive ${fileName}`
  const budget = archiveBudget(limits)
  const entries = await readArchive(bytes, { name: where, limits, budget, ...(signal ? { signal } : {}) })
  const context: LoadContext = { where, limits, budget, signal, warnings: [] }
  const chart = await chartOf(entries, context)
  return {
    fileName: fileName ?? formatArchiveName(chart.metadata),
    bytes,
    digest: digestOf(bytes),
    entries,
    chart,
    ...(provenance ? { provenance } : {}),
    warnings: context.warnings,
  }
}

/**
 * Packs entries, with the top folder in their path, and reads the archive that results. Throws as `readChartArchive`
 * does.
 */
export async function writeChartArchive(
  entries: readonly ArchiveEntry[],
  options: ChartArchiveOptions = {},
): Promise<ChartArchive> {
  return readChartArchive(await writeArchive(entries), options)
}

/** One level of replacements: by place among the entries, and for nested archives what is replaced inside. */
function sortAddresses(
  where: string,
  entries: readonly ArchiveEntry[],
  replacements: ReadonlyMap<string, Uint8Array>,
): { readonly direct: Map<number, Uint8Array>; readonly nested: Map<number, Map<string, Uint8Array>> } {
  // Of duplicates the last one stays in the map: the one that Helm reads.
  const places = new Map(
    entries.flatMap(({ path, type }, index) =>
      type === 'file' ? [[path.slice(path.indexOf('/') + 1), index] as const] : [],
    ),
  )
  const direct = new Map<number, Uint8Array>()
  const nested = new Map<number, Map<string, Uint8Array>>()
  for (const [address, data] of replacements) {
    const place = places.get(address)
    const mark = address.indexOf('.tgz!')
    const archive = places.get(address.slice(0, mark + '.tgz'.length))
    if (place !== undefined) direct.set(place, data)
    else if (mark >= 0 && archive !== undefined) {
      const inside = nested.get(archive) ?? new Map<string, Uint8Array>()
      nested.set(archive, inside.set(address.slice(mark + '.tgz!'.length), data))
    } else throw new ChartferryError('FILE_NOT_FOUND', `${where}: there is no file ${address} to replace`)
  }
  return { direct, nested }
}

async function rewrite(
  where: string,
  entries: readonly ArchiveEntry[],
  replacements: ReadonlyMap<string, Uint8Array>,
  options: { readonly limits?: Limits; readonly signal?: AbortSignal },
): Promise<Uint8Array> {
  const { direct, nested } = sortAddresses(where, entries, replacements)
  for (const [place, inside] of nested) {
    const { path = '', data = new Uint8Array() } = entries[place] ?? {}
    const name = `${where}: ${path}`
    direct.set(place, await rewrite(name, await readArchive(data, { name, ...options }), inside, options))
  }
  return writeArchive(entries.map((entry, place) => ({ ...entry, data: direct.get(place) ?? entry.data })))
}

/**
 * The archive with the addressed files replaced (an address as `Chart.address` has it, and the path in that chart).
 * Nested archives on the way are written again; every other entry keeps its bytes, place, mode and time, and of
 * duplicate entries only the last is replaced. Where nothing differs it is the same archive, else one without
 * provenance, which held for the old bytes. Throws FILE_NOT_FOUND for an address without a file, and as
 * `readChartArchive` does.
 */
export async function replaceFiles(
  archive: ChartArchive,
  replacements: ReadonlyMap<string, Uint8Array>,
  options: { readonly limits?: Limits; readonly signal?: AbortSignal } = {},
): Promise<ChartArchive> {
  const changes = new Map(
    [...replacements].filter(([address, data]) => {
      const present = fileAt(archive.chart, address)
      return !present || Buffer.compare(present, data) !== 0
    }),
  )
  if (changes.size === 0) return archive
  const bytes = await rewrite(archive.fileName, archive.entries, changes, options)
  return readChartArchive(bytes, { ...options, fileName: archive.fileName })
}
