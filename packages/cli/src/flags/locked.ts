// chartferry.lock as commands follow it: the charts and images that a declaration stood for when it was made.
import {
  ChartferryError,
  isChartferryError,
  type Naming,
  namingByRules,
  parseMode,
  parseTarget,
} from '@chartferry/core'
import { formatReference, namingOf, parseReference } from '@chartferry/core/oci'
import { canonicalImage, declarationDigest, type ImagePair, type LockFile, parseLock } from '@chartferry/core/transfer'
import type { ChartOptions } from './chart-options.ts'
import { type Declared, readDeclared } from './declared.ts'
import { type Names, pairsOf } from './image-list.ts'
import { readText } from './read-text.ts'

/** A declaration with its lock: reading its charts gives the bytes that the lock names. */
export interface Locked extends Declared {
  readonly lock: LockFile
}

/** Where the lock of a declaration lies: `chartferry.lock` beside `chartferry.yaml`. */
export function lockPathOf(file: string): string {
  return `${file.replace(/\.ya?ml$/, '')}.lock`
}

/** Reads a lock. Throws FILE_NOT_FOUND, LOCK_INVALID. */
export async function readLock(file: string): Promise<LockFile> {
  const path = lockPathOf(file)
  try {
    return parseLock(await readText(path, 'lock file'), path)
  } catch (thrown) {
    if (!isChartferryError(thrown, 'FILE_NOT_FOUND')) throw thrown
    throw new ChartferryError(thrown.code, thrown.message, { cause: thrown, hint: `Make it: chartferry lock ${file}` })
  }
}

/**
 * Reads a declaration and its lock. Throws as `readDeclared` and `readLock` do; LOCK_OUTDATED where the lock is for
 * another text, or when a chart is read whose bytes are others.
 */
export async function openLocked(file: string, options: ChartOptions): Promise<Locked> {
  const declared = await readDeclared(file, options)
  const lock = await readLock(file)
  if (lock.declaration !== digestOfDeclared(declared) || lock.charts.length !== declared.charts.length)
    throw new ChartferryError(
      'LOCK_OUTDATED',
      `${lockPathOf(file)}: ${file} or a values file has changed since it was made`,
    )
  const charts = declared.charts.map((request, at) => {
    const locked = lock.charts[at]
    if (locked === undefined) return request
    const options = { ...request.options, version: locked.version }
    return { ...request, options, promised: { digest: locked.digest, by: lockPathOf(file) } }
  })
  return { ...declared, charts, lock }
}

function digestOfDeclared({ declaration, charts }: Declared): LockFile['declaration'] {
  const values = charts.map(({ options: { declaredValues = [] } }) => declaredValues.map(({ text }) => text))
  return declarationDigest(declaration, values)
}

/**
 * The images of a lock, each by its digest, with its name at the target; those that were not there are left out. Throws
 * as the names do.
 */
export function lockedPairs({ lock }: Locked, names: Names | undefined): readonly ImagePair[] {
  return lock.images.flatMap(({ image, digest }) =>
    digest === undefined ? [] : pairsOf([image], names).map(({ to }) => ({ from: pinned(image, digest), to })),
  )
}

/** What tags stood for when the lock was made, by `host/path:tag`. */
export function lockedTags({ lock }: Locked): ReadonlyMap<string, string> {
  return new Map(
    lock.images.flatMap(({ image, digest }) => {
      const { tag = 'latest', digest: named, ...name } = parseReference(image)
      return digest === undefined || named !== undefined ? [] : [[`${formatReference(name)}:${tag}`, digest]]
    }),
  )
}

/** Gives images of a plan the digests of the lock. Throws LOCK_OUTDATED for one that the lock does not know. */
export function pinImages({ file, lock }: Locked, pairs: readonly ImagePair[]): readonly ImagePair[] {
  const digests = new Map(lock.images.map(({ image, digest }) => [image, digest]))
  return pairs.flatMap((pair) => {
    const image = canonicalImage(pair.from)
    const digest = digests.get(image)
    if (digest !== undefined) return [{ ...pair, from: pinned(image, digest) }]
    if (digests.has(image)) return []
    throw new ChartferryError('LOCK_OUTDATED', `${lockPathOf(file)}: there is no image ${image}`)
  })
}

/**
 * The names at the target of a flag or else of the declaration, by its rules. Throws REFERENCE_INVALID, RULE_INVALID.
 */
export function declaredNames(
  { declaration: { target, mode, rules } }: Declared,
  flags: { readonly to?: string; readonly mode?: string },
): Naming | undefined {
  const to = flags.to ?? target
  return to === undefined ? undefined : namingByRules(rules, namingOf(parseTarget(to), parseMode(flags.mode ?? mode)))
}

function pinned(image: string, digest: string): string {
  return formatReference({ ...parseReference(image), digest })
}
