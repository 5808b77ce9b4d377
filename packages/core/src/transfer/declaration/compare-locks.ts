// What has changed from one lock to another.
import { formatReference, parseReference } from '../../reference/reference.ts'
import type { LockFile } from './lock-file.ts'

/** One thing that came, went, or became another. */
export interface LockChange {
  readonly kind: 'chart' | 'image' | 'file'
  readonly name: string
  /** Version and digest, tag and digest, or digest. Undefined for what came. */
  readonly before?: string
  /** Undefined for what went. */
  readonly after?: string
}

/** Things of one kind by their names, each with what it was resolved to. */
type Resolved = ReadonlyMap<string, readonly string[]>

/** The changes, charts first, then images, then files; each in the order of names. */
export function compareLocks(before: LockFile, after: LockFile): readonly LockChange[] {
  return [
    ...changes('chart', chartsOf(before), chartsOf(after)),
    ...changes('image', imagesOf(before), imagesOf(after)),
    ...changes('file', filesOf(before), filesOf(after)),
  ]
}

function changes(kind: LockChange['kind'], before: Resolved, after: Resolved): readonly LockChange[] {
  return [...new Set([...before.keys(), ...after.keys()])].sort().flatMap((name) => {
    const [old, young] = [before, after].map((resolved) => [...(resolved.get(name) ?? [])].sort())
    const gone = (old ?? []).filter((text) => !young?.includes(text))
    const come = (young ?? []).filter((text) => !old?.includes(text))
    return Array.from({ length: Math.max(gone.length, come.length) }, (_, at) => ({
      kind,
      name,
      ...(gone[at] === undefined ? {} : { before: gone[at] }),
      ...(come[at] === undefined ? {} : { after: come[at] }),
    }))
  })
}

function group(items: readonly (readonly [name: string, resolved: string])[]): Resolved {
  const groups = Map.groupBy(items, ([name]) => name)
  return new Map([...groups].map(([name, members]) => [name, members.map(([, resolved]) => resolved)]))
}

function chartsOf({ charts }: LockFile): Resolved {
  return group(
    charts.map(({ chart, repo, version, digest }) => [
      repo === undefined ? chart : `${repo} ${chart}`,
      `${version} ${digest}`,
    ]),
  )
}

function imagesOf({ images }: LockFile): Resolved {
  return group(
    images.map(({ image, digest }) => {
      const { tag, digest: named, ...name } = parseReference(image)
      return [formatReference(name), [tag ?? named ?? 'latest', digest ?? 'not found'].join(' ')]
    }),
  )
}

function filesOf({ files }: LockFile): Resolved {
  return group(files.map(({ url, digest }) => [url, digest]))
}
