// How many bytes the images of a hosted repository take: what their manifests name, each content once.
import type { ContentDigest } from './content-digest.ts'
import type { ImageStore } from './image-store.ts'

/** Milliseconds for which a sum is used: what other servers take meanwhile is counted afterwards. */
const usedFor = 10_000

/** Sums up when asked; gives bytes. */
export function imageUsage(images: ImageStore, now: () => number): (hosted: string) => Promise<number> {
  const sums = new Map<string, { readonly bytes: Promise<number>; readonly at: number }>()
  async function sum(hosted: string): Promise<number> {
    const sizes = new Map<ContentDigest, number>()
    for await (const place of images.places(hosted)) {
      for await (const { digest, size, named, isIndex } of images.manifests(place)) {
        sizes.set(digest, size)
        if (!isIndex) for (const blob of named) sizes.set(blob.digest, blob.size)
      }
    }
    return [...sizes.values()].reduce((total, size) => total + size, 0)
  }
  return (hosted) => {
    const known = sums.get(hosted)
    if (known !== undefined && now() - known.at < usedFor) return known.bytes
    const bytes = sum(hosted)
    sums.set(hosted, { bytes, at: now() })
    bytes.catch(() => sums.delete(hosted))
    return bytes
  }
}
