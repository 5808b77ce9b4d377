// PORTS: a place that content comes from, and one that it goes to. Each is one repository of a registry, or one layout.
import type { Digest } from '../../digest.ts'
import type { Descriptor } from './descriptor.ts'

/** Bytes as they come. Read them to their end or destroy them. */
export type ContentStream = AsyncIterable<Uint8Array> & { destroy(): unknown }

/** What is pushed: all at once, or in pieces that are read once. */
export type ContentBody = Uint8Array | AsyncIterable<Uint8Array>

export interface ContentOptions {
  readonly signal?: AbortSignal | undefined
}

export interface ReferrersOptions extends ContentOptions {
  /**
   * All tags made from digests, where somebody has listed them: one that is missing is not asked for. Default: unknown.
   */
  readonly knownTags?: ReadonlySet<string> | undefined
}

/**
 * All methods throw the errors of the registry (REGISTRY_*, RATE_LIMITED) or of the store (STORE_UNAVAILABLE), and
 * CANCELLED.
 */
export interface ContentSource {
  /** The place in words: `registry.example.com/team/app`. */
  readonly name: string
  /** Where content can be mounted from one repository into another: the registry. Undefined where nothing can. */
  readonly registry?: string
  /** The path in the registry; empty where there is no registry. */
  readonly repository: string
  /** What a tag or a digest stands for. Throws MANIFEST_NOT_FOUND. */
  resolve(reference: string, options?: ContentOptions): Promise<Descriptor>
  has(descriptor: Descriptor, options?: ContentOptions): Promise<boolean>
  /** What a blob is that is known by its digest alone; undefined where there is none. Default: nobody can say. */
  blob?(digest: Digest, options?: ContentOptions): Promise<Descriptor | undefined>
  /**
   * The bytes from `offset` on (default: 0), as they come: whoever reads them compares the digest. Throws
   * MANIFEST_NOT_FOUND, BLOB_NOT_FOUND.
   */
  fetch(descriptor: Descriptor, options?: ContentOptions & { readonly offset?: number }): Promise<ContentStream>
  /** All tags, in no order. */
  tags(options?: ContentOptions): AsyncIterable<string>
  /** The manifests whose subject this is. Throws TOO_MANY_REFERRERS. */
  referrers(descriptor: Descriptor, options?: ReferrersOptions): AsyncIterable<Descriptor>
}

export interface PushOptions extends ContentOptions {
  /** A tag that the manifest gets in the same step. Default: none. */
  readonly tag?: string | undefined
}

/** All methods throw as those of `ContentSource` do. */
export interface ContentSink {
  has(descriptor: Descriptor, options?: ContentOptions): Promise<boolean>
  /**
   * Puts content where its digest names it; what a manifest names must be there. Throws DIGEST_MISMATCH,
   * TARGET_MISSING, TAG_IMMUTABLE, REGISTRY_REFUSED; then nothing is there under the digest.
   */
  push(descriptor: Descriptor, body: ContentBody, options?: PushOptions): Promise<void>
  /** Gives a manifest that is there a tag, in place of what had it. Throws MANIFEST_NOT_FOUND, TAG_IMMUTABLE. */
  tag(descriptor: Descriptor, tag: string, options?: ContentOptions): Promise<void>
  /** Takes a blob over from another repository of the same registry; false where that does not work. */
  mount?(descriptor: Descriptor, from: string, options?: ContentOptions): Promise<boolean>
  /** Makes sure that manifests that are there are found as referrers of the subject. */
  attach(subject: Descriptor, referrers: readonly Descriptor[], options?: ContentOptions): Promise<void>
  /**
   * Proves that something can be pushed, without pushing it. Throws REGISTRY_DENIED, TARGET_MISSING. Default: nothing
   * to prove.
   */
  preflight?(options?: ContentOptions): Promise<void>
}

/** A place for both directions. */
export interface ContentRepository extends ContentSource, ContentSink {}
