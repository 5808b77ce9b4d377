// What `helm template` prints, taken apart into the documents that it names.
import type { RenderedDocument, RenderResult } from '../chart-renderer.ts'
import { hookEventsOf } from './document-role.ts'

const heading = /^---\n# Source: (.+)\n/gm

/** Documents and hooks of an output with `# Source:` headings. What stands before the first heading is no document. */
export function splitHelmOutput(output: string): RenderResult {
  const documents: RenderedDocument[] = []
  const hooks: RenderedDocument[] = []
  const starts = [...output.matchAll(heading)]
  for (const [index, match] of starts.entries()) {
    const text = output.slice(match.index + match[0].length, starts[index + 1]?.index ?? output.length)
    // The last line end is Helm's own.
    const document = { source: match[1] ?? '', text: text.endsWith('\n') ? text.slice(0, -1) : text }
    if (hookEventsOf(document) === undefined) documents.push(document)
    else hooks.push(document)
  }
  return { documents, hooks }
}
