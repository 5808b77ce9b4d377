// The parser's events of the first document of a text, and the parser's faults in our words.
import { type Event, parseEvents, YAMLException } from 'js-yaml'
import { ChartferryError } from '../../errors.ts'
import type { Limits } from '../../limits.ts'

const marker = /^(?:---|\.\.\.)(?=[ \t\r\n]|$)/gm
/** A blank line, a comment or a directive: what may stand before the `---` that opens a document. */
const preamble = /^\uFEFF?[ \t]*(?:#.*)?$|^%/

/** The text up to the end of its first document. Helm reads no further, whatever stands there. */
function firstDocument(text: string): string {
  for (const match of text.matchAll(marker)) {
    const before = text.slice(0, match.index)
    const opens = match[0] === '---' && before.split(/\r\n|\n|\r/).every((line) => preamble.test(line))
    if (!opens) return before
  }
  return text
}

/** An error at an offset of a text, with line and column, both from 1. */
export function yamlError(where: string, text: string, offset: number, why: string): ChartferryError {
  const before = text.slice(0, offset).split(/\r\n|\n|\r/)
  return new ChartferryError('YAML_INVALID', `${where}:${before.length}:${(before.at(-1)?.length ?? 0) + 1}: ${why}`)
}

/** How much may be parsed again, in all, to join lines. */
const retryBytes = 32 * 1024 * 1024

/**
 * A text of the same length in which the line that begins at an offset continues the one before; undefined where a
 * comment may stand between. Go lets the lines of `{}`, `[]` and quotes begin anywhere (`}` below its key, as in `a:
 * {\n}`), the parser wants them indented. There a line break is a space like any other.
 */
function joinLines(text: string, offset: number): string | undefined {
  const indentation = /[ \t]*$/.exec(text.slice(Math.max(0, offset - 1000), offset))?.[0].length ?? 0
  const end = offset - indentation
  const breaks = text.endsWith('\r\n', end) ? 2 : 1
  const start = Math.max(text.lastIndexOf('\n', end - breaks - 1), text.lastIndexOf('\r', end - breaks - 1)) + 1
  const breaksLine = end >= breaks && /[\r\n]/.test(text.charAt(end - breaks))
  if (!breaksLine || text.slice(start, end).includes('#')) return undefined
  return text.slice(0, end - breaks) + ' '.repeat(breaks) + text.slice(end)
}

/**
 * Events with offsets in the text, which is not read beyond its first document. Throws YAML_INVALID, YAML_TOO_COMPLEX
 * (bytes), DEPTH_EXCEEDED.
 */
export function yamlEvents(text: string, where: string, limits: Limits): readonly Event[] {
  if (Buffer.byteLength(text) > limits.yamlBytes) {
    throw new ChartferryError('YAML_TOO_COMPLEX', `${where}: larger than ${limits.yamlBytes} bytes`)
  }
  let shadow = firstDocument(text)
  for (let spent = 0; ; spent += shadow.length) {
    try {
      const events = parseEvents(shadow, { maxDepth: limits.yamlDepth })
      // `fast` says that a token holds no line break, which is true of the shadow only.
      return spent === 0 ? events : events.map((event) => ('fast' in event ? { ...event, fast: false } : event))
    } catch (thrown) {
      if (!(thrown instanceof YAMLException)) throw thrown
      const offset = thrown.mark?.position ?? 0
      const joined = thrown.reason === 'deficient indentation' ? joinLines(shadow, offset) : undefined
      if (joined === undefined || spent > retryBytes) throw failureOf(thrown, text, where, limits)
      shadow = joined
    }
  }
}

function failureOf(thrown: YAMLException, text: string, where: string, limits: Limits): ChartferryError {
  if (thrown.reason.includes('maxDepth')) {
    return new ChartferryError('DEPTH_EXCEEDED', `${where}: nested deeper than ${limits.yamlDepth}`, { cause: thrown })
  }
  return yamlError(where, text, thrown.mark?.position ?? 0, thrown.reason)
}
