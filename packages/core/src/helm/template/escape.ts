// The escaping functions of text/template: html, js, urlquery.
import { bytesOf } from './bytes.ts'

const htmlEntities: Readonly<Record<string, string>> = {
  '\0': '\ufffd',
  '"': '&#34;',
  "'": '&#39;',
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
}

/** Go's HTMLEscapeString. */
export function escapeHtml(text: string): string {
  return text.replace(/[\0"'&<>]/g, (character) => htmlEntities[character] as string)
}

/** Go's JSEscapeString. */
export function escapeJavaScript(text: string): string {
  let escaped = ''
  for (const character of text) escaped += javaScriptCharacter(character)
  return escaped
}

function javaScriptCharacter(character: string): string {
  const code = character.codePointAt(0) as number
  if (`\\'"`.includes(character)) return `\\${character}`
  if ('<>&='.includes(character) || code < 0x20) return `\\u${code.toString(16).toUpperCase().padStart(4, '0')}`
  if (code < 0x80 || /[\p{L}\p{M}\p{N}\p{P}\p{S}]/u.test(character)) return character
  return `\\u${code.toString(16).toUpperCase().padStart(4, '0')}`
}

/** Go's url.QueryEscape: a space becomes a plus. */
export function escapeQuery(text: string): string {
  let escaped = ''
  for (const byte of bytesOf(text)) {
    const character = String.fromCharCode(byte)
    if (/[\w.~-]/.test(character)) escaped += character
    else escaped += character === ' ' ? '+' : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
  }
  return escaped
}
