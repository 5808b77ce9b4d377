// Parsed template files that renderings share: a chart is rendered many times, traced and not, as it was and edited, and most of
// its files are the same each time.
import type { ParsedTemplates } from '../../template/parser.ts'

interface ParsedFile {
  readonly text: string
  readonly parsed: ParsedTemplates
}

const files = new Map<string, ParsedFile>()
/** Characters of all texts that are kept; what is parsed takes some ten times that. */
const mostCharacters = 4_000_000
let characters = 0

/**
 * What `parse` makes of a text, kept until others need the room. `key` names the file, and whatever else decides how it is parsed; of
 * several texts of one key the last is kept. What `parse` throws passes through.
 */
export function parseOnce(key: string, text: string, parse: () => ParsedTemplates): ParsedTemplates {
  const known = files.get(key)
  if (known?.text === text) return known.parsed
  const parsed = parse()
  if (known !== undefined) forget(key, known)
  if (text.length > mostCharacters / 4) return parsed
  for (const [oldest, file] of files) {
    if (characters + text.length <= mostCharacters) break
    forget(oldest, file)
  }
  files.set(key, { text, parsed })
  characters += text.length
  return parsed
}

function forget(key: string, { text }: ParsedFile): void {
  files.delete(key)
  characters -= text.length
}
