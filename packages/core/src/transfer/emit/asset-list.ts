// The list of assets in kOps' words: what `kops get assets` prints, as table, YAML and JSON (kOps
// cmd/kops/get_assets.go).

import { digestHex } from '../../digest.ts'
import { ChartferryError } from '../../errors.ts'
import { canonicalReference, formatReference, parseReference } from '../../reference/reference.ts'
import type { PlacedFile } from '../assets/file-naming.ts'

/** Where an image comes from, and where it is pulled from once it was copied. */
export interface ImageAssetEntry {
  readonly canonical: string
  readonly download: string
}

/** The same for a file, with the 64 digits of its sha256. */
export interface FileAssetEntry extends ImageAssetEntry {
  readonly sha: string
}

/** Each canonical name once, in the order of their characters. A list with nothing in it is left out. */
export interface AssetList {
  readonly images?: readonly ImageAssetEntry[]
  readonly files?: readonly FileAssetEntry[]
}

/** Makes the list. Throws TARGET_COLLISION where two different images would get one name, REFERENCE_INVALID. */
export function assetList(
  images: readonly { readonly from: string; readonly to: string }[],
  files: readonly PlacedFile[],
): AssetList {
  refuseCollisions(images)
  const imageEntries = eachOnce(images.map(({ from, to }) => ({ canonical: from, download: to })))
  const fileEntries = eachOnce(
    files.map(({ url, download, digest }) => ({ canonical: url, download, sha: digestHex(digest) })),
  )
  return {
    ...(imageEntries.length === 0 ? {} : { images: imageEntries }),
    ...(fileEntries.length === 0 ? {} : { files: fileEntries }),
  }
}

function refuseCollisions(images: readonly { readonly from: string; readonly to: string }[]): void {
  const taken = new Map<string, string>()
  for (const { from, to } of images) {
    const [origin, place] = [from, to].map((name) => formatReference(canonicalReference(parseReference(name))))
    const earlier = taken.get(place ?? '')
    if (earlier !== undefined && earlier !== origin)
      throw new ChartferryError('TARGET_COLLISION', `${earlier} and ${origin} would both become ${to}`)
    taken.set(place ?? '', origin ?? '')
  }
}

function eachOnce<Entry extends ImageAssetEntry>(entries: readonly Entry[]): readonly Entry[] {
  const byName = new Map(entries.map((entry) => [entry.canonical, entry]))
  return [...byName.values()].sort((a, b) => (a.canonical < b.canonical ? -1 : 1))
}

/** A table for each kind, an empty line before it; columns are separated by blanks. */
export function formatAssetTable({ images = [], files = [] }: AssetList): string {
  const imageRows = images.map(({ canonical, download }) => [canonical, download])
  const fileRows = files.map(({ canonical, download, sha }) => [canonical, download, sha])
  return [
    '',
    ...columns([['CANONICAL', 'DOWNLOAD'], ...imageRows]),
    '',
    ...columns([['CANONICAL', 'DOWNLOAD', 'SHA'], ...fileRows]),
  ].join('\n')
}

function columns(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = (rows[0] ?? []).map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)))
  return rows.map((row) =>
    row
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}

/** YAML with the keys in the order of their characters, as kOps writes it; `{}` for nothing. */
export function formatAssetYaml({ images, files }: AssetList): string {
  const list = (name: string, entries: readonly object[] = []): readonly string[] =>
    entries.length === 0
      ? []
      : [
          `${name}:`,
          ...entries.flatMap((entry) =>
            Object.entries(entry).map(
              ([key, value], at) => `${at === 0 ? '- ' : '  '}${key}: ${plainOrQuoted(String(value))}`,
            ),
          ),
        ]
  const lines = [...list('files', files), ...list('images', images)]
  return lines.length === 0 ? '{}' : lines.join('\n')
}

/** Digits alone would be a number, and blanks, `#` and the like end a plain text. */
function plainOrQuoted(text: string): string {
  const isPlain =
    /^[A-Za-z/][A-Za-z0-9._~/:@%+=&?,()-]*$/.test(text) && !/:$|^(true|false|null|yes|no|on|off|y|n)$/i.test(text)
  const isHex = /^(?=.*[a-f])[0-9a-f]{64}$/.test(text) && !/^[0-9]+e[0-9]+$/.test(text)
  return isPlain || isHex ? text : JSON.stringify(text)
}
