// Rendered documents as short digests: bytes where a chart prints the same each time, else what stays the same of the values.
import { createHash } from 'node:crypto'
import { isChartferryError } from '../../packages/core/src/errors.ts'
import { GoError } from '../../packages/core/src/helm/template/value.ts'
import { readYaml } from '../../packages/core/src/helm/yaml/go/read.ts'
import { toJson } from '../../packages/core/src/helm/yaml/go/to-json.ts'

type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json }

/** Where a value stands in a document. */
export type DocumentPath = readonly (string | number)[]

/** The documents of `helm template`, each with its `# Source` line. */
export function splitDocuments(text: string): readonly string[] {
  return text.split(/^---\n(?=# Source: )/m).filter((document) => document !== '')
}

/**
 * Eight hexadecimal characters of the SHA-256 of a document: of its bytes, or, with paths, of its header and values
 * with null at each of the paths.
 */
export function hashDocument(document: string, volatile: readonly DocumentPath[] = []): string {
  const value = volatile.length === 0 ? undefined : contentOf(document)
  const text =
    value === undefined
      ? document
      : `${header(document)}\n${JSON.stringify(volatile.reduce((given, path) => without(given, path), value))}`
  return createHash('sha256').update(text).digest('hex').slice(0, 8)
}

/** The paths at which two renderings of a document differ; the root where they cannot be compared. */
export function differingPaths(a: string, b: string): readonly DocumentPath[] {
  if (a === b) return []
  const left = contentOf(a)
  const right = contentOf(b)
  if (left === undefined || right === undefined) return [[]]
  const paths: DocumentPath[] = []
  collect(left, right, [], paths)
  return paths.length === 0 ? [[]] : paths
}

function header(document: string): string {
  return document.slice(0, Math.max(0, document.indexOf('\n')))
}

function contentOf(document: string): Json | undefined {
  try {
    return JSON.parse(String(toJson(readYaml(document)))) as Json
  } catch (error) {
    if (error instanceof GoError || isChartferryError(error)) return undefined
    throw error
  }
}

function collect(a: Json, b: Json, path: DocumentPath, into: DocumentPath[]): void {
  if (Array.isArray(a) && Array.isArray(b) && a.length === b.length) {
    for (const [index, item] of a.entries()) collect(item as Json, b[index] as Json, [...path, index], into)
  } else if (isMap(a) && isMap(b)) {
    for (const name of new Set([...Object.keys(a), ...Object.keys(b)])) {
      if (!(name in a) || !(name in b)) into.push(path)
      else collect(a[name] as Json, b[name] as Json, [...path, name], into)
    }
  } else if (JSON.stringify(a) !== JSON.stringify(b)) into.push(path)
}

function without(value: Json, [first, ...rest]: DocumentPath): Json {
  if (first === undefined) return null
  if (Array.isArray(value)) return value.map((item: Json, index) => (index === first ? without(item, rest) : item))
  if (!isMap(value) || !(first in value)) return value
  return { ...value, [first]: without(value[first] as Json, rest) }
}

function isMap(value: Json): value is { readonly [name: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
