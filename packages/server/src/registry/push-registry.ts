// PORT: the write side of the registry: what the routes need to take pushes into hosted repositories.
import type { Caller } from '../auth/access.ts'
import type { ContentDigest } from '../images/content-digest.ts'
import type { ImagePlace } from '../images/image-keys.ts'
import type { ImageStore, PushedManifest } from '../images/image-store.ts'

/** What became of a manifest that was pushed. */
export interface KeptManifest {
  readonly digest: ContentDigest
  /** The manifest that it refers to, where it does. */
  readonly subject?: ContentDigest
  /** The chart version that it is, where it became one of the repository. */
  readonly chart?: { readonly name: string; readonly version: string }
}

/** What is deleted: a tag, a manifest, or the chart version that they stand for. */
export interface Removed {
  readonly name: string
  readonly version: string
}

export interface PushRegistry {
  readonly images: ImageStore
  /** Bytes of a blob, and of a manifest. */
  readonly limits: { readonly blobBytes: number; readonly manifestBytes: number }
  /** Whether a hosted repository takes images. Throws REPOSITORY_NOT_FOUND where there is none of that name. */
  check(place: ImagePlace): void
  /** Throws REPOSITORY_FULL where so many more bytes do not fit. */
  checkRoom(place: ImagePlace, bytes: number): Promise<void>
  /** Finds a repository that the caller may pull from and that has the blob, to take it over from there. */
  sourceOf(digest: ContentDigest, from: string | undefined, caller: Caller): Promise<ImagePlace | undefined>
  /** Throws what `ImageStore.putManifest` throws, VERSION_EXISTS, CHART_INVALID, REPOSITORY_FULL. */
  put(place: ImagePlace, pushed: PushedManifest): Promise<KeptManifest>
  /** Throws MANIFEST_NOT_FOUND, TAG_IMMUTABLE. */
  remove(place: ImagePlace, reference: string): Promise<Removed>
}
