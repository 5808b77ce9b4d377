// Durations, sizes and shares as people write them.

const milliseconds: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }
const bytes: Readonly<Record<string, number>> = { '': 1, B: 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 }

/** Takes `500ms`, `30s`, `5m`, `2h`, `1d`; gives milliseconds, undefined for anything else. */
export function parseDuration(text: string): number | undefined {
  const match = /^(\d{1,6})(ms|s|m|h|d)$/.exec(text.trim())
  return match === null ? undefined : Number(match[1]) * (milliseconds[match[2] ?? ''] ?? 0)
}

/** Takes `1000`, `64KiB`, `20MiB`, `1GiB`; gives bytes, undefined for anything else. */
export function parseSize(text: string): number | undefined {
  const match = /^(\d{1,12})\s*(|B|KiB|MiB|GiB)$/.exec(text.trim())
  return match === null ? undefined : Number(match[1]) * (bytes[match[2] ?? ''] ?? 0)
}

/** Takes `0%` to `100%`; gives 0 to 1, undefined for anything else. */
export function parseShare(text: string): number | undefined {
  const match = /^(\d{1,2}|100)%$/.exec(text.trim())
  return match === null ? undefined : Number(match[1]) / 100
}
