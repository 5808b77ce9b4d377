// One file with its images renamed: manifests, patches in JSON's form, or a kustomization.
import { replaceScalars, type ScalarEdit } from '../../helm/yaml/edit.ts'
import { formatPath, type ValuesPath } from '../../helm/yaml/path.ts'
import type { Naming } from '../../reference/naming.ts'
import { formatReference, tryParseReference } from '../../reference/reference.ts'
import { type DocumentFilter, imagesOfManifests, isMap, type ManifestImage, yamlValueOf } from './find-in-stream.ts'
import { isKustomizationFile } from './kustomization.ts'
import type { ManifestFile } from './manifest-file.ts'
import { renameInText } from './rename-text.ts'
import { type RenamedImage, rewriteManifests } from './rewrite-manifests.ts'

export interface RewrittenFile {
  readonly text: string
  /** All that are found, as they were. */
  readonly images: readonly ManifestImage[]
  readonly renamed: readonly RenamedImage[]
  readonly left: readonly string[]
  readonly remarks: readonly string[]
}

export interface RewriteFileOptions {
  readonly keeps: (image: ManifestImage) => boolean
  /** The new texts of the names in `images:`, by their places in the list. Default: they stay. */
  readonly entries?: readonly ScalarEdit[]
}

/** Objects of Kubernetes alone: a folder may hold other YAML, which names images for other programs. */
const isObject: DocumentFilter = ({ apiVersion, kind }) => typeof apiVersion === 'string' && typeof kind === 'string'

/** Throws as `rewriteManifests` does, YAML_INVALID where a new name cannot stand in its place. */
export function rewriteFile(
  { path, text }: ManifestFile,
  naming: Pick<Naming, 'rename'>,
  options: RewriteFileOptions,
): RewrittenFile {
  return isKustomizationFile(path)
    ? rewriteKustomization(path, text, naming, options)
    : rewriteText(path, text, naming, options)
}

function rewriteText(
  where: string,
  text: string,
  naming: Pick<Naming, 'rename'>,
  { keeps }: RewriteFileOptions,
): RewrittenFile {
  const root = yamlValueOf(text)
  if (Array.isArray(root)) return rewriteJsonPatch(where, text, root, naming, keeps)
  const { changes: _, ...rewritten } = rewriteManifests(text, naming, { isWanted: isObject, keeps })
  return { ...rewritten, images: imagesOfManifests(text, isObject) }
}

/** Operations of RFC 6902 that set the image of a container. */
function rewriteJsonPatch(
  where: string,
  text: string,
  operations: readonly unknown[],
  naming: Pick<Naming, 'rename'>,
  keeps: (image: ManifestImage) => boolean,
): RewrittenFile {
  const found = operations.flatMap((operation, index) =>
    isMap(operation) && typeof operation.path === 'string'
      ? imagesSet(operation.value, operation.path.split('/').at(-1) ?? '', [index, 'value'])
      : [],
  )
  const images = found.map((each) => ({
    resource: `patch ${where}`,
    path: formatPath(each.path),
    reference: each.reference,
    isPodImage: true,
  }))
  const renamed = images.flatMap((image) => {
    const parsed = keeps(image) ? undefined : tryParseReference(image.reference)
    const to = parsed === undefined ? image.reference : formatReference(naming.rename(parsed))
    return to === image.reference ? [] : [{ ...image, to }]
  })
  const edits = found.flatMap(({ path }) => {
    const to = renamed.find((image) => image.path === formatPath(path))?.to
    return to === undefined ? [] : [{ path, value: to }]
  })
  return { text: replaceScalars(text, edits, { where }), images, renamed, left: [], remarks: [] }
}

function imagesSet(
  value: unknown,
  name: string,
  path: ValuesPath,
): readonly { readonly path: ValuesPath; readonly reference: string }[] {
  if (typeof value === 'string') {
    const isImage = name === 'image' && tryParseReference(value) !== undefined
    return isImage ? [{ path, reference: value }] : []
  }
  if (Array.isArray(value)) return value.flatMap((item, index) => imagesSet(item, '', [...path, index]))
  if (!isMap(value)) return []
  return Object.entries(value).flatMap(([key, item]) => imagesSet(item, key, [...path, key]))
}

/** The names in `images:`, patches that stand in the kustomization itself, and literals of generators. */
function rewriteKustomization(
  where: string,
  text: string,
  naming: Pick<Naming, 'rename'>,
  { keeps, entries = [] }: RewriteFileOptions,
): RewrittenFile {
  const root = yamlValueOf(text)
  const edits: ScalarEdit[] = [...entries]
  const parts: RewrittenFile[] = []
  for (const { path, text: inner, isLiteral } of isMap(root) ? textsInside(root) : []) {
    const rewritten = isLiteral
      ? rewriteLiteral(inner, naming, where)
      : rewriteText(`${where} ${formatPath(path)}`, inner, naming, { keeps })
    parts.push(rewritten)
    if (rewritten.text !== inner) edits.push({ path, value: rewritten.text })
  }
  return {
    text: replaceScalars(text, edits, { where }),
    images: parts.flatMap(({ images }) => images),
    renamed: parts.flatMap(({ renamed }) => renamed),
    left: parts.flatMap(({ left }) => left),
    remarks: parts.flatMap(({ remarks }) => remarks),
  }
}

interface InnerText {
  readonly path: ValuesPath
  readonly text: string
  readonly isLiteral: boolean
}

function* textsInside(root: Readonly<Record<string, unknown>>): Iterable<InnerText> {
  for (const key of ['patches', 'patchesJson6902', 'patchesStrategicMerge']) {
    for (const [index, patch] of listOf(root[key]).entries()) {
      if (typeof patch === 'string' && patch.includes('\n')) yield { path: [key, index], text: patch, isLiteral: false }
      if (isMap(patch) && typeof patch.patch === 'string')
        yield { path: [key, index, 'patch'], text: patch.patch, isLiteral: false }
    }
  }
  for (const key of ['configMapGenerator', 'secretGenerator']) {
    for (const [index, generator] of listOf(root[key]).entries()) {
      for (const [place, literal] of listOf(isMap(generator) ? generator.literals : undefined).entries())
        if (typeof literal === 'string') yield { path: [key, index, 'literals', place], text: literal, isLiteral: true }
    }
  }
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

/** `KEY=TEXT`, looked into as the text of a ConfigMap would be. */
function rewriteLiteral(literal: string, naming: Pick<Naming, 'rename'>, where: string): RewrittenFile {
  const cut = literal.indexOf('=')
  const data = { [literal.slice(0, cut)]: literal.slice(cut + 1) }
  const document = JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: where }, data })
  const images = imagesOfManifests(document)
  const renamed: RenamedImage[] = []
  const left: string[] = []
  let text = literal
  for (const image of images) {
    const parsed = tryParseReference(image.reference)
    const to = parsed === undefined ? image.reference : formatReference(naming.rename(parsed))
    if (to === image.reference) continue
    const next = renameInText(text, image.reference, to)
    if (next === undefined) left.push(`${where}: ${image.reference} is written there in another form`)
    else renamed.push({ ...image, to })
    text = next ?? text
  }
  return { text, images, renamed, left, remarks: [] }
}
