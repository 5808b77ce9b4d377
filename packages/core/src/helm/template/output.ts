// What a template prints, collected: a string, or parts that keep their spans.
import { concat } from './text.ts'
import type { Text } from './value.ts'

/** Takes text in order. */
export interface Output {
  readonly write: (text: Text) => void
  /** All that was written. */
  readonly text: () => Text
}

/** An output; a traced one keeps spans. */
export function createOutput(traced: boolean): Output {
  if (traced) {
    const parts: Text[] = []
    return { write: (text) => void parts.push(text), text: () => concat(parts) }
  }
  let written = ''
  return {
    write(text) {
      written += text
    },
    text: () => written,
  }
}
