// What `helm template` prints, taken apart into the documents that it names.
import type { RenderedDocument, RenderResult } from './chart-renderer.ts'

const heading = /^---\n# Source: (.+)\n/gm
const hookAnnotation = /^\s+["']?helm\.sh\/hook["']?\s*:/m

/** Documents and hooks of an output with `# Source:` headings. What stands before the first heading is no document. */
export function splitHelmOutput(output: string): RenderResult {
  const documents: RenderedDocument[] = []
  const hooks: RenderedDocument[] = []
  const starts = [...output.matchAll(heading)]
  for (const [index, match] of starts.entries()) {
    const end = starts[index + 1]?.index ?? output.length
    const document = { source: match[1] ?? '', text: output.slice(match.index + match[0].length, end) }
    if (hookAnnotation.test(document.text)) hooks.push(document)
    else documents.push(document)
  }
  return { documents, hooks }
}
