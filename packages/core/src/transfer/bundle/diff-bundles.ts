// What one bundle has and another has not.
import type { BundleContents } from './contents.ts'

/** One thing by its name, and its digests before and after. */
export interface BundleChange {
  readonly kind: 'chart' | 'image' | 'file'
  readonly name: string
  /** Default: it is new. */
  readonly before?: string
  /** Default: it is gone. */
  readonly after?: string
}

export interface BundleDifference {
  readonly changes: readonly BundleChange[]
  /** Bytes of blobs that the second alone has. */
  readonly added: number
  /** Bytes of blobs that the first alone has. */
  readonly removed: number
}

/** Compares two tables of contents. Pure. */
export function diffBundles(before: BundleContents, after: BundleContents): BundleDifference {
  return {
    changes: [
      ...changesOf('chart', chartsOf(before), chartsOf(after)),
      ...changesOf('image', imagesOf(before), imagesOf(after)),
      ...changesOf('file', filesOf(before), filesOf(after)),
    ],
    added: bytesBeside(after, before),
    removed: bytesBeside(before, after),
  }
}

type Names = ReadonlyMap<string, string>

const chartsOf = ({ charts }: BundleContents): Names =>
  new Map(charts.map(({ name, version, digest }) => [`${name} ${version}`, digest]))
const imagesOf = ({ images }: BundleContents): Names =>
  new Map(images.map(({ name, manifest }) => [name, manifest.digest]))
const filesOf = ({ files }: BundleContents): Names => new Map(files.map(({ name, digest }) => [name, digest]))

function changesOf(kind: BundleChange['kind'], before: Names, after: Names): readonly BundleChange[] {
  return [...new Set([...before.keys(), ...after.keys()])].sort().flatMap((name) => {
    const [old, fresh] = [before.get(name), after.get(name)]
    if (old === fresh) return []
    return [
      { kind, name, ...(old === undefined ? {} : { before: old }), ...(fresh === undefined ? {} : { after: fresh }) },
    ]
  })
}

function bytesBeside(own: BundleContents, other: BundleContents): number {
  const known = new Set(other.entries.map(({ digest }) => digest))
  return own.entries.reduce((sum, { digest, size }) => (known.has(digest) ? sum : sum + size), 0)
}
