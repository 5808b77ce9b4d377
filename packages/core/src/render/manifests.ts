// Rendered files cut into manifests, told apart from hooks, and put in the order of installation (Helm's pkg/releaseutil).
import { ChartferryError, isChartferryError } from '../errors.ts'
import { compareStrings } from '../template/kind.ts'
import { printScalar } from '../template/print.ts'
import { bare, slice } from '../template/text.ts'
import { GoError, GoMap, type PlainValue, plain, type Text, TracedText, type Value } from '../template/value.ts'
import { readYaml } from '../yaml/go/read.ts'
import { installOrder } from './install-order.ts'
import { isPartial } from './template-files.ts'

/** One document that a template printed. */
export interface Manifest {
  /** The path of the template. */
  readonly source: string
  readonly text: Text
  readonly kind: string
}

/** Manifests and hooks, each in Helm's order. */
export interface SortedManifests {
  readonly manifests: readonly Manifest[]
  readonly hooks: readonly Manifest[]
}

const hookEvents: ReadonlySet<string> = new Set([
  'pre-install',
  'post-install',
  'pre-delete',
  'post-delete',
  'pre-upgrade',
  'post-upgrade',
  'pre-rollback',
  'post-rollback',
  'test',
  'test-success',
])

/**
 * Cuts and sorts what the templates printed. A document of an unknown hook event is dropped; `lenient` takes what is no YAML, too.
 * Throws RENDER_FAILED for a document that is no YAML mapping.
 */
export function sortManifests(texts: ReadonlyMap<string, Text>, helm: 3 | 4, lenient = false): SortedManifests {
  const manifests: Manifest[] = []
  const hooks: Manifest[] = []
  for (const source of [...texts.keys()].sort(compareStrings)) {
    if (isPartial(source)) continue
    for (const text of splitManifests(texts.get(source) ?? '', helm)) {
      const { kind, hook } = lenient ? readHeadOrNone(bare(text), source, helm) : readHead(bare(text), source, helm)
      const manifest = { source, text, kind }
      if (hook === undefined) manifests.push(manifest)
      else if (hook.split(',').every((event) => hookEvents.has(event.trim().toLowerCase()))) hooks.push(manifest)
    }
  }
  return { manifests: byKind(manifests, helm), hooks: byKind(hooks, helm) }
}

/** The documents of a rendered file. Helm 3 trims both ends, Helm 4 only the beginning. */
export function splitManifests(text: Text, helm: 3 | 4): Text[] {
  const subject = bare(text)
  const found: Text[] = []
  for (const [start, end] of helm === 3 ? cutAsHelm3(subject) : cutAsHelm4(subject)) {
    const from = start + leadingSpace(subject.slice(start, end))
    const to = helm === 3 ? Math.max(from, start + subject.slice(start, end).trimEnd().length) : end
    found.push(slice(text, from, to))
  }
  return found
}

function leadingSpace(text: string): number {
  return text.length - text.trimStart().length
}

/**
 * Ranges between separators: `---` at the beginning or after a newline, with all space around it.
 * Walked from one `---` to the next: as a regular expression this takes quadratic time on long runs of space.
 */
function* cutAsHelm3(subject: string): Generator<readonly [number, number]> {
  const end = subject.trimEnd().length
  const first = leadingSpace(subject)
  let start = first
  let from = start
  for (let at = subject.indexOf('---', from); at >= 0 && at + 3 <= end; at = subject.indexOf('---', from)) {
    const before = subject.slice(start, at)
    if (at === start ? at !== first : !before.endsWith('\n')) {
      from = at + 1
      continue
    }
    if (before !== '') yield [start, at]
    start = at + 3 + leadingSpace(subject.slice(at + 3, end))
    from = start
  }
  if (start < end) yield [start, end]
}

/** Ranges between lines that begin with `---`. */
function* cutAsHelm4(subject: string): Generator<readonly [number, number]> {
  let start = leadingSpace(subject)
  for (const match of subject.slice(start).matchAll(/^---[ \t]*/gm)) {
    const at = leadingSpace(subject) + match.index
    if (subject.slice(start, at).trim() !== '') yield [start, at]
    start = at + match[0].length
  }
  if (subject.slice(start).trim() !== '') yield [start, subject.length]
}

/** The kind, and the events of a hook where it is one. */
function readHead(
  text: string,
  source: string,
  helm: 3 | 4,
): { readonly kind: string; readonly hook: string | undefined } {
  const fail = (why: string): never => {
    throw new ChartferryError('RENDER_FAILED', `YAML parse error on ${source}: ${why}`)
  }
  const head = read(text, fail)
  if (head === null || head === undefined) return { kind: '', hook: undefined }
  if (!(head instanceof GoMap))
    return fail(unmarshalError(head, `value of type ${helm === 3 ? 'releaseutil' : 'util'}.SimpleHead`))
  const kind = textField(head, 'kind', 'SimpleHead.kind', fail)
  textField(head, 'apiVersion', 'SimpleHead.apiVersion', fail)
  const metadata = tableField(
    head,
    'metadata',
    'SimpleHead.metadata',
    'struct { Name string "json:\\"name\\""; Annotations map[string]string "json:\\"annotations\\"" }',
    fail,
  )
  if (metadata === undefined) return { kind, hook: undefined }
  textField(metadata, 'name', 'SimpleHead.metadata.name', fail)
  const annotations = tableField(metadata, 'annotations', 'SimpleHead.metadata.annotations', 'map[string]string', fail)
  if (annotations === undefined) return { kind, hook: undefined }
  for (const key of annotations.entries.keys()) textField(annotations, key, '.metadata.annotations', fail)
  const hook = annotations.entries.has('helm.sh/hook')
  return { kind, hook: hook ? textField(annotations, 'helm.sh/hook', '', fail) : undefined }
}

function readHeadOrNone(text: string, source: string, helm: 3 | 4): ReturnType<typeof readHead> {
  try {
    return readHead(text, source, helm)
  } catch (error) {
    if (isChartferryError(error, 'RENDER_FAILED')) return { kind: '', hook: undefined }
    throw error
  }
}

function read(text: string, fail: (why: string) => never): PlainValue {
  try {
    return plain(readYaml(text))
  } catch (error) {
    if (error instanceof GoError) return fail(error.message)
    throw error
  }
}

/** A scalar where Go wants a string; numbers and booleans become one, null nothing. */
function textField(table: GoMap, key: string, place: string, fail: (why: string) => never): string {
  const value = plain(table.entries.get(key))
  if (value === null || value === undefined) return ''
  if (typeof value === 'object') return fail(unmarshalError(value, `struct field ${place} of type string`))
  return typeof value === 'string' ? value : printScalar(value)
}

function tableField(
  table: GoMap,
  key: string,
  place: string,
  type: string,
  fail: (why: string) => never,
): GoMap | undefined {
  const value = plain(table.entries.get(key))
  if (value === null || value === undefined) return undefined
  return value instanceof GoMap ? value : fail(unmarshalError(value, `struct field ${place} of type ${type}`))
}

function unmarshalError(value: Value, into: string): string {
  const found = value instanceof GoMap ? 'object' : typeof value === 'object' ? 'array' : jsonKind(value)
  return `error unmarshaling JSON: while decoding JSON: json: cannot unmarshal ${found} into Go ${into}`
}

function jsonKind(value: Value): string {
  return typeof value === 'boolean' ? 'bool' : value instanceof TracedText ? 'string' : typeof value
}

/** By the order of installation, unknown kinds behind, by name; what is equal stays as it is. */
function byKind(manifests: readonly Manifest[], helm: 3 | 4): Manifest[] {
  const rank = installOrder(helm)
  return manifests.toSorted((a, b) => {
    const first = rank.get(a.kind)
    const second = rank.get(b.kind)
    if (first !== undefined && second !== undefined) return first - second
    if (first === undefined && second === undefined) return compareStrings(a.kind, b.kind)
    return first === undefined ? 1 : -1
  })
}
