// How a string may be written in YAML: what libyaml's emitter finds out about its characters.

/** What a string allows. */
export interface Analysis {
  readonly multiline: boolean
  readonly plain: boolean
  readonly single: boolean
  readonly block: boolean
}

const simple: Analysis = { multiline: false, plain: true, single: true, block: true }
const empty: Analysis = { multiline: false, plain: true, single: true, block: false }

const plainWord = /^[A-Za-z0-9_/.$(][A-Za-z0-9_/.$()=;+-]*$/
const marker = /^(?:---|\.\.\.)/
const startIndicator = /^(?:[#,[\]{}&*!|>'"%@`]|[?:-](?:[ \t]|$))/
const innerIndicator = /:(?:[ \t]|$)|[ \t\n\r\u0085\u2028\u2029]#/
const breaks = /[\n\r\u0085\u2028\u2029]/
const edgeBreak = /^[\n\r\u0085\u2028\u2029]|[\n\r\u0085\u2028\u2029]$/
const breakSpace = /[\n\r\u0085\u2028\u2029] /
const spaceBreak = / [\n\r\u0085\u2028\u2029]/
// Printable are newline, ASCII, and what lies between U+00A0 and U+FFFD but for the byte order mark.
const special = /[^\n\x20-\x7e\u00a0-\ud7ff\ue000-\ufefe\uff00-\ufffd]/

/** What the string allows, in a block; `blocksTabs` where tabs do not forbid a block. */
export function analyze(text: string, blocksTabs = false): Analysis {
  if (text === '') return empty
  if (plainWord.test(text) && !marker.test(text)) return simple
  const multiline = breaks.test(text)
  const spaceAtEnd = text.endsWith(' ')
  const spaceAfterBreak = breakSpace.test(text)
  const unfit = spaceBreak.test(text) || special.test(text)
  const blankEdge = text.startsWith(' ') || spaceAtEnd || edgeBreak.test(text)
  const indicator = marker.test(text) || startIndicator.test(text) || innerIndicator.test(text)
  return {
    multiline,
    plain: !(multiline || spaceAfterBreak || unfit || blankEdge || indicator),
    single: !(spaceAfterBreak || unfit),
    block: !(spaceAtEnd || (blocksTabs ? spaceBreak.test(text) || special.test(text.replaceAll('\t', '')) : unfit)),
  }
}

const base60 = /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$/

/** A number in base 60, which other readers of YAML 1.1 know. */
export function isBase60(text: string): boolean {
  return text.includes(':') && base60.test(text)
}
