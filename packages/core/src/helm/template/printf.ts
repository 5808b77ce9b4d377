// Go's fmt.Sprintf over template values, with the texts that Go prints for wrong verbs and wrong counts.
import { take } from './allowance.ts'
import { parseDirective } from './directive.ts'
import { typeName } from './kind.ts'
import { printed } from './print.ts'
import { bare, concat, slice } from './text.ts'
import { plain, type Text, type Value } from './value.ts'
import { formatVerb } from './verb.ts'

/** The arguments printed by the format; spans of the format's text and of what `%s` and `%v` print are kept. */
export function sprintf(format: Text, values: readonly Value[]): Text {
  const subject = bare(format)
  const parts: Text[] = []
  let next = 0
  let reordered = false
  for (let at = 0; at < subject.length; ) {
    const percent = subject.indexOf('%', at)
    if (percent < 0) {
      parts.push(slice(format, at))
      break
    }
    if (percent > at) parts.push(slice(format, at, percent))
    const directive = parseDirective(subject, percent, values, next)
    at = directive.end
    next = directive.next
    reordered ||= directive.reordered
    parts.push(...directive.complaints)
    if (directive.verb === '') parts.push('%!(NOVERB)')
    else if (directive.verb === '%') parts.push('%')
    else if (!directive.goodIndex) parts.push(`%!${directive.verb}(BADINDEX)`)
    else if (next >= values.length) parts.push(`%!${directive.verb}(MISSING)`)
    else {
      const text = formatVerb(values[next++] ?? null, directive.verb, directive.flags)
      take(bare(text).length)
      parts.push(text)
    }
  }
  if (!reordered && next < values.length) parts.push('%!(EXTRA ', ...extra(values.slice(next)), ')')
  return concat(parts)
}

function extra(values: readonly Value[]): Text[] {
  return values.flatMap((value, index) => {
    const separator = index === 0 ? '' : ', '
    if (plain(value) === null || plain(value) === undefined) return [`${separator}<nil>`]
    return [`${separator}${typeName(value)}=`, printed(value)]
  })
}
