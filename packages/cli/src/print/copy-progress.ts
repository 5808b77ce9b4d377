// How far a copy is, for a person: bytes, rate, time left, and a bar a blob.
import type { CopyProgress } from '@chartferry/core'
import { printable } from './printable.ts'

const units = ['B', 'kB', 'MB', 'GB', 'TB']
/** Milliseconds that a rate is the mean of. */
const window = 10_000
const mostBars = 8
const barWidth = 28

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

/** The line of all, and a line for each blob on its way. */
export function formatCopyProgress(
  { what = 'images', images, bytes, active, quota }: CopyProgress,
  rate: number | undefined,
  columns = 80,
): string {
  const left = rate === undefined || rate === 0 ? undefined : (bytes.total - bytes.done) / rate
  const all = [
    `${images.done}/${images.total} ${what}`,
    `${formatBytes(bytes.done)} of ${formatBytes(bytes.total)}`,
    ...(rate === undefined ? [] : [`${formatBytes(rate)}/s`]),
    ...(left === undefined ? [] : [`${formatSeconds(left)} left`]),
    ...(quota === undefined ? [] : [`${quota.host} lets ${quota.remaining} more pass`]),
  ].join(' · ')
  const room = Math.max(12, columns - barWidth - 14)
  const bars = active.slice(0, mostBars).map(({ name, done, size }) => {
    const share = size === 0 ? 1 : Math.min(1, done / size)
    const shown = printable(name)
    const label = shown.length > room ? `…${shown.slice(1 - room)}` : shown.padEnd(room)
    return `    ${label} ${'━'.repeat(Math.floor(share * barWidth)).padEnd(barWidth, '╌')} ${String(Math.floor(share * 100)).padStart(3)} %`
  })
  return [all, ...bars].join('\n')
}
