// Version ranges as Helm reads them: the language of Masterminds semver 3, whose prerelease rules are its own.
import { ChartferryError } from '../../errors.ts'
import {
  compareParts,
  comparePrereleases,
  compareVersions,
  readVersion,
  type Version,
  type VersionPart,
} from './version.ts'

/** Whether a version satisfies the range it was parsed from. */
export type VersionRange = (version: Version) => boolean

interface Constraint {
  readonly operator: string
  readonly version: Version
  /** Some number is missing or `x`; which one of the two, where it is not the first. */
  readonly open: boolean
  readonly openMinor: boolean
  readonly openPatch: boolean
}

/** Constraints that hold together. */
interface Alternative {
  readonly constraints: readonly Constraint[]
  /** Whether prereleases may satisfy them. */
  readonly prereleases: boolean
}

const maxLength = 512
const maxAlternatives = 32
const space = '[\\t\\n\\f\\r ]'
const operators = '=||!=|>|<|>=|=>|<=|=<|~|~>|\\^'
const number = '[0-9|xX*]+'
const identifiers = '[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*'
const partial = `v?(?:${number})(?:\\.${number})?(?:\\.${number})?(?:-${identifiers})?(?:\\+${identifiers})?`
const hyphenRange = new RegExp(`${space}*(${partial})${space}+-${space}+(${partial})${space}*`, 'g')
const single = `(?:${operators})${space}*(?:${partial})`
const alternative = new RegExp(`^${space}*${single}${space}*(?:(?:${space}+|,${space}*)${single}${space}*)*$`)
const each = new RegExp(single, 'g')
const parts = new RegExp(
  `^(${operators})${space}*v?(${number})(?:\\.(${number}))?(?:\\.(${number}))?(-${identifiers})?(?:\\+${identifiers})?$`,
)

/**
 * Takes `>=1.19-0`, `1.x`, `~1.2`, `^1 || 2.3 - 2.9`, AND written as a comma or a space. A prerelease satisfies an
 * alternative only when one of its constraints has a prerelease too. Throws VERSION_INVALID.
 */
export function parseVersionRange(text: string): VersionRange {
  const range = readVersionRange(text)
  if (typeof range !== 'string') return range
  throw new ChartferryError('VERSION_INVALID', `version range "${text.slice(0, maxLength)}": ${range}`)
}

/** The same; for what is no range the reason in the words of Masterminds semver. */
export function readVersionRange(text: string): VersionRange | string {
  if (Buffer.byteLength(text) > maxLength) return `constraint string is too long (max ${maxLength} bytes)`
  const spelled = withoutHyphens(text).split('||')
  // Runs of blanks mean what one blank means; shortened, the expressions below stay linear.
  const alternatives = spelled.map((group) => group.replace(/[\t\n\f\r ]+/g, ' '))
  if (alternatives.length > maxAlternatives) return `too many constraint groups (max ${maxAlternatives})`
  const parsed: Alternative[] = []
  for (const [index, group] of alternatives.entries()) {
    if (!alternative.test(group)) return `improper constraint: ${JSON.stringify(spelled[index])}`
    const constraints = [...group.matchAll(each)].map(([one]) => parseConstraint(one))
    if (constraints.includes(undefined)) return 'constraint parser error'
    const known = constraints.filter((constraint) => constraint !== undefined)
    parsed.push({ constraints: known, prereleases: known.some(({ version }) => version.prerelease.length > 0) })
  }
  return (version) =>
    parsed.some(
      ({ constraints, prereleases }) =>
        (prereleases || version.prerelease.length === 0) &&
        constraints.every((constraint) => satisfies(version, constraint)),
    )
}

/** `1.2 - 1.4` as two constraints; each stands in for the first text like it, as Masterminds has it. */
function withoutHyphens(text: string): string {
  let spelled = text
  for (const { 0: range, 1: low, 2: high } of text.matchAll(hyphenRange)) {
    spelled = spelled.replace(range, () => `>= ${low}, <= ${high} `)
  }
  return spelled
}

function parseConstraint(one: string): Constraint | undefined {
  const [, operator = '', major = '', minor, patch, prerelease = ''] = parts.exec(one) ?? []
  const open = (part: string | undefined): boolean => part === undefined || part === 'x' || part === 'X' || part === '*'
  const openMajor = open(major)
  const openMinor = !openMajor && open(minor)
  const openPatch = !openMajor && !openMinor && open(patch)
  const numbers = openMajor
    ? '0.0.0'
    : openMinor
      ? `${major}.0.0`
      : openPatch
        ? `${major}.${minor}.0`
        : `${major}.${minor}.${patch}`
  const version = readVersion(numbers + prerelease)
  if (typeof version === 'string') return undefined
  return { operator, version, open: openMajor || openMinor || openPatch, openMinor, openPatch }
}

function satisfies(version: Version, constraint: Constraint): boolean {
  const order = compareVersions(version, constraint.version)
  switch (constraint.operator) {
    case '':
    case '=':
      return constraint.open ? withinTilde(version, constraint) : order === 0
    case '!=':
      return differs(version, constraint)
    case '>':
      return isAbove(version, constraint)
    case '<':
      return order < 0
    case '>=':
    case '=>':
      return order >= 0
    case '<=':
    case '=<':
      return isAtMost(version, constraint)
    case '~':
    case '~>':
      return withinTilde(version, constraint)
    default:
      return withinCaret(version, constraint)
  }
}

function differs(version: Version, { version: other, open, openMinor, openPatch }: Constraint): boolean {
  if (open) {
    if (!isSame(version, other, 'major')) return true
    if (openMinor) return false
    if (!isSame(version, other, 'minor')) return true
    if (openPatch) return comparePrereleases(version, other) !== 0
  }
  return compareVersions(version, other) !== 0
}

/** `>11` means 12 and above, `>11.1` means 11.2 and above. */
function isAbove(version: Version, { version: other, open, openMinor, openPatch }: Constraint): boolean {
  if (!open) return compareVersions(version, other) > 0
  const major = compareParts(version, other, 'major')
  if (major !== 0) return major > 0
  if (openMinor) return false
  if (openPatch) return compareParts(version, other, 'minor') > 0
  return compareVersions(version, other) > 0
}

/** `<=11` takes all of 11, `<=11.1` all of 11.1. */
function isAtMost(version: Version, { version: other, open, openMinor }: Constraint): boolean {
  if (!open) return compareVersions(version, other) <= 0
  const major = compareParts(version, other, 'major')
  if (major !== 0) return major < 0
  return openMinor || compareParts(version, other, 'minor') <= 0
}

/** `~1.2.3` stays within 1.2, `~1` within 1; `~0.0.0` and `*` take everything. */
function withinTilde(version: Version, { version: other, openMinor, openPatch }: Constraint): boolean {
  if (compareVersions(version, other) < 0) return false
  const zero = other.compareMain('0.0.0') === 0
  if (zero && !openMinor && !openPatch) return true
  return isSame(version, other, 'major') && (openMinor || isSame(version, other, 'minor'))
}

/** `^1.2` stays within 1, `^0.2` within 0.2, `^0.0.3` is that patch alone. */
function withinCaret(version: Version, { version: other, openMinor, openPatch }: Constraint): boolean {
  if (compareVersions(version, other) < 0) return false
  if (!isSame(version, other, 'major')) return false
  if (other.major !== 0 || openMinor) return true
  if (!isSame(version, other, 'minor')) return false
  return other.minor !== 0 || openPatch || isSame(version, other, 'patch')
}

function isSame(a: Version, b: Version, part: VersionPart): boolean {
  return compareParts(a, b, part) === 0
}
