// Kustomizations as far as images are concerned: what they take in, and what their `images:` make of a name.
import { posix } from 'node:path'
import { RE2JS } from 're2js'
import { isMap, yamlValueOf } from './find-in-stream.ts'

/** One entry of `images:`, as kustomize reads it. */
export interface ImageEntry {
  /** A regular expression that the whole name has to fit. */
  readonly name: string
  readonly newName?: string
  readonly newTag?: string
  readonly digest?: string
  readonly tagSuffix?: string
}

/** A kustomization: all paths are below the folder that is read, with `/` between their steps. */
export interface Kustomization {
  readonly path: string
  readonly folder: string
  readonly images: readonly ImageEntry[]
  /** Files and folders that it takes manifests and patches from. */
  readonly takes: readonly string[]
  /** Folders of components, in their order. */
  readonly components: readonly string[]
  /** What it takes from where nobody looks here, one sentence each. */
  readonly elsewhere: readonly string[]
}

const fileNames = new Set(['kustomization.yaml', 'kustomization.yml', 'Kustomization'])

/** Whether a file is a kustomization by its name (kustomize api/konfig, RecognizedKustomizationFileNames). */
export const isKustomizationFile = (path: string): boolean => fileNames.has(posix.basename(path))

/** Reads one; what is no mapping takes nothing in. */
export function readKustomization(path: string, text: string): Kustomization {
  const root = yamlValueOf(text)
  const folder = posix.dirname(path)
  const fields = isMap(root) ? root : {}
  const patches = ['patches', 'patchesJson6902'].flatMap((key) =>
    listOf(fields[key]).flatMap((patch) => (isMap(patch) ? textsOf([patch.path]) : [])),
  )
  const merges = textsOf(fields.patchesStrategicMerge).filter((merge) => !merge.includes('\n'))
  const named = [...textsOf(fields.resources), ...textsOf(fields.bases), ...textsOf(fields.components)]
  const isLocal = (name: string): boolean => !isRemote(name)
  return {
    path,
    folder,
    images: listOf(fields.images).flatMap((entry) => (isMap(entry) ? entryOf(entry) : [])),
    takes: [...textsOf(fields.resources), ...textsOf(fields.bases), ...patches, ...merges]
      .filter(isLocal)
      .map((name) => posix.join(folder, name)),
    components: textsOf(fields.components)
      .filter(isLocal)
      .map((name) => posix.join(folder, name)),
    elsewhere: [
      ...named.filter(isRemote).map((name) => `${path}: ${name} is fetched by kustomize, and not read here`),
      ...(listOf(fields.helmCharts).length > 0
        ? [`${path}: helmCharts are rendered by kustomize; relocate those charts by themselves`]
        : []),
    ],
  }
}

/** What kustomize takes for the address of a repository or a file elsewhere. */
const isRemote = (name: string): boolean => /^[a-z+]+:\/\/|^git@|^github\.com\/|[?]ref=/.test(name)

function entryOf(entry: Readonly<Record<string, unknown>>): readonly ImageEntry[] {
  const text = (key: string): string | undefined => {
    const value = entry[key]
    return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined
  }
  const name = text('name')
  if (name === undefined) return []
  const rest = ['newName', 'newTag', 'digest', 'tagSuffix'].flatMap((key) => {
    const value = text(key)
    return value === undefined || value === '' ? [] : [[key, value]]
  })
  return [{ name, ...Object.fromEntries(rest) }]
}

/** Whether an entry is for an image (kustomize api/internal/image, IsImageMatched). A pattern that is none fits nothing. */
export function fitsEntry({ name }: ImageEntry, image: string): boolean {
  try {
    return RE2JS.compile(`^${name}(:[a-zA-Z0-9_.{}-]*)?(@sha256:[a-zA-Z0-9_.{}-]*)?$`).matcher(image).find()
  } catch {
    return false
  }
}

/** What an entry makes of an image that it is for (kustomize api/filters/imagetag). */
export function applyEntry(image: string, { newName, newTag, digest, tagSuffix }: ImageEntry): string {
  const [, name = image, tag = '', pinned = ''] = /^(.*?)(?::([^/:@]*))?(?:@(.*))?$/.exec(image) ?? []
  const [nextTag, nextDigest] =
    newTag !== undefined
      ? [newTag, digest ?? '']
      : digest !== undefined
        ? ['', digest]
        : tagSuffix !== undefined
          ? [tag + tagSuffix, '']
          : [tag, pinned]
  return `${newName ?? name}${nextTag === '' ? '' : `:${nextTag}`}${nextDigest === '' ? '' : `@${nextDigest}`}`
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

const textsOf = (value: unknown): readonly string[] =>
  listOf(value).filter((item): item is string => typeof item === 'string')
