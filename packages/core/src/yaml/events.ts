// The parser's events of the first document of a text, and the parser's faults in our words.
import { type Event, parseEvents, YAMLException } from 'js-yaml'
import { ChartferryError } from '../errors.ts'
import type { Limits } from '../limits.ts'

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

/** Events with offsets in the text, which is not read beyond its first document. Throws YAML_INVALID, YAML_TOO_COMPLEX (bytes), DEPTH_EXCEEDED. */
export function yamlEvents(text: string, where: string, limits: Limits): readonly Event[] {
  if (Buffer.byteLength(text) > limits.yamlBytes) {
    throw new ChartferryError('YAML_TOO_COMPLEX', `${where}: larger than ${limits.yamlBytes} bytes`)
  }
  try {
    return parseEvents(firstDocument(text), { maxDepth: limits.yamlDepth })
  } catch (thrown) {
    if (!(thrown instanceof YAMLException)) throw thrown
    if (thrown.reason.includes('maxDepth')) {
      throw new ChartferryError('DEPTH_EXCEEDED', `${where}: nested deeper than ${limits.yamlDepth}`, { cause: thrown })
    }
    throw yamlError(where, text, thrown.mark?.position ?? 0, thrown.reason)
  }
}
