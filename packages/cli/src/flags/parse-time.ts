// Times as flags take them: `90s`, `5m`.
import { ChartferryError } from '@chartferry/core'

const units: Readonly<Record<string, number>> = { ms: 1, '': 1000, s: 1000, m: 60_000, h: 3_600_000 }

/** Milliseconds; `flag` is named in the message. A number alone is seconds. Throws USAGE. */
export function parseTime(flag: string, text: string): number {
  const [, digits, unit = ''] = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(text) ?? []
  const factor = units[unit]
  if (digits !== undefined && factor !== undefined) return Number(digits) * factor
  throw new ChartferryError('USAGE', `${flag} ${text}: a time is wanted, such as 90s or 5m`)
}
