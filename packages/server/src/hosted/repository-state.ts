// What a hosted repository holds at one number of its chain, and what each change does to it.

import type { Digest } from '@chartferry/core'
import { compareVersions, parseVersion } from '@chartferry/core/helm'

/** One pushed archive. */
export interface HostedFile {
  readonly name: string
  readonly version: string
  readonly digest: Digest
  readonly size: number
  /** RFC 3339. */
  readonly created: string
  /** The key of its bytes where that is not the one of the digest. */
  readonly blob?: string
}

/** A pushed chart version. */
export interface HostedVersion extends HostedFile {
  /** Its entry of the index file: JSON that is YAML too, with a URL relative to the repository. */
  readonly entry: string
}

/** A version as it is stored. */
export interface HeldVersion extends HostedFile {
  /** The file name that is its identity. */
  readonly file: string
  /** A text until an index is made of it; then its place in that, in UTF-8. */
  entry: string | Buffer
}

/** The provenance file of an archive, which may come before the archive. */
export interface HostedProvenance {
  readonly digest: Digest
  readonly size: number
  /** The digest of the archive that it speaks of, where it says so. */
  readonly subject?: string
  readonly blob?: string
}

/** One step of a repository's history. Files are named as `name-version.tgz`. */
export type Change =
  | { readonly put: HostedVersion }
  | { readonly prove: string; readonly provenance: HostedProvenance }
  /** The archive and its provenance go. */
  | { readonly remove: string }
  /** A file of another server's folder has been taken over, as it was then; it is gone where the stamp is empty. */
  | { readonly taken: string; readonly stamp: string }

/** The versions of one chart, newest first; what has been handed out is replaced, never changed. */
interface HeldChart {
  versions: HeldVersion[]
  shared: boolean
}

export interface RepositoryState {
  /** Of the last change; 0 where there was none. */
  number: number
  /** Names the whole history up to here. */
  revision: string
  /** Milliseconds since 1970: when the last change was made. */
  modified: number
  readonly charts: Map<string, HeldChart>
  /** By file name. */
  readonly files: Map<string, HeldVersion>
  readonly provenances: Map<string, HostedProvenance>
  readonly taken: Map<string, string>
}

/** A repository in which nothing has happened. */
export function emptyState(): RepositoryState {
  return {
    number: 0,
    revision: '',
    modified: 0,
    charts: new Map(),
    files: new Map(),
    provenances: new Map(),
    taken: new Map(),
  }
}

/** The file name that is a version's identity: two versions of one file name cannot both be there. */
export function fileOf({ name, version }: { readonly name: string; readonly version: string }): string {
  return `${name}-${version}.tgz`
}

/** Makes a change. False for one of a kind that this program does not know. */
export function applyChange(state: RepositoryState, change: Change): boolean {
  if ('put' in change) {
    const file = fileOf(change.put)
    const before = state.files.get(file)
    if (before !== undefined) {
      removeVersion(state, before)
      // The provenance of other bytes would only say that they are wrong.
      if (state.provenances.get(file)?.subject !== change.put.digest) state.provenances.delete(file)
    }
    const version = heldVersion(state, file, change.put)
    state.files.set(file, version)
    insertVersion(state, version)
  } else if ('prove' in change) {
    state.provenances.set(change.prove, change.provenance)
  } else if ('remove' in change) {
    const version = state.files.get(change.remove)
    if (version !== undefined) removeVersion(state, version)
    state.files.delete(change.remove)
    state.provenances.delete(change.remove)
  } else if ('taken' in change) {
    if (change.stamp === '') state.taken.delete(change.taken)
    else state.taken.set(state.files.get(change.taken)?.file ?? change.taken, change.stamp)
  } else return false
  return true
}

/** Of equal texts one is held: there are as many as there are versions. */
function heldVersion(state: RepositoryState, file: string, put: HostedVersion): HeldVersion {
  const { version, digest, size, created, entry, blob } = put
  const name = state.charts.get(put.name)?.versions[0]?.name ?? put.name
  // Written out, an object takes a third less memory than one that is put together.
  const stored = { name, version, digest, size, created, file, entry }
  return blob === undefined ? stored : { name, version, digest, size, created, file, entry, blob }
}

/** The file of which a change speaks. */
export function subjectOf(change: Change): string {
  if ('put' in change) return fileOf(change.put)
  if ('prove' in change) return change.prove
  return 'remove' in change ? change.remove : change.taken
}

/** The changes that lead from nothing to this state, as it is now; each is made when it is wanted. */
export function changesOf(state: RepositoryState): { readonly count: number; readonly changes: Iterable<Change> } {
  const charts = sharedCharts(state)
  const provenances = [...state.provenances]
  const taken = [...state.taken]
  function* changes(): Generator<Change> {
    for (const list of charts.values())
      for (const { file: _, entry, ...version } of list) yield { put: { ...version, entry: entry.toString() } }
    for (const [prove, provenance] of provenances) yield { prove, provenance }
    for (const [name, stamp] of taken) yield { taken: name, stamp }
  }
  return { count: state.files.size + provenances.length + taken.length, changes: changes() }
}

/** The charts in the order of their names, their versions newest first; later changes leave them as they are. */
export function sharedCharts(state: Pick<RepositoryState, 'charts'>): Map<string, readonly HeldVersion[]> {
  const charts = new Map<string, readonly HeldVersion[]>()
  for (const name of [...state.charts.keys()].sort()) {
    const chart = state.charts.get(name)
    if (chart === undefined) continue
    chart.shared = true
    charts.set(name, chart.versions)
  }
  return charts
}

function insertVersion(state: RepositoryState, version: HeldVersion): void {
  const chart = ownedChart(state, version.name)
  const { versions } = chart
  const last = versions.at(-1)
  // Snapshots come newest first.
  if (last === undefined || isNewer(last, version)) {
    versions.push(version)
    return
  }
  let [low, high] = [0, versions.length]
  while (low < high) {
    const middle = (low + high) >> 1
    const other = versions[middle]
    if (other !== undefined && isNewer(other, version)) low = middle + 1
    else high = middle
  }
  versions.splice(low, 0, version)
}

function removeVersion(state: RepositoryState, version: HeldVersion): void {
  const chart = ownedChart(state, version.name)
  chart.versions = chart.versions.filter((other) => other !== version)
  if (chart.versions.length === 0) state.charts.delete(version.name)
}

function ownedChart(state: RepositoryState, name: string): HeldChart {
  const chart = state.charts.get(name) ?? { versions: [], shared: false }
  if (chart.shared) chart.versions = [...chart.versions]
  chart.shared = false
  state.charts.set(name, chart)
  return chart
}

/** Versions that differ in their build alone have an order too, so that all processes show one index. */
function isNewer(a: HeldVersion, b: HeldVersion): boolean {
  const [first, second] = [parseVersion(a.version), parseVersion(b.version)]
  const order = first === undefined || second === undefined ? 0 : compareVersions(first, second)
  return order === 0 ? a.version > b.version : order > 0
}
