// The base of a working folder: rendered manifests as files, with a kustomization that lists them.
import { dump } from 'js-yaml'
import { ChartferryError } from '../../errors.ts'
import type { RenderedDocument } from '../../helm/render/chart-renderer.ts'
import { parseYaml } from '../../helm/yaml/parse.ts'

/** One file of manifests, by its path below `base/`. */
export interface BaseFile {
  readonly path: string
  readonly text: string
}

/** One object of a base. */
export interface BaseObject {
  readonly apiVersion: string
  readonly kind: string
  readonly name: string
  readonly namespace?: string
  readonly object: Readonly<Record<string, unknown>>
}

/** What a chart rendered, a file a template; the name of the chart at the beginning of their paths is left out. */
export function baseOfRendering(documents: readonly RenderedDocument[]): readonly BaseFile[] {
  const files = Map.groupBy(documents, ({ source }) => source.replace(/^[^/]*\//, ''))
  return [...files].flatMap(([path, parts]) => {
    const texts = parts.map(({ text }) => text.trim()).filter((text) => /^[^#\s]/m.test(text))
    return texts.length === 0 ? [] : [{ path, text: texts.map((text) => `---\n${text}\n`).join('') }]
  })
}

/** The list of the files, as kustomize reads it. */
export function baseKustomization(files: readonly BaseFile[]): string {
  const list = {
    apiVersion: 'kustomize.config.k8s.io/v1beta1',
    kind: 'Kustomization',
    resources: files.map(({ path }) => path),
  }
  return dump(list, { lineWidth: -1 })
}

/** The objects of the files; a List counts as its items. Throws YAML_INVALID. */
export function objectsOf(files: readonly BaseFile[]): readonly BaseObject[] {
  return files.flatMap(({ path, text }) =>
    text.split(/^(?=---(?:\s|$))/m).flatMap((piece) => objectsIn(parseYaml(piece, { where: path }), path)),
  )
}

function objectsIn(root: unknown, path: string): readonly BaseObject[] {
  if (root === null || root === undefined) return []
  if (!isMap(root)) throw new ChartferryError('YAML_INVALID', `${path}: a document is no Kubernetes object`)
  const { apiVersion, kind, metadata, items } = root
  if (typeof kind === 'string' && kind.endsWith('List') && Array.isArray(items))
    return items.flatMap((item) => objectsIn(item, path))
  const { name, namespace } = isMap(metadata) ? metadata : {}
  return [
    {
      apiVersion: textOf(apiVersion),
      kind: textOf(kind),
      name: textOf(name),
      ...(typeof namespace === 'string' ? { namespace } : {}),
      object: root,
    },
  ]
}

/** Whether a value is a mapping. */
export function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function textOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : ''
}
