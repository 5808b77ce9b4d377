// chartferry.lock: which versions and bytes a chartferry.yaml stands for. The same content gives the same text.

import { type Digest, digestOf, isDigest } from '../../digest.ts'
import { ChartferryError, messageOf } from '../../errors.ts'
import { parseReference } from '../../reference/reference.ts'
import { checkFileUrl, type FileAsset } from '../assets/file-asset.ts'
import { isMap } from '../document-part.ts'
import type { Declaration, DeclaredChart } from './declaration.ts'

/** The format that this version writes, and the only one that it reads. */
const lockFormat = 'chartferry.lock/v1'

/** A chart as it was asked for, and what it was. */
export interface LockedChart extends Pick<DeclaredChart, 'chart' | 'repo'> {
  readonly name: string
  readonly version: string
  /** Of the archive. */
  readonly digest: Digest
}

/** An image, by its canonical name. */
export interface LockedImage {
  readonly image: string
  /** Undefined where it was not there; then no rendering of a chart names it. */
  readonly digest?: string
}

export interface LockFile {
  /** Of all that charts, images and files are chosen by: see `declarationDigest`. */
  readonly declaration: Digest
  /** In the order of the declaration. */
  readonly charts: readonly LockedChart[]
  /** In the order of their names. */
  readonly images: readonly LockedImage[]
  /** In the order of their URLs. */
  readonly files: readonly FileAsset[]
}

/**
 * The digest of what decides the content of a lock: charts, each with the texts of its values, images, files, and what
 * charts are rendered for. Where things go does not count.
 */
export function declarationDigest(
  { charts, images, files, kubeVersion, apiVersions }: Declaration,
  values: readonly (readonly string[])[],
): Digest {
  const chosen = charts.map(({ chart, repo, version }, at) => [chart, repo, version, values[at]])
  const wanted = files.map(({ url, digest }) => [url, digest])
  return digestOf(JSON.stringify([chosen, images, wanted, kubeVersion, apiVersions]))
}

/** The text of a lock. */
export function formatLock({ declaration, charts, images, files }: LockFile): string {
  const document = {
    format: lockFormat,
    declaration,
    charts: charts.map(({ chart, repo, name, version, digest }) => ({ chart, repo, name, version, digest })),
    images: images.map(({ image, digest }) => ({ image, digest })),
    files: files.map(({ url, digest }) => ({ url, digest })),
  }
  return `${JSON.stringify(document, null, 2)}\n`
}

/** Reads a lock; `where` names it in messages. Throws LOCK_INVALID. */
export function parseLock(text: string, where: string): LockFile {
  const invalid = (what: string): ChartferryError => new ChartferryError('LOCK_INVALID', `${where}: ${what}`)
  let document: unknown
  try {
    document = JSON.parse(text)
  } catch (cause) {
    throw invalid(messageOf(cause))
  }
  if (!isMap(document) || document.format !== lockFormat) throw invalid(`is not of the format ${lockFormat}`)
  const list = <Item>(key: string, isItem: (item: unknown) => item is Item): readonly Item[] => {
    const items = (document as Readonly<Record<string, unknown>>)[key]
    if (Array.isArray(items) && items.every(isItem)) return items
    throw invalid(`\`${key}\` is not what it must be`)
  }
  const { declaration } = document
  if (typeof declaration !== 'string' || !isDigest(declaration)) throw invalid('`declaration` is no digest')
  return {
    declaration,
    charts: list('charts', isLockedChart),
    images: list('images', isLockedImage),
    files: list('files', isFileAsset),
  }
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== ''
const hasDigest = (item: Readonly<Record<string, unknown>>): boolean => isText(item.digest) && isDigest(item.digest)

function isLockedChart(item: unknown): item is LockedChart {
  return (
    isMap(item) &&
    [item.chart, item.name, item.version].every(isText) &&
    (item.repo === undefined || isText(item.repo)) &&
    hasDigest(item)
  )
}

function isLockedImage(item: unknown): item is LockedImage {
  if (!isMap(item) || !isText(item.image)) return false
  return item.digest === undefined
    ? parses(() => parseReference(String(item.image)))
    : parses(() => parseReference(`${withoutDigest(String(item.image))}@${String(item.digest)}`))
}

const withoutDigest = (image: string): string => image.replace(/@.*/, '')

function isFileAsset(item: unknown): item is FileAsset {
  return isMap(item) && isText(item.url) && parses(() => checkFileUrl(String(item.url))) && hasDigest(item)
}

function parses(parse: () => unknown): boolean {
  try {
    parse()
    return true
  } catch {
    return false
  }
}
