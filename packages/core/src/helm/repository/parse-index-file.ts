// The text of an index file becomes an `IndexFile`: bounded, bad entries left out and reported, versions newest first.
import { type LoadOptions, load } from 'js-yaml'
import { ChartferryError, messageOf } from '../../errors.ts'
import { defaultLimits, type Limits } from '../../limits.ts'
import { goSorted } from '../semver/go-sort.ts'
import { compareVersions, parseVersion, type Version } from '../semver/version.ts'
import { textSchema } from '../yaml/schema.ts'
import { isTime } from './entry-fields.ts'
import type { ChartVersion, IndexFile, SkippedEntry } from './index-file.ts'
import { nameFault, parseEntry } from './parse-entry.ts'
import { type CopyBudget, copyBudget, emptyMap, isMap, pay, plainValue, printable } from './plain-value.ts'
import { jsonEntries, type SplitIndex, splitEntries } from './split-entries.ts'

export interface ParseIndexOptions {
  /** Names the file in messages. Default: `index file`. */
  readonly where?: string
  /** Default: `defaultLimits`. */
  readonly limits?: Limits
}

/**
 * Takes JSON or YAML, as Helm does; a number where text is wanted is the text that Go prints for it. An entry that
 * Helm would skip, or for which it would refuse the whole file, is skipped and reported; of two entries of one version,
 * and of versions that differ in build metadata alone, the one that Helm takes comes first. Throws INDEX_INVALID (empty, HTML, not YAML, no apiVersion), INDEX_TOO_LARGE, YAML_TOO_COMPLEX,
 * DEPTH_EXCEEDED.
 */
export function parseIndexFile(data: Uint8Array | string, options: ParseIndexOptions = {}): IndexFile {
  const { where = 'index file', limits = defaultLimits } = options
  if (data.length > limits.indexBytes) {
    throw new ChartferryError('INDEX_TOO_LARGE', `${where}: ${data.length} bytes, the limit is ${limits.indexBytes}`)
  }
  const text = typeof data === 'string' ? data.replace(/^\ufeff/, '') : new TextDecoder().decode(data)
  checkNodes(text, where, limits)
  const reading: Reading = { where, limits, text }
  const json = jsonEntries(text)
  const split = json === undefined ? splitEntries(text) : undefined
  return (
    (json && readRest(json.rest, () => entriesOf(json.entries, where), reading)) ??
    (split && readRest(split.rest, () => chartEntries(split, limits), reading)) ??
    readIndex(parseText(text, where, limits), undefined, reading)
  )
}

/** A value takes a hundred times the memory of the character that it may be: none is made before they are counted. */
function checkNodes(text: string, where: string, { indexNodes }: Limits): void {
  if (text.length <= indexNodes) return
  let nodes = 0
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    // `{ [ , :` and the line break.
    if (code === 0x7b || code === 0x5b || code === 0x2c || code === 0x3a || code === 0x0a) nodes++
  }
  if (nodes <= indexNodes) return
  throw new ChartferryError('INDEX_TOO_LARGE', `${where}: ${nodes} values, the limit is ${indexNodes}`)
}

interface Reading {
  readonly where: string
  readonly limits: Limits
  readonly text: string
}

type Entries = Iterable<readonly [string, unknown]>

/** Reads each chart when it is wanted, so that only one is held in the form that YAML is read to. Throws WrongCut. */
function* chartEntries({ charts }: SplitIndex, limits: Limits): Generator<readonly [string, unknown]> {
  const keys = new Set<string>()
  for (const piece of charts) {
    const chart = load(piece, readingOptions(limits))
    const [entry, ...others] = isMap(chart) ? Object.entries(chart) : []
    if (entry === undefined || others.length > 0 || keys.has(entry[0])) throw new WrongCut()
    keys.add(entry[0])
    yield entry
  }
}

/**
 * Reads a document whose entries were cut out; undefined where the cuts were wrong, or what is cut out is not as it
 * should be.
 */
function readRest(rest: string, entries: () => Entries, reading: Reading): IndexFile | undefined {
  try {
    const document = load(rest, readingOptions(reading.limits))
    // Where the entries were cut out there is nothing left; otherwise these were not the entries.
    if (!isMap(document) || !Object.hasOwn(document, 'entries') || document.entries) return undefined
    return readIndex(document, entries(), reading)
  } catch (thrown) {
    // Reading the whole finds the same fault, and says where it is.
    if (thrown instanceof ChartferryError && thrown.code !== 'INDEX_INVALID') throw thrown
    return undefined
  }
}

function readingOptions({ yamlDepth, yamlAliases }: Limits): LoadOptions {
  return { schema: textSchema, maxDepth: yamlDepth, maxAliases: yamlAliases }
}

/** A piece of a text that is no chart. */
class WrongCut extends Error {}

/** `entries` counts in place of those of the document. */
function readIndex(document: unknown, entries: Entries | undefined, { where, limits, text }: Reading): IndexFile {
  if (!isMap(document)) throw invalid(where, 'is not a mapping')
  const budget = copyBudget(text.length, limits)
  const { apiVersion, generated, annotations, publicKeys, serverInfo } = document
  if (typeof apiVersion !== 'string' || apiVersion === '') throw invalid(where, 'has no apiVersion')
  const skipped: SkippedEntry[] = []
  return {
    apiVersion: printable(apiVersion),
    ...(typeof generated === 'string' && isTime(generated) ? { generated } : {}),
    entries: parseEntries(entries ?? entriesOf(document.entries, where), skipped, budget, limits, where),
    ...(isMap(annotations) ? { annotations: textsOf(annotations, budget) } : {}),
    ...(Array.isArray(publicKeys) ? { publicKeys: publicKeys.filter((key) => typeof key === 'string') } : {}),
    ...(isMap(serverInfo) ? { serverInfo: plainValue(serverInfo, budget) as Record<string, unknown> } : {}),
    skipped,
  }
}

function invalid(where: string, what: string, cause?: unknown): ChartferryError {
  return new ChartferryError('INDEX_INVALID', `${where} ${what}`, { cause })
}

function parseText(text: string, where: string, limits: Limits): unknown {
  const start = /\S/.exec(text)?.[0]
  if (start === undefined) throw invalid(where, 'is empty')
  if (start === '<') throw invalid(where, 'is HTML or XML')
  if (start === '{') {
    try {
      return JSON.parse(text)
    } catch {
      // A flow mapping of YAML begins alike.
    }
  }
  try {
    return load(text, readingOptions(limits))
  } catch (thrown) {
    const message = messageOf(thrown).split('\n')[0] ?? ''
    if (/alias/i.test(message) && /exceed|max|limit/i.test(message)) {
      throw new ChartferryError('YAML_TOO_COMPLEX', `${where}: ${message}`, { cause: thrown })
    }
    throw invalid(where, `is not YAML: ${message}`, thrown)
  }
}

function entriesOf(entries: unknown, where: string): readonly (readonly [string, unknown])[] {
  if (entries === null || entries === undefined) return []
  if (!isMap(entries)) throw invalid(where, 'has entries that are not a mapping')
  return Object.entries(entries)
}

function parseEntries(
  entries: Entries,
  skipped: SkippedEntry[],
  budget: CopyBudget,
  limits: Limits,
  where: string,
): Map<string, readonly ChartVersion[]> {
  const charts = new Map<string, readonly ChartVersion[]>()
  let count = 0
  for (const [key, list] of entries) {
    const chart = printable(key)
    const fault = nameFault(key)
    if (fault !== undefined || !Array.isArray(list)) {
      skipped.push({ chart, reason: fault ?? 'the versions are not a list' })
      continue
    }
    count += list.length
    if (count > limits.indexVersions) {
      throw new ChartferryError('INDEX_TOO_LARGE', `${where}: more than ${limits.indexVersions} chart versions`)
    }
    const versions = parseVersions(key, list, skipped, budget)
    if (versions.length > 0) charts.set(key, versions)
  }
  return charts
}

function parseVersions(
  chart: string,
  list: readonly unknown[],
  skipped: SkippedEntry[],
  budget: CopyBudget,
): ChartVersion[] {
  const kept: { readonly entry: ChartVersion; readonly order: Version }[] = []
  for (const item of list) {
    const entry = parseEntry(item, budget)
    if (typeof entry === 'string') {
      const version = isMap(item) && typeof item.version === 'string' ? { version: printable(item.version) } : {}
      skipped.push({ chart: printable(chart), ...version, reason: printable(entry) })
    } else {
      const order = parseVersion(entry.version)
      if (order !== undefined) kept.push({ entry, order })
    }
  }
  // Of versions that differ in build metadata alone, Helm takes the one that its sort brings to the front (sort.Sort of
  // sort.Reverse, IndexFile.SortEntries); of entries of one version, too.
  const sorted = goSorted(kept, (a, b) => compareVersions(b.order, a.order) < 0)
  const seen = new Set<string>()
  return sorted.flatMap(({ entry }) => {
    if (seen.has(entry.version)) {
      skipped.push({
        chart,
        version: entry.version,
        reason: 'the version appears twice; the one that Helm takes counts',
      })
      return []
    }
    seen.add(entry.version)
    return [entry]
  })
}

/** Helm takes texts only; lists and mappings among them are left out. */
function textsOf(map: Readonly<Record<string, unknown>>, budget: CopyBudget): Record<string, string> {
  const texts = emptyMap() as Record<string, string>
  for (const [key, value] of Object.entries(map)) {
    if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') continue
    pay(budget, key.length)
    texts[key.toWellFormed()] = String(plainValue(String(value), budget))
  }
  return texts
}
