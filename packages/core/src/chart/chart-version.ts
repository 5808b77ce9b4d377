// What Helm takes for the version of a chart.

const parts = '[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*'
const version = new RegExp(`^v?(?<numbers>[0-9]+(?:\\.[0-9]+){0,2})(?:-(?<pre>${parts}))?(?:\\+${parts})?$`)
const longestVersion = 256
const largestNumber = 2n ** 64n - 1n

/**
 * Whether Helm's loader accepts a text as a chart's version (Masterminds semver 3, NewVersion): one to three numbers,
 * leading zeros and a `v` allowed, each below 2^64; no leading zeros in the numbers of a prerelease.
 */
export function isChartVersion(text: string): boolean {
  const found = text.length <= longestVersion ? version.exec(text)?.groups : undefined
  if (!found) return false
  const fits = (found.numbers ?? '').split('.').every((number) => BigInt(number) <= largestNumber)
  return fits && !(found.pre ?? '').split('.').some((part) => /^0[0-9]+$/.test(part))
}
