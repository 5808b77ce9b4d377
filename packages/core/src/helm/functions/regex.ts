// Functions on regular expressions (sprig's regex.go); the expressions are Go's.
import { itemBytes, take } from '../template/allowance.ts'
import { define } from '../template/function.ts'
import { stringList } from '../template/kind.ts'
import { quoted } from '../template/quote.ts'
import { bare, type Piece, rebuild, slice } from '../template/text.ts'
import { GoError, type GoFunction, type GoList, goTypes, type Text } from '../template/value.ts'
import { NilList } from '../yaml/go/nil-list.ts'
import { compile, type Expression, findAll, hasMatch, type Match, searchIn, widthAt } from './regular-expression.ts'

/** What a function is called when its expression is wrong: sprig's plain forms panic, those with `must` fail. */
function compiled(expression: string, must: boolean): Expression {
  try {
    return compile(expression)
  } catch (error) {
    if (!(error instanceof GoError) || must) throw error
    const shown = /[`\p{Cc}\ufeff]/u.test(expression.replaceAll('\t', ''))
      ? bare(quoted(expression))
      : `\`${expression}\``
    throw new GoError(`regexp: Compile(${shown}): ${error.message}`)
  }
}

function matches(expression: string, text: string, must: boolean): boolean {
  try {
    return hasMatch(compile(expression), text)
  } catch (error) {
    if (error instanceof GoError && !must) return false
    throw error
  }
}

function rangeOf(text: Text, match: Match): Text {
  return slice(text, match[0] as number, match[1] as number)
}

function find(program: Expression, text: Text): Text {
  const match = searchIn(program, bare(text))(0)
  return match === undefined ? '' : rangeOf(text, match)
}

function list(program: Expression, text: Text, count: number): GoList {
  const found = findAll(program, bare(text), count)
  return found.length === 0 ? new NilList(goTypes.stringList) : stringList(found.map((match) => rangeOf(text, match)))
}

function split(program: Expression, expression: string, text: Text, count: number): GoList {
  const subject = bare(text)
  if (count === 0) return new NilList(goTypes.stringList)
  if (expression !== '' && subject === '') return stringList([''])
  const parts: Text[] = []
  let begin = 0
  let end = 0
  for (const [start = 0, stop = 0] of findAll(program, subject, count)) {
    if (count > 0 && parts.length === count - 1) break
    end = start
    if (stop !== 0) parts.push(slice(text, begin, end))
    begin = stop
  }
  if (end !== subject.length) parts.push(slice(text, begin))
  return stringList(parts)
}

/** Replaces each match by the pieces that `expand` gives for it. */
function replaceAll(program: Expression, text: Text, expand: (match: Match) => Piece[]): Text {
  const subject = bare(text)
  const pieces: Piece[] = []
  const search = searchIn(program, subject)
  let lastEnd = 0
  for (let at = 0; at <= subject.length; ) {
    const match = search(at)
    if (match === undefined) break
    const [start = 0, end = 0] = match
    pieces.push([lastEnd, start])
    // An empty match behind another match is not replaced.
    if (end > lastEnd || start === 0) {
      const expanded = expand(match)
      take(expanded.reduce((sum, piece) => sum + itemBytes + lengthOf(piece), 0))
      pieces.push(...expanded)
    }
    lastEnd = end
    at = Math.max(end, at + widthAt(subject, at))
  }
  return pieces.length === 0 ? text : rebuild(text, [...pieces, [lastEnd, subject.length]])
}

function lengthOf(piece: Piece): number {
  return typeof piece === 'string' ? piece.length : 'text' in piece ? piece.text.length : piece[1] - piece[0]
}

const reference = /\$(?:(\$)|\{([\p{L}\p{Nd}_]+)\}|([\p{L}\p{Nd}_]+))/gu

/** A replacement text with its `$1`, `${1}` and `$name`; the longest name counts, so `$1x` is the group named 1x. */
function template(program: Expression, replacement: Text): (match: Match) => Piece[] {
  const subject = bare(replacement)
  const references = [...subject.matchAll(reference)]
  return (match) => {
    const pieces: Piece[] = []
    let done = 0
    for (const { 0: all, 1: dollar, 2: braced, 3: name = braced, index } of references) {
      pieces.push(slice(replacement, done, index))
      done = index + all.length
      if (dollar !== undefined) pieces.push('$')
      else {
        const group = groupOf(program, name as string, match)
        const start = group === undefined ? -1 : (match[2 * group] ?? -1)
        if (start >= 0) pieces.push([start, match[2 * (group as number) + 1] as number])
      }
    }
    return [...pieces, slice(replacement, done)]
  }
}

/** The number of a group by its number or name; of several of one name the first that matched. */
function groupOf({ names }: Expression, name: string, match: Match): number | undefined {
  if (/^(?:0|[1-9]\d{0,8})$/.test(name)) return Number(name)
  const index = names.findIndex((candidate, group) => candidate === name && (match[2 * group] ?? -1) >= 0)
  return index < 0 ? undefined : index
}

/** A function and its form `must...`. */
function both(name: string, declare: (name: string, must: boolean) => GoFunction): GoFunction[] {
  return [declare(name, false), declare(`must${name.charAt(0).toUpperCase()}${name.slice(1)}`, true)]
}

/** The functions of this family. */
export const regexFunctions: readonly GoFunction[] = [
  ...both('regexMatch', (name, must) =>
    define(name, ['string', 'string'], (expression, text) => matches(expression, text, must)),
  ),
  ...both('regexFind', (name, must) =>
    define(name, ['string', 'text'], (expression, text) => find(compiled(expression, must), text)),
  ),
  ...both('regexFindAll', (name, must) =>
    define(name, ['string', 'text', 'int'], (expression, text, count) => list(compiled(expression, must), text, count)),
  ),
  ...both('regexReplaceAll', (name, must) =>
    define(name, ['string', 'text', 'text'], (expression, text, replacement) => {
      const program = compiled(expression, must)
      return replaceAll(program, text, template(program, replacement))
    }),
  ),
  ...both('regexReplaceAllLiteral', (name, must) =>
    define(name, ['string', 'text', 'text'], (expression, text, replacement) => {
      return replaceAll(compiled(expression, must), text, () => [replacement])
    }),
  ),
  ...both('regexSplit', (name, must) =>
    define(name, ['string', 'text', 'int'], (expression, text, count) => {
      return split(compiled(expression, must), expression, text, count)
    }),
  ),
  define('regexQuoteMeta', ['text'], (text) => {
    const subject = bare(text)
    const special = [...subject.matchAll(/[\\.+*?()|[\]{}^$]/g)]
    const pieces: Piece[] = []
    let done = 0
    for (const { index } of special) {
      pieces.push([done, index], '\\')
      done = index
    }
    return rebuild(text, [...pieces, [done, subject.length]])
  }),
]
