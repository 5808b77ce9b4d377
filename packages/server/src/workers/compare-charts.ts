// What differs between the files of two versions of a chart, as unified diffs.
import type { Chart } from '@chartferry/core'
import { structuredPatch } from 'diff'

/** One file that differs. */
export interface FileDifference {
  /** Its address in the archive: `charts/redis/values.yaml`. */
  readonly file: string
  readonly state: 'added' | 'removed' | 'changed'
  /** Lines; absent where the file is no text, or too different to compare in the time there is. */
  readonly added?: number
  readonly removed?: number
  readonly hunks: readonly DifferenceHunk[]
  /** Whether there are more hunks than are given. */
  readonly isCut: boolean
}

export interface DifferenceHunk {
  /** `@@ -1,4 +1,5 @@` as patch has it. */
  readonly head: string
  /** Each begins with a blank, `+` or `-`. */
  readonly lines: readonly string[]
}

export interface ChartDifference {
  /** values.yaml first, then Chart.yaml, templates, and the rest. */
  readonly files: readonly FileDifference[]
  /** Files that differ beyond those given. */
  readonly more: number
}

const mostFiles = 200
/** Lines of all hunks together. */
const mostLines = 4000
const longestLine = 400
/** Milliseconds that a file and all files may take. */
const within = { file: 2000, all: 20_000 }

/** Pure but for its clock, which bounds the work. */
export function compareCharts(before: Chart, after: Chart): ChartDifference {
  const [old, fresh] = [filesOf(before), filesOf(after)]
  const names = [...new Set([...old.keys(), ...fresh.keys()])]
    .filter((name) => !isSame(old.get(name), fresh.get(name)))
    .sort((a, b) => rankOf(a) - rankOf(b) || (a < b ? -1 : 1))
  const until = performance.now() + within.all
  let left = mostLines
  const files = names.slice(0, mostFiles).map((file) => {
    const found = differenceOf(file, old.get(file), fresh.get(file), left, until)
    left -= found.hunks.reduce((sum, { lines }) => sum + lines.length, 0)
    return found
  })
  return { files, more: names.length - files.length }
}

function differenceOf(
  file: string,
  before: Uint8Array | undefined,
  after: Uint8Array | undefined,
  room: number,
  until: number,
): FileDifference {
  const state = before === undefined ? 'added' : after === undefined ? 'removed' : 'changed'
  const texts = [before, after].map((bytes) => (bytes === undefined ? '' : textOf(bytes)))
  const [old, fresh] = texts
  const time = Math.min(within.file, until - performance.now())
  const nothing = { file, state, hunks: [], isCut: true } as const
  if (old === undefined || fresh === undefined || time <= 0) return nothing
  const patch = structuredPatch(file, file, old, fresh, undefined, undefined, { context: 3, timeout: time })
  if (patch === undefined) return nothing
  const hunks: DifferenceHunk[] = []
  const counts = { added: 0, removed: 0 }
  let left = room
  for (const { oldStart, oldLines, newStart, newLines, lines } of patch.hunks) {
    for (const line of lines) {
      if (line.startsWith('+')) counts.added += 1
      if (line.startsWith('-')) counts.removed += 1
    }
    if (left <= 0) continue
    const shown = lines
      .slice(0, left)
      .map((line) => (line.length > longestLine ? `${line.slice(0, longestLine)}…` : line))
    hunks.push({ head: `@@ -${oldStart},${oldLines} +${newStart},${newLines} @@`, lines: shown })
    left -= lines.length
  }
  return { file, state, ...counts, hunks, isCut: left < 0 || hunks.length < patch.hunks.length }
}

function filesOf(chart: Chart, into = new Map<string, Uint8Array>()): Map<string, Uint8Array> {
  for (const [path, bytes] of chart.files) into.set(plainAddress(chart.address) + path, bytes)
  for (const subchart of chart.subcharts) filesOf(subchart, into)
  return into
}

/** A subchart in another version is the same subchart: `charts/redis-1.2.3.tgz!` is `charts/redis/`. */
function plainAddress(address: string): string {
  return address.replace(/-\d+\.\d+[^/!]*\.tgz!/g, '/')
}

/** What people read first. */
function rankOf(file: string): number {
  if (file === 'values.yaml') return 0
  if (file === 'Chart.yaml') return 1
  if (file.startsWith('templates/') || file.startsWith('crds/')) return 2
  return file.startsWith('charts/') ? 4 : 3
}

function isSame(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  return a !== undefined && b !== undefined && Buffer.compare(a, b) === 0
}

/** Undefined for what is no text. */
function textOf(bytes: Uint8Array): string | undefined {
  if (bytes.subarray(0, 8000).includes(0)) return undefined
  return Buffer.from(bytes).toString()
}
