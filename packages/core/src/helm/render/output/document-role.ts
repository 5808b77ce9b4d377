// What a printed document is to Helm: a file of `crds/`, a hook, or something to install.
import type { RenderedDocument } from '../chart-renderer.ts'
import { parseDocuments } from './parse-documents.ts'

/** Whether a source is a file below `crds/` of a chart or subchart: `web/charts/db/crds/db.yaml`. */
export function isDefinition(source: string): boolean {
  return /^[^/]+(?:\/charts\/[^/]+)*\/crds\//.test(source)
}

/** The events of a hook, in lower case, as its annotation names them; undefined for what is no hook. */
export function hookEventsOf(document: RenderedDocument): readonly string[] | undefined {
  if (!document.text.includes('helm.sh/hook') || isDefinition(document.source)) return undefined
  const annotations = below(below(parseDocuments(document)?.[0], 'metadata'), 'annotations')
  const hook = below(annotations, 'helm.sh/hook')
  return typeof hook === 'string' ? hook.split(',').map((event) => event.trim().toLowerCase()) : undefined
}

function below(node: unknown, key: string): unknown {
  return typeof node === 'object' && node !== null ? (node as Record<string, unknown>)[key] : undefined
}
