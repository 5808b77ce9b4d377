// Versions and constraints on them (sprig's semver.go, Masterminds semver 3).
import {
  compareVersions,
  exactVersion,
  partOf,
  readVersion,
  type Version,
  type VersionPart,
} from '../semver/version.ts'
import { readVersionRange } from '../semver/version-range.ts'
import { define, defineMethod } from '../template/function.ts'
import { typeName } from '../template/kind.ts'
import {
  GoBytes,
  GoError,
  type GoFunction,
  GoStruct,
  type GoType,
  Int,
  int,
  type PlainValue,
  plain,
  type Value,
} from '../template/value.ts'

/** A version with the text it was read from. */
interface Parsed {
  readonly version: Version
  readonly original: string
}

function parsedOf(self: PlainValue): Parsed {
  return (self as GoStruct).inner as Parsed
}

function versionOf(self: PlainValue): Version {
  return parsedOf(self).version
}

function prereleaseOf({ prerelease }: Version): string {
  return prerelease.join('.')
}

function buildOf({ build }: Version): string {
  return build.join('.')
}

function textOf(version: Version): string {
  const [prerelease, build] = [prereleaseOf(version), buildOf(version)]
  const numbers = `${partOf(version, 'major')}.${partOf(version, 'minor')}.${partOf(version, 'patch')}`
  return `${numbers}${prerelease === '' ? '' : `-${prerelease}`}${build === '' ? '' : `+${build}`}`
}

function number(version: Version, part: VersionPart): Int {
  return new Int(BigInt(partOf(version, part)), 'uint64')
}

/** The version that a method compares with. Throws GoError with the words of Go's type check. */
function other(value: Value): Version {
  const given = plain(value)
  if (given instanceof GoStruct && given.isPointer && given.type === versionType) return versionOf(given)
  const found = given === null || given === undefined ? 'nil' : typeName(given)
  throw new GoError(`wrong type for value; expected *semver.Version; got ${found}`)
}

function numbersOf(version: Version): Record<VersionPart, bigint> {
  const numberOf = (part: VersionPart): bigint => BigInt(partOf(version, part))
  return { major: numberOf('major'), minor: numberOf('minor'), patch: numberOf('patch') }
}

function increased(self: GoStruct, part: VersionPart): GoStruct {
  const version = versionOf(self)
  const numbers = numbersOf(version)
  // A prerelease comes before its patch.
  if (part !== 'patch' || version.prerelease.length === 0) numbers[part] += 1n
  if (part !== 'patch') numbers.patch = 0n
  if (part === 'major') numbers.minor = 0n
  return derived(self, exactVersion(numbers))
}

/** A version made of another one: it keeps the `v`, and is no pointer. */
function derived(self: GoStruct, version: Version): GoStruct {
  const prefix = parsedOf(self).original.startsWith('v') ? 'v' : ''
  return structOf({ version, original: prefix + textOf(version) }, false)
}

function structOf(parsed: Parsed, isPointer: boolean): GoStruct {
  return new GoStruct(versionType, [], { isPointer, inner: parsed })
}

const identifiers = /^(?:[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?$/

const comparisons: Readonly<Record<string, (order: number) => boolean>> = {
  LessThan: (order) => order < 0,
  LessThanEqual: (order) => order <= 0,
  GreaterThan: (order) => order > 0,
  GreaterThanEqual: (order) => order >= 0,
  Equal: (order) => order === 0,
}

const methods: readonly GoFunction[] = [
  defineMethod('Major', [], (self: GoStruct) => number(versionOf(self), 'major')),
  defineMethod('Minor', [], (self: GoStruct) => number(versionOf(self), 'minor')),
  defineMethod('Patch', [], (self: GoStruct) => number(versionOf(self), 'patch')),
  defineMethod('Prerelease', [], (self: GoStruct) => prereleaseOf(versionOf(self))),
  defineMethod('Metadata', [], (self: GoStruct) => buildOf(versionOf(self))),
  defineMethod('Original', [], (self: GoStruct) => parsedOf(self).original),
  defineMethod('String', [], (self: GoStruct) => textOf(versionOf(self))),
  defineMethod('MarshalText', [], (self: GoStruct) => new GoBytes(Buffer.from(textOf(versionOf(self))))),
  defineMethod('IncMajor', [], (self: GoStruct) => increased(self, 'major')),
  defineMethod('IncMinor', [], (self: GoStruct) => increased(self, 'minor')),
  defineMethod('IncPatch', [], (self: GoStruct) => increased(self, 'patch')),
  defineMethod('SetPrerelease', ['string'], (self: GoStruct, prerelease) => {
    const valid = identifiers.test(prerelease) && !prerelease.split('.').some((part) => /^0\d+$/.test(part))
    if (!valid) throw new GoError('invalid prerelease string')
    const version = versionOf(self)
    return derived(self, exactVersion(numbersOf(version), prerelease, buildOf(version)))
  }),
  defineMethod('SetMetadata', ['string'], (self: GoStruct, build) => {
    if (!identifiers.test(build)) throw new GoError('invalid metadata string')
    const version = versionOf(self)
    return derived(self, exactVersion(numbersOf(version), prereleaseOf(version), build))
  }),
  defineMethod('Compare', ['any'], (self: GoStruct, value) => {
    return int(Math.sign(compareVersions(versionOf(self), other(value))))
  }),
  ...Object.entries(comparisons).map(([name, holds]) =>
    defineMethod(name, ['any'], (self: GoStruct, value) => holds(compareVersions(versionOf(self), other(value)))),
  ),
]

const versionType: GoType = {
  name: 'semver.Version',
  methods: new Map(methods.map((method) => [method.name, method])),
  toText: (self) => textOf(versionOf(self)),
}

function parse(text: string): Version {
  const version = readVersion(text)
  if (typeof version === 'string') throw new GoError(version)
  return version
}

/** The functions of this family. */
export const semverFunctions: readonly GoFunction[] = [
  define('semver', ['string'], (text) => structOf({ version: parse(text), original: text }, true)),
  define('semverCompare', ['string', 'string'], (constraint, text) => {
    const range = readVersionRange(constraint)
    if (typeof range === 'string') throw new GoError(range)
    return range(parse(text))
  }),
]
