// Results on standard output, with no character in them that a terminal obeys: names come from charts and servers.
import { printable } from './printable.ts'

/** Prints lines. Not for what is painted: colours are such characters, too. */
export function say(text: string): void {
  console.log(printable(text))
}

/** Prints one document of JSON; control characters in its texts are escapes, as JSON has them. */
export function sayJson(value: unknown): void {
  console.log(printable(JSON.stringify(value, null, 2)))
}
