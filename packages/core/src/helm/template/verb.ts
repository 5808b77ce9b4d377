// The verbs of Go's fmt, one value at a time.
import { textOfBytes } from './bytes.ts'
import type { Flags } from './directive.ts'
import { kindOf, sortedKeys, typeName, typeOf } from './kind.ts'
import { hexOf, printComposite, printed, printScalar } from './print.ts'
import { quoted } from './quote.ts'
import { bare, concat, slice } from './text.ts'
import { GoBytes, GoList, GoMap, Int, plain, type Text, type Value } from './value.ts'
import { formatFloatVerb, formatInteger, padText } from './verb-number.ts'

/** The value printed by a verb of a format; `%!d(float64=1)` where the verb does not fit. */
export function formatVerb(value: Value, verb: string, flags: Flags): Text {
  if (verb !== 'v') return formatArgument(value, verb, flags)
  // With `v` these two flags ask for Go syntax and for the names of fields, and not for what they mean to numbers.
  const own = { ...flags, sharp: false, plus: false }
  return flags.sharp && !isNil(value) ? goSyntax(value, own) : formatArgument(value, verb, own)
}

function isNil(value: Value): boolean {
  return plain(value) === null || plain(value) === undefined
}

function formatArgument(value: Value, verb: string, flags: Flags): Text {
  const given = plain(value)
  if (given === null || given === undefined) {
    return verb === 'v' || verb === 'T' ? pad('<nil>', flags) : wrongVerb(value, verb, flags)
  }
  if (verb === 'T') return pad(truncate(typeName(value), flags), flags)
  const toText = 'vsxXq'.includes(verb) ? typeOf(value)?.toText : undefined
  if (toText !== undefined) return formatText(toText(given), verb, flags, value)
  return formatElement(value, verb, flags)
}

/** An element of a list or map: nil is `<nil>` for every verb. */
function formatNested(value: Value, verb: string, flags: Flags): Text {
  return isNil(value) ? '<nil>' : formatArgument(value, verb, flags)
}

function formatElement(value: Value, verb: string, flags: Flags): Text {
  const given = plain(value)
  if (typeof given === 'string') return formatText(value as Text, verb, flags, value)
  if (given instanceof GoBytes && 'sqxX'.includes(verb)) return formatText(textOfBytes(given.bytes), verb, flags, value)
  if (typeof given === 'boolean') {
    return verb === 't' || verb === 'v' ? pad(printed(value), flags) : wrongVerb(value, verb, flags)
  }
  if (typeof given === 'number') return keepOrigin(value, formatFloatVerb(given, verb, flags), verb, flags)
  if (given instanceof Int) return keepOrigin(value, formatInteger(given, verb, flags), verb, flags)
  return printComposite(value, (element) => formatNested(element, verb, flags)) ?? printScalar(given)
}

/** A number keeps its origin when it is printed as it would be without a verb. */
function keepOrigin(value: Value, text: string | undefined, verb: string, flags: Flags): Text {
  if (text === undefined) return wrongVerb(value, verb, flags)
  const usual = printed(value)
  return bare(usual) === text ? usual : text
}

/** The type of the value, and the value as `v` prints it with the same flags. */
function wrongVerb(value: Value, verb: string, flags: Flags): Text {
  if (plain(value) === null || plain(value) === undefined) return `%!${verb}(<nil>)`
  return concat([`%!${verb}(${typeName(value)}=`, formatArgument(value, 'v', flags), ')'])
}

function formatText(text: Text, verb: string, flags: Flags, value: Value): Text {
  switch (verb) {
    case 'v':
    case 's':
      return pad(truncate(text, flags), flags)
    case 'q': {
      const cut = truncate(text, flags)
      if (flags.sharp && /^[^`\p{Cc}\ufeff]*$/u.test(bare(cut).replaceAll('\t', ''))) {
        return pad(concat(['`', cut, '`']), flags)
      }
      return pad(quoted(cut, { ascii: flags.plus }), flags)
    }
    case 'x':
    case 'X':
      return pad(hexText(bare(text), verb, flags), flags)
    default:
      return wrongVerb(value, verb, flags)
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

/** Padded to the width in characters; the text keeps its spans. */
function pad(text: Text, flags: Flags): Text {
  const subject = bare(text)
  const padded = padText(subject, flags)
  if (padded === subject) return text
  return flags.minus
    ? concat([text, padded.slice(subject.length)])
    : concat([padded.slice(0, -subject.length || undefined), text])
}

/** Go's `%#v`: the value as Go source; width and the like count for each scalar. */
function goSyntax(value: Value, flags: Flags): Text {
  const given = plain(value)
  const nested = (element: Value): Text => goSyntax(element, flags)
  if (typeof given === 'string') return pad(quoted(truncate(value as Text, flags)), flags)
  if (given === null || given === undefined) return 'interface {}(nil)'
  if (given instanceof GoList) return concat([`${typeName(given)}{`, ...separated(given.items.map(nested)), '}'])
  if (given instanceof GoMap) {
    const entries = sortedKeys(given).map((key) => concat([nested(key), ':', nested(given.get(key))]))
    return concat([`${typeName(given)}{`, ...separated(entries), '}'])
  }
  if (given instanceof Int && given.kind.startsWith('u')) return formatElement(value, 'x', { ...flags, sharp: true })
  return kindOf(given) === 'struct' ? concat([typeName(given), printed(value)]) : formatElement(value, 'v', flags)
}

function separated(parts: readonly Text[]): Text[] {
  return parts.flatMap((part, index) => (index === 0 ? [part] : [', ', part]))
}
