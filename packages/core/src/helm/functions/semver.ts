// Versions and constraints on them (sprig's semver.go, Masterminds semver 3).
import { compareVersions, readVersion, type Version } from '../semver/version.ts'
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
interface Parsed extends Version {
  readonly original: string
}

function versionOf(self: PlainValue): Parsed {
  return (self as GoStruct).inner as Parsed
}

function textOf({ major, minor, patch, prerelease, build }: Version): string {
  return `${major}.${minor}.${patch}${prerelease === '' ? '' : `-${prerelease}`}${build === '' ? '' : `+${build}`}`
}

function number(digits: string): Int {
  return new Int(BigInt(digits), 'uint64')
}

/** The version that a method compares with. Throws GoError with the words of Go's type check. */
function other(value: Value): Parsed {
  const given = plain(value)
  if (given instanceof GoStruct && given.isPointer && given.type === versionType) return versionOf(given)
  const found = given === null || given === undefined ? 'nil' : typeName(given)
  throw new GoError(`wrong type for value; expected *semver.Version; got ${found}`)
}

function increased(version: Parsed, part: 'major' | 'minor' | 'patch'): GoStruct {
  const plus = (digits: string): string => (BigInt(digits) + 1n).toString()
  const prefix = version.original.startsWith('v') ? 'v' : ''
  let { major, minor, patch } = version
  if (part === 'major') [major, minor, patch] = [plus(major), '0', '0']
  else if (part === 'minor') [minor, patch] = [plus(minor), '0']
  // A prerelease comes before its patch.
  else if (version.prerelease === '') patch = plus(patch)
  const next = { major, minor, patch, prerelease: '', build: '' }
  return structOf({ ...next, original: prefix + textOf(next) }, false)
}

function structOf(version: Parsed, isPointer: boolean): GoStruct {
  return new GoStruct(versionType, [], { isPointer, inner: version })
}

function changed(version: Parsed, change: Partial<Version>, problem: string, valid: boolean): GoStruct {
  if (!valid) throw new GoError(problem)
  const next = { ...version, ...change }
  const prefix = version.original.startsWith('v') ? 'v' : ''
  return structOf({ ...next, original: prefix + textOf(next) }, false)
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
  defineMethod('Major', [], (self: GoStruct) => number(versionOf(self).major)),
  defineMethod('Minor', [], (self: GoStruct) => number(versionOf(self).minor)),
  defineMethod('Patch', [], (self: GoStruct) => number(versionOf(self).patch)),
  defineMethod('Prerelease', [], (self: GoStruct) => versionOf(self).prerelease),
  defineMethod('Metadata', [], (self: GoStruct) => versionOf(self).build),
  defineMethod('Original', [], (self: GoStruct) => versionOf(self).original),
  defineMethod('String', [], (self: GoStruct) => textOf(versionOf(self))),
  defineMethod('MarshalText', [], (self: GoStruct) => new GoBytes(Buffer.from(textOf(versionOf(self))))),
  defineMethod('IncMajor', [], (self: GoStruct) => increased(versionOf(self), 'major')),
  defineMethod('IncMinor', [], (self: GoStruct) => increased(versionOf(self), 'minor')),
  defineMethod('IncPatch', [], (self: GoStruct) => increased(versionOf(self), 'patch')),
  defineMethod('SetPrerelease', ['string'], (self: GoStruct, prerelease) => {
    const valid = identifiers.test(prerelease) && !prerelease.split('.').some((part) => /^0\d+$/.test(part))
    return changed(versionOf(self), { prerelease }, 'invalid prerelease string', valid)
  }),
  defineMethod('SetMetadata', ['string'], (self: GoStruct, build) => {
    return changed(versionOf(self), { build }, 'invalid metadata string', identifiers.test(build))
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

function parse(text: string): Parsed {
  const version = readVersion(text)
  if (typeof version === 'string') throw new GoError(version)
  return { ...version, original: text }
}

/** The functions of this family. */
export const semverFunctions: readonly GoFunction[] = [
  define('semver', ['string'], (text) => structOf(parse(text), true)),
  define('semverCompare', ['string', 'string'], (constraint, text) => {
    const range = readVersionRange(constraint)
    if (typeof range === 'string') throw new GoError(range)
    return range(parse(text))
  }),
]
