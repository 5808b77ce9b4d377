// Writes a string in the place and style of an existing YAML scalar, or in the nearest style that can hold it.
import { plainValue } from './scalar-value.ts'
import type { Scalar } from './scalars.ts'

const printable = /^[\x20-\x7e\u00a0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\u{10000}-\u{10ffff}]*$/u
const unprintable = /[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]/g

function holdsPlain(value: string, flow: boolean): boolean {
  if (!printable.test(value) || value === '' || value.trim() !== value) return false
  // Indicators and document marks; in flow Go takes `?` for one, too.
  if (/^(?:[,[\]{}#&*!|>'"%@`=]|[-?:](?:\s|$)|---|\.\.\.|<<)/.test(value)) return false
  if (/: | #|:$/.test(value) || (flow && /[,[\]{}?]/.test(value))) return false
  return typeof plainValue(value) === 'string'
}

function doubleQuoted(value: string): string {
  return JSON.stringify(value).replace(
    unprintable,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

function singleQuoted(value: string): string {
  return `'${value.replaceAll("'", "''")}'`
}

function quoted(value: string): string {
  return /["\\]/.test(value) && printable.test(value) ? singleQuoted(value) : doubleQuoted(value)
}

function withoutLastNewlines(text: string): string {
  let end = text.length
  while (text[end - 1] === '\n') end -= 1
  return text.slice(0, end)
}

/** The block with a new value in it; undefined where a block of this kind cannot hold it. */
function blockText(scalar: Scalar, block: NonNullable<Scalar['block']>, value: string): string | undefined {
  const body = withoutLastNewlines(value)
  const newlines = value.length - body.length
  const lines = body.split('\n')
  if (/^[ \t\n]|^$/.test(body) || !lines.every((line) => printable.test(line.replaceAll('\t', '')))) return undefined
  if (newlines > 1 && !block.keep) return undefined
  const header = scalar.source.slice(0, block.start - scalar.start)
  const eol = /\r\n|\n|\r/.exec(header)?.[0]
  if (eol === undefined || block.indent < 1) return undefined
  const oldBody = withoutLastNewlines(scalar.text).split('\n')
  const oldLines = scalar.source.slice(header.length).split(/\r\n|\n|\r/)
  // A literal block keeps the lines that stay as they are written: blank ones may hold spaces.
  const sameLines = scalar.style === 'literal' && oldBody.length === lines.length
  const written = lines.map((line, index) => {
    if (sameLines && oldBody[index] === line) return oldLines[index] ?? ''
    return line === '' ? '' : ' '.repeat(block.indent) + line
  })
  const folded = scalar.style === 'folded' && lines.length === 1
  const chomping = newlines === 0 ? '-' : block.keep ? '+' : ''
  const newHeader = header.replace(/^[|>]([0-9]?)[-+]?([0-9]?)/, `${folded ? '>' : '|'}$1${chomping}$2`)
  return newHeader + written.join(eol) + (block.keep ? eol.repeat(Math.max(1, newlines)) : '')
}

/**
 * What a block leaves in its line when a quoted scalar takes its place: the comment of its header, and the line's
 * end.
 */
function blockRest(scalar: Scalar, block: NonNullable<Scalar['block']>): string {
  const header = scalar.source.slice(0, block.start - scalar.start)
  const comment = /[ \t]+#[^\r\n]*/.exec(header)?.[0] ?? ''
  return comment + (block.keep ? (/(?:\r\n|\n|\r)$/.exec(scalar.source)?.[0] ?? '') : '')
}

/**
 * The token that puts `value`, as a string, in the place of a scalar: in its style where that can hold the value
 * (plain only if Helm then reads a string), else quoted; a folded block that gets more than one line becomes a
 * literal one.
 */
export function scalarText(scalar: Scalar, value: string): string {
  if (scalar.block) return blockText(scalar, scalar.block, value) ?? quoted(value) + blockRest(scalar, scalar.block)
  if (scalar.style === 'plain' && holdsPlain(value, scalar.flow)) return value
  if (scalar.style === 'single' && printable.test(value)) return singleQuoted(value)
  return scalar.style === 'double' ? doubleQuoted(value) : quoted(value)
}
