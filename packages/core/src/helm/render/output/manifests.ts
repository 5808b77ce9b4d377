// Rendered files cut into manifests, told apart from hooks, and put in the order of installation (Helm's
// pkg/releaseutil).
import { isChartferryError } from '../../../errors.ts'
import { compareStrings } from '../../template/kind.ts'
import { bare, slice } from '../../template/text.ts'
import type { Text } from '../../template/value.ts'
import { isPartial } from '../engine/template-files.ts'
import { installOrder } from './install-order.ts'
import { type ManifestHead, readHead } from './manifest-head.ts'

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
 * Cuts and sorts what the templates printed. A document of an unknown hook event is dropped; `lenient` takes what is no
 * YAML, too. Throws RENDER_FAILED for a document that is no YAML mapping.
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

/** The head, or an empty one where the document is no manifest. */
function readHeadOrNone(text: string, source: string, helm: 3 | 4): ManifestHead {
  try {
    return readHead(text, source, helm)
  } catch (error) {
    if (isChartferryError(error, 'RENDER_FAILED')) return { kind: '', hook: undefined }
    throw error
  }
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
