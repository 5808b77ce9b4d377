// Versions as Helm compares them: semantic versions read leniently (Masterminds semver 3, which Helm links).

/** A version taken apart. Numbers stay digits without leading zeros, so that none is too large to be exact. */
export interface Version {
  readonly major: string
  readonly minor: string
  readonly patch: string
  /** Without the `-`; empty for a stable version. */
  readonly prerelease: string
  /** Without the `+`; never compared. */
  readonly build: string
}

const maxLength = 256
const maxNumber = '18446744073709551615'
const identifiers = '[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*'
const pattern = new RegExp(`^v?(\\d+)(?:\\.(\\d+))?(?:\\.(\\d+))?(?:-(${identifiers}))?(?:\\+(${identifiers}))?$`)

/**
 * Takes `1.2.3`, and as Helm does also `v1.2.3`, `1.2`, `1` and leading zeros; undefined for anything else: above 256
 * characters, numbers beyond 64 bits, prerelease numbers with a leading zero.
 */
export function parseVersion(text: string): Version | undefined {
  const parsed = readVersion(text)
  return typeof parsed === 'string' ? undefined : parsed
}

/** The same; for what is no version the reason in the words of Masterminds semver. */
export function readVersion(text: string): Version | string {
  if (Buffer.byteLength(text) > maxLength) return `version string is too long (max ${maxLength} bytes)`
  const match = pattern.exec(text)
  if (match === null) return 'invalid semantic version'
  const [, major = '', minor = '0', patch = '0', prerelease = '', build = ''] = match
  const version = { major: digits(major), minor: digits(minor), patch: digits(patch), prerelease, build }
  const parts = [major, minor, patch]
  const large = parts.find((part) => compareNumbers(digits(part), maxNumber) > 0)
  if (large !== undefined) {
    return `error parsing version segment: strconv.ParseUint: parsing "${large}": value out of range`
  }
  if (prerelease.split('.').some((part) => /^0\d+$/.test(part))) return 'version segment starts with 0'
  return version
}

/** Negative, zero or positive, by semantic version precedence; build metadata does not count. */
export function compareVersions(a: Version, b: Version): number {
  return (
    compareNumbers(a.major, b.major) ||
    compareNumbers(a.minor, b.minor) ||
    compareNumbers(a.patch, b.patch) ||
    compareStages(a.prerelease, b.prerelease)
  )
}

/** Two prereleases of one version; the empty one is the stable version and comes last. */
function compareStages(a: string, b: string): number {
  if (a === b) return 0
  if (a === '') return 1
  if (b === '') return -1
  return comparePrereleases(a, b)
}

/** Prereleases part by part: numbers before words, fewer parts before more. */
export function comparePrereleases(a: string, b: string): number {
  const left = a.split('.')
  const right = b.split('.')
  for (let index = 0; index < Math.max(left.length, right.length); index++) {
    const order = compareParts(left[index] ?? '', right[index] ?? '')
    if (order !== 0) return order
  }
  return 0
}

function compareParts(a: string, b: string): number {
  if (a === b) return 0
  if (a === '') return -1
  if (b === '') return 1
  const aNumber = isNumber(a)
  const bNumber = isNumber(b)
  if (aNumber && bNumber) return compareNumbers(digits(a), digits(b))
  if (aNumber !== bNumber) return aNumber ? -1 : 1
  return a < b ? -1 : 1
}

/** Digits above 64 bits count as a word, as Go's parser has it. */
function isNumber(part: string): boolean {
  return /^\d+$/.test(part) && compareNumbers(digits(part), maxNumber) <= 0
}

/** Numbers written without leading zeros. */
export function compareNumbers(a: string, b: string): number {
  if (a.length !== b.length) return a.length - b.length
  if (a === b) return 0
  return a < b ? -1 : 1
}

function digits(text: string): string {
  return text.replace(/^0+(?=\d)/, '')
}
