// The verbs of Go's fmt, one value at a time.

import { textOfBytes } from './bytes.ts'
import type { Flags } from './directive.ts'
import { formatExponent, formatFixed, formatFloat } from './float.ts'
import { kindOf, sortedKeys, typeName, typeOf } from './kind.ts'
import { hexOf, printComposite, printed, printScalar } from './print.ts'
import { quoted } from './quote.ts'
import { bare, concat, slice } from './text.ts'
import { GoBytes, GoList, GoMap, Int, plain, type Text, type Value } from './value.ts'

const noFlags: Flags = {
  sharp: false,
  zero: false,
  plus: false,
  minus: false,
  space: false,
  width: undefined,
  precision: undefined,
}

/** The value printed by a verb; `%!d(float64=1)` where the verb does not fit. */
export function formatVerb(value: Value, verb: string, flags: Flags): Text {
  const given = plain(value)
  if (given === null || given === undefined) {
    return verb === 'v' || verb === 'T' ? pad('<nil>', flags) : wrongVerb(value, verb)
  }
  if (verb === 'T') return pad(typeName(value), flags)
  if (verb === 'v' && flags.sharp) return pad(goSyntax(value), flags)
  const toText = 'vsxXq'.includes(verb) ? typeOf(value)?.toText : undefined
  if (toText !== undefined) return formatText(toText(given), verb, flags, value)
  return formatElement(value, verb, flags)
}

/** An element of a list or map: nil is `<nil>` for every verb. */
function formatNested(value: Value, verb: string, flags: Flags): Text {
  const given = plain(value)
  return given === null || given === undefined ? '<nil>' : formatVerb(value, verb, flags)
}

function formatElement(value: Value, verb: string, flags: Flags): Text {
  const given = plain(value)
  if (typeof given === 'string') return formatText(value as Text, verb, flags, value)
  if (given instanceof GoBytes && 'sqxX'.includes(verb)) return formatText(textOfBytes(given.bytes), verb, flags, value)
  if (typeof given === 'boolean')
    return verb === 't' || verb === 'v' ? pad(printed(value), flags) : wrongVerb(value, verb)
  if (typeof given === 'number') return keepSource(value, formatFloatVerb(given, verb, flags), verb)
  if (given instanceof Int) return keepSource(value, formatInteger(given, verb, flags), verb)
  if (given === null || given === undefined) return verb === 'v' ? '<nil>' : `%!${verb}(<nil>)`
  return printComposite(value, (element) => formatNested(element, verb, flags)) ?? printScalar(given)
}

/** A number keeps its origin when it is printed as it would be without a verb. */
function keepSource(value: Value, text: string | undefined, verb: string): Text {
  if (text === undefined) return wrongVerb(value, verb)
  const usual = printed(value)
  return bare(usual) === text ? usual : text
}

function wrongVerb(value: Value, verb: string): Text {
  if (plain(value) === null || plain(value) === undefined) return `%!${verb}(<nil>)`
  return concat([`%!${verb}(${typeName(value)}=`, printed(value), ')'])
}

function formatText(text: Text, verb: string, flags: Flags, value: Value): Text {
  switch (verb) {
    case 'v':
    case 's':
      return pad(truncate(text, flags), flags)
    case 'q': {
      const cut = truncate(text, flags)
      if (flags.sharp && /^[^`\p{Cc}]*$/u.test(bare(cut).replaceAll('\t', '')))
        return pad(concat(['`', cut, '`']), flags)
      return pad(quoted(cut, { ascii: flags.plus }), flags)
    }
    case 'x':
    case 'X':
      return pad(hexText(bare(text), verb, flags), { ...flags, zero: false })
    default:
      return wrongVerb(value, verb)
  }
}

/** At most `precision` characters. */
function truncate(text: Text, flags: Flags): Text {
  if (flags.precision === undefined) return text
  return slice(text, 0, Array.from(bare(text)).slice(0, flags.precision).join('').length)
}

function hexText(text: string, verb: string, flags: Flags): string {
  const digits = hexOf(text).slice(0, flags.precision === undefined ? undefined : 2 * flags.precision)
  const pairs = digits.match(/../g) ?? []
  if (pairs.length === 0) return ''
  const prefix = flags.sharp ? '0x' : ''
  const all = flags.space ? pairs.map((pair) => prefix + pair).join(' ') : prefix + digits
  return verb === 'X' ? all.toUpperCase() : all
}

function formatFloatVerb(value: number, verb: string, flags: Flags): string | undefined {
  const unsigned = floatDigits(value, verb, flags.precision)
  if (unsigned === undefined) return undefined
  const special = !Number.isFinite(value)
  const digits = unsigned.replace(/^[+-]/, '')
  const negative = unsigned.startsWith('-')
  const sign = negative ? '-' : flags.plus ? '+' : flags.space ? ' ' : special && value > 0 ? '+' : ''
  return padNumber(sign, digits, { ...flags, zero: flags.zero && !special })
}

function floatDigits(value: number, verb: string, precision: number | undefined): string | undefined {
  switch (verb) {
    case 'v':
    case 'g':
      return formatFloat(value, precision)
    case 'G':
      return formatFloat(value, precision).replace('e', 'E')
    case 'f':
    case 'F':
      return formatFixed(value, precision)
    case 'e':
      return formatExponent(value, precision)
    case 'E':
      return formatExponent(value, precision).replace('e', 'E')
    default:
      return undefined
  }
}

const radixes: Readonly<Record<string, number>> = { v: 10, d: 10, b: 2, o: 8, O: 8, x: 16, X: 16 }

function formatInteger(value: Int, verb: string, flags: Flags): string | undefined {
  const code = Number(value.value)
  const character = code >= 0 && code <= 0x10ffff ? String.fromCodePoint(code) : '\ufffd'
  if (verb === 'c') return bare(pad(character, flags))
  if (verb === 'q') return bare(pad(quoted(character, { mark: "'", ascii: flags.plus }), flags))
  if (verb === 'U') {
    const name = `U+${code
      .toString(16)
      .toUpperCase()
      .padStart(flags.precision ?? 4, '0')}`
    return bare(pad(flags.sharp ? `${name} '${character}'` : name, { ...flags, zero: false }))
  }
  const radix = radixes[verb]
  if (radix === undefined) return undefined
  if (flags.precision === 0 && value.value === 0n) return bare(pad('', { ...flags, zero: false }))
  const negative = value.value < 0n
  const digits = (negative ? -value.value : value.value).toString(radix).padStart(flags.precision ?? 0, '0')
  const sign = negative ? '-' : flags.plus ? '+' : flags.space ? ' ' : ''
  const prefix =
    verb === 'O'
      ? '0o'
      : flags.sharp
        ? ({ b: '0b', o: digits.startsWith('0') ? '' : '0', x: '0x', X: '0X' }[verb] ?? '')
        : ''
  const spelled = verb === 'X' ? digits.toUpperCase() : digits
  return padNumber(sign + prefix, spelled, { ...flags, zero: flags.zero && flags.precision === undefined })
}

function padNumber(sign: string, digits: string, flags: Flags): string {
  const width = flags.width ?? 0
  if (flags.zero && !flags.minus) return sign + digits.padStart(width - sign.length, '0')
  return bare(pad(sign + digits, { ...flags, zero: false }))
}

/** Padded to the width in characters, with spaces or zeros. */
function pad(text: Text, flags: Flags): Text {
  if (flags.width === undefined) return text
  const missing = flags.width - Array.from(bare(text)).length
  if (missing <= 0) return text
  return flags.minus ? concat([text, ' '.repeat(missing)]) : concat([(flags.zero ? '0' : ' ').repeat(missing), text])
}

/** Go's `%#v`: the value as Go source. */
function goSyntax(value: Value): Text {
  const given = plain(value)
  if (typeof given === 'string') return quoted(value as Text)
  if (given === null || given === undefined) return 'interface {}(nil)'
  if (given instanceof GoList) {
    return concat([`${typeName(given)}{`, ...separated(given.items.map(goSyntax)), '}'])
  }
  if (given instanceof GoMap) {
    const entries = sortedKeys(given).map((key) => concat([quoted(key), ':', goSyntax(given.get(key))]))
    return concat([`${typeName(given)}{`, ...separated(entries), '}'])
  }
  if (given instanceof Int && given.kind.startsWith('u')) return `0x${given.value.toString(16)}`
  return kindOf(given) === 'struct' ? concat([typeName(given), printed(value)]) : formatElement(value, 'v', noFlags)
}

function separated(parts: readonly Text[]): Text[] {
  return parts.flatMap((part, index) => (index === 0 ? [part] : [', ', part]))
}
