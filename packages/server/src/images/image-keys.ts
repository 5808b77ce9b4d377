// Where pushed images lie in the store: all that is known of one content in one folder, all of a repository in another.

import { digestOf } from '@chartferry/core'
import { digestHex } from '@chartferry/core/internal'
import { type ContentDigest, digestSegment } from './content-digest.ts'

/** All content, by digest. */
export const contentFolder = 'images/content/'
/** All repositories, by the hosted repository that they are in. */
export const repositoriesFolder = 'images/repositories/'

/** A repository of images: the hosted repository that rights are about, and the whole name. */
export interface ImagePlace {
  /** `local`. */
  readonly hosted: string
  /** `local/team/web`. */
  readonly name: string
}

/** The part of keys that stands for a repository: names are longer than a key's part may be. */
export function placeSegment({ name }: ImagePlace): string {
  return digestHex(digestOf(name))
}

/** The folder of a repository, with `/` at its end. */
export function placeFolder(place: ImagePlace): string {
  return `${repositoriesFolder}${place.hosted}/${placeSegment(place)}/`
}

/** The folder of a content, with `/` at its end. */
export function digestFolder(digest: ContentDigest): string {
  const segment = digestSegment(digest)
  return `${contentFolder}${segment.slice('sha256-'.length, 'sha256-'.length + 2)}/${segment}/`
}

/** The bytes. */
export const bytesKey = (digest: ContentDigest): string => `${digestFolder(digest)}bytes`
/** That somebody is about to take the content away. */
export const markKey = (digest: ContentDigest): string => `${digestFolder(digest)}leaving`
/** That somebody sends the bytes. */
export const comingKey = (digest: ContentDigest, upload: string): string => `${digestFolder(digest)}coming/${upload}`
/** That a repository has the content. */
export const memberKey = (digest: ContentDigest, place: ImagePlace): string =>
  `${digestFolder(digest)}in/${placeSegment(place)}`
/** That a manifest of a repository names the content. */
export const namedKey = (digest: ContentDigest, place: ImagePlace, manifest: ContentDigest): string =>
  `${digestFolder(digest)}for/${placeSegment(place)}/${digestSegment(manifest)}`
/** What is known of a manifest. */
export const manifestKey = (place: ImagePlace, digest: ContentDigest): string =>
  `${placeFolder(place)}manifests/${digestSegment(digest)}`
