// PORT: the images of hosted repositories, as they are read and changed.
import type { BlobBody, BlobStore, ByteRange } from '@chartferry/core/transfer'
import type { ContentDigest } from './content-digest.ts'
import type { Member } from './content-store.ts'
import type { ImagePlace } from './image-keys.ts'
import type { NamedContent } from './manifest-form.ts'
import type { UploadSessions } from './upload-sessions.ts'

/** What is known of a manifest that was pushed. */
export interface StoredManifest {
  readonly digest: ContentDigest
  readonly mediaType: string
  readonly size: number
  readonly isIndex: boolean
  /** What it names and needs. */
  readonly named: readonly NamedContent[]
  readonly config?: NamedContent
  readonly subject?: ContentDigest
  readonly artifactType?: string
  readonly annotations?: Readonly<Record<string, string>>
  /** Milliseconds since 1970. */
  readonly pushedAt: number
}

/** A manifest that refers to another one, as lists of referrers show it. */
export interface Referrer {
  readonly mediaType: string
  readonly digest: ContentDigest
  readonly size: number
  readonly artifactType?: string
  readonly annotations?: Readonly<Record<string, string>>
}

/** What a push may do. */
export interface PushImageRules {
  /** Whether a tag that is there may not be given to another manifest. */
  readonly isImmutable: (tag: string) => boolean
}

export interface PushedManifest {
  readonly bytes: Uint8Array
  readonly contentType: string
  /** What the client says it has; default: sha256. */
  readonly digest?: ContentDigest | undefined
  readonly tags: readonly string[]
}

/**
 * All methods throw STORE_UNAVAILABLE. What a manifest names is there when the manifest is; what was acknowledged stays
 * until somebody deletes it.
 */
export interface ImageStore {
  readonly uploads: UploadSessions
  /** By tag or digest; undefined where there is none. */
  manifest(place: ImagePlace, reference: string): Promise<StoredManifest | undefined>
  /** A content that the repository has, a manifest or a blob. */
  blob(place: ImagePlace, digest: ContentDigest): Promise<Member | undefined>
  /** The bytes of a content; undefined when they have just gone. */
  open(digest: ContentDigest, range?: ByteRange): ReturnType<BlobStore['get']>
  /** The whole of a content that is known to be small. Throws STORE_UNAVAILABLE when it has just gone. */
  bytes(digest: ContentDigest): Promise<Buffer>
  tags(place: ImagePlace): AsyncIterable<readonly [tag: string, digest: ContentDigest]>
  referrers(place: ImagePlace, subject: ContentDigest): Promise<readonly Referrer[]>
  /** The repositories of a hosted repository that have been pushed to. */
  places(hosted: string): AsyncIterable<ImagePlace>
  /** The repositories that have a content. */
  holders(digest: ContentDigest): AsyncIterable<ImagePlace>
  /** The manifests of a repository. */
  manifests(place: ImagePlace): AsyncIterable<StoredManifest>

  /** Keeps a blob. Throws PUSH_INVALID, and what reading the body throws. */
  addBlob(place: ImagePlace, digest: ContentDigest, body: BlobBody): Promise<Member>
  /** Takes over a blob that another repository has; false where it has not. */
  mount(place: ImagePlace, digest: ContentDigest, from: ImagePlace): Promise<boolean>
  /** Somebody who may push has asked whether a blob is there, and may be about to name it. */
  touch(place: ImagePlace, digest: ContentDigest): Promise<void>
  /**
   * Keeps a manifest. Throws MANIFEST_INVALID, PUSH_INVALID, MANIFEST_BLOB_MISSING where something that it names is not
   * there, TAG_IMMUTABLE.
   */
  putManifest(place: ImagePlace, pushed: PushedManifest, rules: PushImageRules): Promise<StoredManifest>
  /** Throws MANIFEST_NOT_FOUND, TAG_IMMUTABLE. */
  deleteTag(place: ImagePlace, tag: string, rules: PushImageRules): Promise<void>
  /** Takes a manifest away with all its tags. Throws MANIFEST_NOT_FOUND, TAG_IMMUTABLE. */
  deleteManifest(place: ImagePlace, digest: ContentDigest, rules: PushImageRules): Promise<void>
  /** Throws BLOB_NOT_FOUND, and BLOB_IN_USE where a manifest names it. */
  deleteBlob(place: ImagePlace, digest: ContentDigest): Promise<void>
  /** Removes what nobody needs and nobody can be about to name; gives how many contents and uploads went. */
  collectGarbage(): Promise<number>
}
