// Text from charts and servers, made safe for a terminal.

const controls = /(?![\t\n])[\p{Cc}\p{Bidi_Control}]/gu

/**
 * The text with control characters other than tab and line feed shown as escapes: an index file must not move the
 * cursor.
 */
export function printable(text: string): string {
  return text.replace(controls, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
