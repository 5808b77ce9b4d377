// Which name a file gets in a file repository, as kOps has it: the path of its URL, below that of the repository.
import { join } from 'node:path'
import { ChartferryError } from '../../errors.ts'
import { redactUrl } from '../../oci/http/redact-url.ts'
import type { FileAsset } from './file-asset.ts'
import type { FilePlace } from './file-place.ts'

/** A file and its name in a repository. */
export interface PlacedFile extends FileAsset {
  /** Where it can be had once it was copied: a URL, or a path of a folder. */
  readonly download: string
  /** The path below the repository: segments joined by `/`. Undefined where it lies there already. */
  readonly key: string | undefined
}

/**
 * Names each file, each URL once. Host and query of a URL are dropped, so that two files can get one name. Throws
 * TARGET_COLLISION where their bytes differ, and where one URL was asked for with two digests; PATH_UNSAFE.
 */
export function placeFiles(files: readonly FileAsset[], place: FilePlace | undefined): readonly PlacedFile[] {
  const byUrl = new Map<string, PlacedFile>()
  const byName = new Map<string, FileAsset>()
  for (const file of files) {
    const placed = placeFile(file, place)
    const earlier = byUrl.get(file.url) ?? byName.get(placed.download)
    if (earlier !== undefined && earlier.digest !== file.digest) {
      const [one, other] = [earlier.url, file.url].map(redactUrl)
      const what = one === other ? `${one} was given with two digests` : `${one} and ${other}`
      throw new ChartferryError(
        'TARGET_COLLISION',
        `files: ${what}${one === other ? '' : ` would both become ${redactPlace(placed.download)}`}`,
      )
    }
    byUrl.set(file.url, placed)
    byName.set(placed.download, file)
  }
  return [...byUrl.values()]
}

const redactPlace = (download: string): string => (/^https?:/.test(download) ? redactUrl(download) : download)

function placeFile(file: FileAsset, place: FilePlace | undefined): PlacedFile {
  if (place === undefined) return { ...file, download: file.url, key: undefined }
  const from = new URL(file.url)
  const key = keyOf(from)
  if (place.kind === 'folder') return { ...file, download: join(place.path, ...key.split('/')), key }
  // What has the host of the repository is taken to be there: kOps leaves it alone as well.
  if (URL.parse(place.url)?.host === from.host) return { ...file, download: file.url, key: undefined }
  return { ...file, download: `${place.url}${from.pathname.replaceAll(',', '%2C')}`, key }
}

/** Throws PATH_UNSAFE for a path that hides slashes or dots behind percent signs. */
function keyOf({ pathname, href }: URL): string {
  const segments = pathname.slice(1).split('/').map(decoded)
  const isUnsafe = segments.some((segment) => ['', '.', '..'].includes(segment) || /[/\\\p{Cc}]/u.test(segment))
  if (isUnsafe)
    throw new ChartferryError('PATH_UNSAFE', `file ${redactUrl(href)}: its path is no path of a folder or a bucket`)
  return segments.join('/')
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    return ''
  }
}
