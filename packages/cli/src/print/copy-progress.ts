// How far a copy is, for a person: bytes, rate, time left, and a bar a blob.
import type { CopyProgress } from '@chartferry/core'
import { printable } from './printable.ts'

const units = ['B', 'kB', 'MB', 'GB', 'TB']
/** Milliseconds that a rate is the mean of. */
const window = 10_000
const mostBars = 8
const widestBar = 28

/** Bytes in the unit that fits: `84 MB`, `1.4 GB`. */
export function formatBytes(bytes: number): string {
  let value = Math.max(0, bytes)
  let unit = 0
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000
    unit++
  }
  return `${value < 10 && unit > 0 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`
}

/** Seconds as a person says them: `18 s`, `3 min`, `2 h`. */
export function formatSeconds(seconds: number): string {
  if (seconds < 100) return `${Math.ceil(seconds)} s`
  return seconds < 6000 ? `${Math.ceil(seconds / 60)} min` : `${Math.ceil(seconds / 3600)} h`
}

/**
 * Takes what is done at a time in milliseconds, and gives bytes a second over the last seconds; undefined while that
 * says nothing.
 */
export function openRate(): (done: number, now: number) => number | undefined {
  const samples: { readonly done: number; readonly now: number }[] = []
  return (done, now) => {
    samples.push({ done, now })
    while (samples.length > 2 && now - (samples[0]?.now ?? now) > window) samples.shift()
    const [first] = samples
    const elapsed = now - (first?.now ?? now)
    return first === undefined || elapsed < 500 ? undefined : Math.max(0, ((done - first.done) * 1000) / elapsed)
  }
}

/** How far all of it is, in a line: what does not fit goes, the least needed first. */
export function copySummary(
  { what = 'images', images, bytes, quota }: CopyProgress,
  rate: number | undefined,
  columns: number = Number.POSITIVE_INFINITY,
): string {
  const left = rate === undefined || rate === 0 ? undefined : (bytes.total - bytes.done) / rate
  const counted = `${images.done}/${images.total} ${what}`
  const sizes = `${formatBytes(bytes.done)} of ${formatBytes(bytes.total)}`
  const speed = rate === undefined ? [] : [`${formatBytes(rate)}/s`]
  const time = left === undefined ? [] : [`${formatSeconds(left)} left`]
  const granted = quota === undefined ? [] : [`${quota.host} lets ${quota.remaining} more pass`]
  const forms = [
    [counted, sizes, ...speed, ...time, ...granted],
    [counted, sizes, ...speed, ...time],
    [counted, sizes, ...time],
    [counted, ...time],
  ].map((parts) => parts.join(' · '))
  return forms.find((form) => form.length <= columns) ?? counted
}

/** The line of all, and a line for each blob on its way. */
export function formatCopyProgress(progress: CopyProgress, rate: number | undefined, columns = 80): string {
  // The stage stands before the first line.
  const all = copySummary(progress, rate, columns - 12)
  const bar = Math.min(widestBar, Math.max(0, columns - 36))
  const room = Math.max(8, columns - bar - 14)
  const bars = progress.active.slice(0, mostBars).map(({ name, done, size }) => {
    const share = size === 0 ? 1 : Math.min(1, done / size)
    const shown = printable(name)
    const label = shown.length > room ? `…${shown.slice(1 - room)}` : shown.padEnd(room)
    const drawn = bar < 4 ? '' : ` ${'━'.repeat(Math.floor(share * bar)).padEnd(bar, '╌')}`
    return `    ${label}${drawn} ${String(Math.floor(share * 100)).padStart(3)} %`
  })
  return [all, ...bars].join('\n')
}
