// Bytes of an archive are stored: those that the index names by digest, or, where it names none, any; but others than
// came before under the same entry are a change, which is noted, and refused where the repository says so.
import { type Digest, isChartferryError } from '@chartferry/core'
import type { ChartVersion } from '@chartferry/core/helm'
import type { BlobBody } from '@chartferry/core/transfer'
import type { ArchiveCache, StoredFile } from '../cache/archive-cache.ts'
import type { WhenChanged } from '../repository/version-change.ts'
import type { ChangeLedger } from './change-ledger.ts'
import type { SeenBytes } from './seen-bytes.ts'

export interface StoreArchiveOptions {
  readonly repositories: ReadonlyMap<string, { readonly whenChanged: WhenChanged }>
  readonly archives: Pick<ArchiveCache, 'put'>
  readonly ledger: Pick<ChangeLedger, 'record'>
  readonly seen: SeenBytes
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly warn: (message: string, details: Readonly<Record<string, unknown>>) => void
}

/** Where an archive is served, and the entry that it is fetched for. */
export interface ArchivePlace {
  readonly repository: string
  readonly path: string
  readonly version: ChartVersion
}

/** Throws DIGEST_MISMATCH, and stores nothing, for other bytes than the index names, or than may come. */
export async function storeArchive(
  options: StoreArchiveOptions,
  place: ArchivePlace,
  body: BlobBody,
): Promise<StoredFile> {
  const { archives, seen } = options
  const { repository, path, version } = place
  if (version.digest !== undefined) return archives.put(repository, path, body, version.digest)
  const before = await seen.find(repository, path)
  const isRefused = options.repositories.get(repository)?.whenChanged === 'refuse'
  try {
    const file = await archives.put(repository, path, body, isRefused ? before : undefined)
    if (before !== undefined && before !== file.digest) await noteChange(options, place, before, file.digest)
    if (before !== file.digest) await seen.note(repository, path, file.digest)
    return file
  } catch (thrown) {
    if (before !== undefined && isChartferryError(thrown, 'DIGEST_MISMATCH'))
      await noteChange(options, place, before, undefined)
    throw thrown
  }
}

async function noteChange(
  { repositories, ledger, now, warn }: StoreArchiveOptions,
  { repository, version }: ArchivePlace,
  before: Digest,
  digest: Digest | undefined,
): Promise<void> {
  const policy = repositories.get(repository)?.whenChanged ?? 'accept'
  const after = digest === undefined ? version : { ...version, digest }
  const news = await ledger.record(
    repository,
    [{ chart: version.name, entry: { ...version, digest: before }, after }],
    policy,
    now(),
  )
  const details = { repository, policy, chart: version.name, version: version.version, before, after: digest }
  if (news.length > 0) warn('a version without a digest has other bytes', details)
}
