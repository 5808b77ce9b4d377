// Versions as Helm compares them: `SemVer` objects, read as leniently as Masterminds semver 3 reads them, which Helm links.
import SemVer from 'semver/classes/semver.js'

/** The three numbers of a version. */
export type VersionPart = 'major' | 'minor' | 'patch'

/**
 * A version. `semver` holds numbers up to 2^53; Helm's go up to 2^64. Where one is above, also in the prerelease, `exact`
 * holds the three, and the fields of `SemVer` the largest that it can.
 */
export interface Version extends SemVer {
  readonly exact?: Readonly<Record<VersionPart, bigint>>
}

const maxLength = 256
const maxNumber = 18_446_744_073_709_551_615n
const identifiers = '[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*'
const strict = /^v?(?:0|[1-9]\d{0,14})\.(?:0|[1-9]\d{0,14})\.(?:0|[1-9]\d{0,14})$/
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
  if (strict.test(text)) return new SemVer(text)
  if (Buffer.byteLength(text) > maxLength) return `version string is too long (max ${maxLength} bytes)`
  const match = pattern.exec(text)
  if (match === null) return 'invalid semantic version'
  const [, major = '', minor = '0', patch = '0', prerelease = '', build = ''] = match
  const large = [major, minor, patch].find((part) => BigInt(part) > maxNumber)
  if (large !== undefined) {
    return `error parsing version segment: strconv.ParseUint: parsing "${large}": value out of range`
  }
  if (prerelease.split('.').some((part) => /^0\d+$/.test(part))) return 'version segment starts with 0'
  return exactVersion({ major: BigInt(major), minor: BigInt(minor), patch: BigInt(patch) }, prerelease, build)
}

/** A version made of its numbers, its prerelease and its build metadata, both without their sign; empty for none. */
export function exactVersion(exact: Readonly<Record<VersionPart, bigint>>, prerelease = '', build = ''): Version {
  const numbers = [exact.major, exact.minor, exact.patch]
  const version = new SemVer(numbers.map((value) => Math.min(Number(value), Number.MAX_SAFE_INTEGER)).join('.'))
  // Set afterwards: what Helm takes as `1-…` may be too long for `SemVer` as `1.0.0-…`.
  if (prerelease !== '') version.prerelease = prerelease.split('.').map(prereleasePart)
  if (build !== '') version.build = build.split('.')
  version.format()
  const isHeld = numbers.every((value) => value <= Number.MAX_SAFE_INTEGER) && !version.prerelease.some(isLarge)
  return isHeld ? version : Object.assign(version, { exact })
}

function prereleasePart(part: string): string | number {
  return /^\d+$/.test(part) && Number(part) < Number.MAX_SAFE_INTEGER ? Number(part) : part
}

/** One number of a version, exactly; numbers and bigints compare with each other. */
export function partOf(version: Version, part: VersionPart): number | bigint {
  return version.exact?.[part] ?? version[part]
}

/** Negative, zero or positive, by semantic version precedence; build metadata does not count. */
export function compareVersions(a: Version, b: Version): number {
  if (a.exact === undefined && b.exact === undefined) return a.compare(b)
  return (
    compareParts(a, b, 'major') ||
    compareParts(a, b, 'minor') ||
    compareParts(a, b, 'patch') ||
    comparePrereleases(a, b)
  )
}

/** The same for one of the three numbers. */
export function compareParts(a: Version, b: Version, part: VersionPart): number {
  const [left, right] = [partOf(a, part), partOf(b, part)]
  return left < right ? -1 : left > right ? 1 : 0
}

/** A number of a prerelease that `SemVer` keeps as a text. */
function isLarge(part: string | number): boolean {
  return typeof part === 'string' && /^\d+$/.test(part)
}

/** The prereleases alone: part by part, numbers before words, fewer parts before more; a stable version comes last. */
export function comparePrereleases(a: Version, b: Version): number {
  const stable = a.prerelease.length === 0 || b.prerelease.length === 0
  if (stable || (a.exact === undefined && b.exact === undefined)) return a.comparePre(b)
  for (const [index, part] of a.prerelease.entries()) {
    const other = b.prerelease[index]
    const order = other === undefined ? 1 : comparePrereleaseParts(String(part), String(other))
    if (order !== 0) return order
  }
  return a.prerelease.length - b.prerelease.length
}

function comparePrereleaseParts(a: string, b: string): number {
  const [left, right] = [numberOf(a), numberOf(b)]
  if (left !== undefined && right !== undefined) return left < right ? -1 : left > right ? 1 : 0
  if (left !== undefined || right !== undefined) return left !== undefined ? -1 : 1
  return a === b ? 0 : a < b ? -1 : 1
}

/** Digits above 64 bits count as a word, as Go's parser has it. */
function numberOf(part: string): bigint | undefined {
  const value = /^\d+$/.test(part) ? BigInt(part) : undefined
  return value !== undefined && value <= maxNumber ? value : undefined
}
