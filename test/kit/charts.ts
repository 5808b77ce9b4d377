// Builds chart archives for tests: sound ones from a short description, hostile ones entry by entry.
import { gzipSync } from 'node:zlib'

/** One entry of a tar, written as it stands: nothing is checked, so that hostile archives can be built. */
export interface TarEntry {
  readonly name: string
  /** Default: empty. */
  readonly data?: string | Uint8Array
  /**
   * The type flag of the header: `0` file, `1` hard link, `2` symlink, `3` device, `5` folder, `6` fifo, `L` GNU long
   * name, `x` pax. Default: `0`.
   */
  readonly type?: string
  /** Default: 0o644. */
  readonly mode?: number
  /** Seconds since 1970. Default: one fixed second. */
  readonly mtime?: number
  /** Default: none. */
  readonly link?: string
  /** The size that the header claims. Default: the size of the data. */
  readonly size?: number
}

/** What a chart is built from. */
export interface ChartSpec {
  readonly name: string
  /** Default: `1.0.0`. */
  readonly version?: string
  /** Default: `v2`. */
  readonly apiVersion?: 'v1' | 'v2'
  /** The text of values.yaml. Default: no such file. */
  readonly values?: string
  /** Text by path below `templates/`. Default: none. */
  readonly templates?: Readonly<Record<string, string>>
  /** Files by path below the chart's folder. Default: none. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>
  /**
   * More of Chart.yaml: YAML text put behind the rest, or keys that add to name, version and apiVersion or replace
   * them. Default: none.
   */
  readonly metadata?: string | Readonly<Record<string, unknown>>
  /** Charts below `charts/`, as folders or as nested archives. Default: none. */
  readonly subcharts?: readonly (ChartSpec & { readonly as?: 'folder' | 'archive' })[]
}

const fixedTime = 1_700_000_000

function bytesOf(data: string | Uint8Array | undefined): Uint8Array {
  return typeof data === 'string' ? Buffer.from(data) : (data ?? new Uint8Array())
}

function octal(value: number, digits: number): string {
  return `${value.toString(8).padStart(digits, '0')}\0`
}

/** The 512 bytes of a ustar header; a name longer than 100 bytes is cut. */
export function tarHeader(entry: TarEntry): Uint8Array {
  const header = Buffer.alloc(512)
  const size = entry.size ?? bytesOf(entry.data).length
  header.write(entry.name, 0, 100)
  header.write(octal(entry.mode ?? 0o644, 7), 100)
  header.write(octal(0, 7), 108)
  header.write(octal(0, 7), 116)
  header.write(octal(size, 11), 124)
  header.write(octal(entry.mtime ?? fixedTime, 11), 136)
  header.write('        ', 148)
  header.write(entry.type ?? '0', 156)
  header.write(entry.link ?? '', 157, 100)
  header.write('ustar\x0000', 257)
  const sum = header.reduce((total, byte) => total + byte, 0)
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return header
}

/**
 * A tar that is not compressed, with its two closing blocks; a name longer than 100 bytes gets a GNU long name before
 * it.
 */
export function buildTar(entries: Iterable<TarEntry>): Uint8Array {
  const parts: Uint8Array[] = []
  const withLongNames = [...entries].flatMap((entry): TarEntry[] =>
    Buffer.byteLength(entry.name) > 100
      ? [{ name: '././@LongLink', type: 'L', data: `${entry.name}\0` }, entry]
      : [entry],
  )
  for (const entry of withLongNames) {
    const data = bytesOf(entry.data)
    parts.push(tarHeader(entry), data, Buffer.alloc((512 - (data.length % 512)) % 512))
  }
  return Buffer.concat([...parts, Buffer.alloc(1024)])
}

/** The bytes of a `.tgz` with just these entries, in this order. */
export function buildArchive(entries: Iterable<TarEntry>): Promise<Uint8Array> {
  return Promise.resolve(gzipSync(buildTar(entries)))
}

function chartYaml(spec: ChartSpec): string {
  const base = { apiVersion: spec.apiVersion ?? 'v2', name: spec.name, version: spec.version ?? '1.0.0' }
  const keys = typeof spec.metadata === 'object' ? { ...base, ...spec.metadata } : base
  const lines = Object.entries(keys).map(([key, value]) => `${key}: ${JSON.stringify(value)}\n`)
  return lines.join('') + (typeof spec.metadata === 'string' ? spec.metadata : '')
}

async function chartEntries(spec: ChartSpec, folder: string): Promise<TarEntry[]> {
  const files: Record<string, string | Uint8Array> = { 'Chart.yaml': chartYaml(spec) }
  if (spec.values !== undefined) files['values.yaml'] = spec.values
  for (const [path, text] of Object.entries(spec.templates ?? {})) files[`templates/${path}`] = text
  Object.assign(files, spec.files)
  const entries = Object.entries(files).map(([path, data]): TarEntry => ({ name: `${folder}/${path}`, data }))
  for (const subchart of spec.subcharts ?? []) {
    if (subchart.as === 'archive') {
      const file = `${subchart.name}-${subchart.version ?? '1.0.0'}.tgz`
      entries.push({ name: `${folder}/charts/${file}`, data: await buildChart(subchart) })
    } else {
      entries.push(...(await chartEntries(subchart, `${folder}/charts/${subchart.name}`)))
    }
  }
  return entries
}

/** The bytes of a chart archive as `helm package` would lay it out; the same description gives the same bytes. */
export async function buildChart(spec: ChartSpec): Promise<Uint8Array> {
  return buildArchive(await chartEntries(spec, spec.name))
}
