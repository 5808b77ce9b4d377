// The text of an index file becomes an `IndexFile`: bounded, bad entries left out and reported, versions newest first.
import { CORE_SCHEMA, defineScalarTag, floatCoreTag, intCoreTag, load, mergeTag, NOT_RESOLVED } from 'js-yaml'
import { ChartferryError, messageOf } from '../errors.ts'
import { defaultLimits, type Limits } from '../limits.ts'
import { isTime } from './entry-fields.ts'
import type { ChartVersion, IndexFile, SkippedEntry } from './index-file.ts'
import { nameFault, parseEntry } from './parse-entry.ts'
import { type CopyBudget, copyBudget, emptyMap, isMap, pay, plainValue, printable } from './plain-value.ts'
import { compareVersions, parseVersion, type Version } from './version.ts'

export interface ParseIndexOptions {
  /** Names the file in messages. Default: `index file`. */
  readonly source?: string
  /** Default: `defaultLimits`. */
  readonly limits?: Limits
}

/**
 * Takes JSON or YAML, as Helm does. An entry that Helm would skip, or for which it would refuse the whole file, is skipped and reported;
 * of two entries of one version the first counts. Throws INDEX_INVALID (empty, HTML, not YAML, no apiVersion), INDEX_TOO_LARGE,
 * YAML_TOO_COMPLEX, DEPTH_EXCEEDED.
 */
export function parseIndexFile(data: Uint8Array | string, options: ParseIndexOptions = {}): IndexFile {
  const { source = 'index file', limits = defaultLimits } = options
  if (data.length > limits.indexBytes) {
    throw new ChartferryError('INDEX_TOO_LARGE', `${source}: ${data.length} bytes, the limit is ${limits.indexBytes}`)
  }
  const text = typeof data === 'string' ? data.replace(/^\ufeff/, '') : new TextDecoder().decode(data)
  const document = parseText(text, source, limits)
  if (!isMap(document)) throw invalid(source, 'is not a mapping')
  const budget = copyBudget(text.length, limits)
  const { apiVersion, generated, annotations, publicKeys, serverInfo } = document
  if (typeof apiVersion !== 'string' || apiVersion === '') throw invalid(source, 'has no apiVersion')
  const skipped: SkippedEntry[] = []
  return {
    apiVersion: printable(apiVersion),
    ...(typeof generated === 'string' && isTime(generated) ? { generated } : {}),
    entries: parseEntries(document.entries, skipped, budget, limits, source),
    ...(isMap(annotations) ? { annotations: textsOf(annotations, budget) } : {}),
    ...(Array.isArray(publicKeys) ? { publicKeys: publicKeys.filter((key) => typeof key === 'string') } : {}),
    ...(isMap(serverInfo) ? { serverInfo: plainValue(serverInfo, budget) as Record<string, unknown> } : {}),
    skipped,
  }
}

function invalid(source: string, what: string, cause?: unknown): ChartferryError {
  return new ChartferryError('INDEX_INVALID', `${source} ${what}`, { cause })
}

function parseText(text: string, source: string, limits: Limits): unknown {
  const start = /\S/.exec(text)?.[0]
  if (start === undefined) throw invalid(source, 'is empty')
  if (start === '<') throw invalid(source, 'is HTML or XML')
  if (start === '{') {
    try {
      return JSON.parse(text)
    } catch {
      // A flow mapping of YAML begins alike.
    }
  }
  try {
    return load(text, { schema, maxDepth: limits.yamlDepth, maxAliases: limits.yamlAliases })
  } catch (thrown) {
    const message = messageOf(thrown).split('\n')[0] ?? ''
    if (/alias/i.test(message) && /exceed|max|limit/i.test(message)) {
      throw new ChartferryError('YAML_TOO_COMPLEX', `${source}: ${message}`, { cause: thrown })
    }
    throw invalid(source, `is not YAML: ${message}`, thrown)
  }
}

/** Numbers stay numbers only where that loses nothing: `1.10` as a version or a tag is text. */
const schema = CORE_SCHEMA.withTags(
  mergeTag,
  ...[intCoreTag, floatCoreTag].map((tag) =>
    defineScalarTag<unknown>(tag.tagName, {
      implicit: true,
      implicitFirstChars: tag.implicitFirstChars,
      identify: () => false,
      resolve: (text, isExplicit, tagName) => {
        const value = tag.resolve(text, isExplicit, tagName)
        return value === NOT_RESOLVED || String(value) === text ? value : text
      },
    }),
  ),
)

function parseEntries(
  entries: unknown,
  skipped: SkippedEntry[],
  budget: CopyBudget,
  limits: Limits,
  source: string,
): Map<string, readonly ChartVersion[]> {
  const charts = new Map<string, readonly ChartVersion[]>()
  if (entries === null || entries === undefined) return charts
  if (!isMap(entries)) throw invalid(source, 'has entries that are not a mapping')
  let count = 0
  for (const [key, list] of Object.entries(entries)) {
    const chart = printable(key)
    const fault = nameFault(key)
    if (fault !== undefined || !Array.isArray(list)) {
      skipped.push({ chart, reason: fault ?? 'the versions are not a list' })
      continue
    }
    count += list.length
    if (count > limits.indexVersions) {
      throw new ChartferryError('INDEX_TOO_LARGE', `${source}: more than ${limits.indexVersions} chart versions`)
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
  const seen = new Set<string>()
  const kept: { readonly entry: ChartVersion; readonly order: Version }[] = []
  for (const item of list) {
    const entry = parseEntry(item, budget)
    if (typeof entry === 'string') {
      const version = isMap(item) && typeof item.version === 'string' ? { version: printable(item.version) } : {}
      skipped.push({ chart: printable(chart), ...version, reason: printable(entry) })
    } else if (seen.has(entry.version)) {
      skipped.push({ chart, version: entry.version, reason: 'the version appears twice; the first one counts' })
    } else {
      seen.add(entry.version)
      const order = parseVersion(entry.version)
      if (order !== undefined) kept.push({ entry, order })
    }
  }
  return kept.sort((a, b) => compareVersions(b.order, a.order)).map(({ entry }) => entry)
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
