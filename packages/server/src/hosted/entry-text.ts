// The line of a chart version in the index file, kept as text: what a hosted repository shows is put together from it.
import { type ChartVersion, formatEntry } from '@chartferry/core/helm'
import { encodePath } from '../upstream/chart-path.ts'
import { fileOf } from './repository-state.ts'

const mark = Buffer.from('"urls":["charts/')

/**
 * The entry with a URL relative to the repository. Fields that Helm does not know are dropped, so that the text is
 * right as JSON and as YAML.
 */
export function entryText(version: ChartVersion): string {
  return formatEntry({ ...version, urls: [`charts/${encodePath(fileOf(version))}`] }, 'yaml')
}

/** The entry in UTF-8. */
export function entryBytes(entry: string | Buffer): Buffer {
  return typeof entry === 'string' ? Buffer.from(entry) : entry
}

/** The same with URLs that begin with `base`. */
export function withBase(entry: string | Buffer, base: string): Buffer {
  // Nothing behind the last one can look like it: only `version` comes later.
  const bytes = entryBytes(entry)
  const at = bytes.lastIndexOf(mark)
  const urls = Buffer.from(`"urls":["${JSON.stringify(base).slice(1, -1)}/charts/`)
  return Buffer.concat([bytes.subarray(0, at), urls, bytes.subarray(at + mark.length)])
}

/** The entry as a model. */
export function parseEntryText(entry: string | Buffer): ChartVersion {
  const { name, version, urls, digest, created, ...fields } = JSON.parse(entry.toString()) as Record<
    string,
    unknown
  > & {
    readonly name: string
    readonly version: string
    readonly urls: readonly string[]
    readonly digest: string
    readonly created: string
  }
  return { name, version, urls, digest: `sha256:${digest}`, created, fields: { ...fields, name, version } }
}
