// Numbers as Go prints a float32: what the way from YAML to JSON does to keys and to numbers that must be strings.
import { formatFloat } from '../../template/float.ts'

/** The shortest digits that read back as the same float32 (strconv.FormatFloat with `g` and 32 bits). */
export function float32Text(value: number): string {
  const rounded = Math.fround(value)
  if (!Number.isFinite(rounded) || rounded === 0) return formatFloat(rounded)
  for (let digits = 1; digits < 10; digits++) {
    const short = Number(rounded.toPrecision(digits))
    if (Math.fround(short) === rounded) return formatFloat(short)
  }
  return formatFloat(rounded)
}
