// The paths under which a proxied repository serves its archives: content in the path, the upstream's file name at its
// end.

import { digestOf } from '@chartferry/core'
import { type ChartVersion, fileNameOf } from '@chartferry/core/helm'
import { digestHex } from '@chartferry/core/internal'

/**
 * Where an entry whose archive is fetched from there is served: `<first 12 digits of the digest>/<file name>`. An entry
 * without a digest has `url-` and 12 digits of where and when it was published instead.
 */
export function entryPath(version: ChartVersion, from: string): string {
  // What ends a URL of a registry is no name of a file.
  const named = from.startsWith('oci:') ? undefined : fileNameOf(from)
  const fileName = named ?? `${version.name}-${version.version}.tgz`
  const folder =
    version.digest === undefined
      ? `${withoutDigest}${short(digestHex(digestOf(`${from}\n${version.created ?? ''}`)))}`
      : short(digestHex(version.digest))
  return `${folder}/${fileName}`
}

const withoutDigest = 'url-'

/** A `+` stays as it is: thousands of real versions have one, and it means nothing special in a path. */
export function encodePath(path: string): string {
  return path
    .split('/')
    .map((segment) => encodeURIComponent(segment).replaceAll('%2B', '+'))
    .join('/')
}

/** The path behind a URL that we serve: what stands behind `charts/`, decoded. Undefined for any other URL. */
export function servedPath(url: string | undefined): string | undefined {
  if (url?.startsWith('charts/') !== true) return undefined
  return url.slice('charts/'.length).split('/').map(decodeURIComponent).join('/')
}

/** Whether a path was made from a digest, so that it can never mean other bytes. */
export function isContentPath(path: string): boolean {
  return !path.startsWith(withoutDigest)
}

function short(hex: string): string {
  return hex.slice(0, 12)
}
