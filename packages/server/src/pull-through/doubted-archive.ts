// What follows when an archive's bytes are not what the index says: the version was released again, or the bytes are
// wrong. The upstream's index is asked for again at once, and tells which.
import { ChartferryError } from '@chartferry/core'
import type { ChartVersion } from '@chartferry/core/helm'
import { messageOf } from '@chartferry/core/internal'
import type { Freshness } from '../cache/freshness.ts'
import { entryAt, type PulledIndex } from './pulled-index.ts'

export interface DoubtOptions {
  readonly pulled: Pick<PulledIndex, 'askAgain'>
  readonly freshness: Freshness
  /** Milliseconds for which bytes that are wrong are not fetched again, nor the index for them. */
  readonly retryAfter: number
}

export interface DoubtedArchive {
  readonly repository: string
  readonly path: string
  readonly version: ChartVersion
  readonly via: string | undefined
}

export interface Doubts {
  /** Throws DIGEST_MISMATCH while the bytes at a path are known to be wrong: they were fetched a moment ago. */
  check(archive: DoubtedArchive): Promise<void>
  /** Takes the DIGEST_MISMATCH of bytes that just came; gives the one to tell, which names chart and version. */
  explain(archive: DoubtedArchive, thrown: ChartferryError): Promise<ChartferryError>
}

/** Remembers in the store of markers; what is lost there costs a request. */
export function archiveDoubts({ pulled, freshness, retryAfter }: DoubtOptions): Doubts {
  const markerOf = ({ repository, path }: DoubtedArchive): string => `mismatch ${repository} ${path}`

  /** Whether the index still promises the old bytes, after it was asked for again. An asking that fails tells nothing. */
  async function isStillPromised({ repository, path, version, via }: DoubtedArchive): Promise<boolean> {
    const idle = `mismatch ${repository}`
    // Where many archives are wrong, the index is asked for once in a while and not once for each of them.
    if ((await freshness.get(idle)) !== undefined) return true
    const { index } = await pulled.askAgain(repository, version, via)
    if (entryAt(index, path) === undefined) return false
    await freshness.note(idle, 'asked', retryAfter)
    return true
  }

  return {
    check: async (archive) => {
      const known = await freshness.get(markerOf(archive))
      if (known !== undefined) throw mismatch(archive.version, known, waitHint)
    },
    explain: async (archive, thrown) => {
      const { expected, actual } = thrown.details
      // A tag and a digest of the same URL may contradict each other, too: the message says so.
      const isOfIndex = expected === archive.version.digest
      const what = isOfIndex ? `expected ${String(expected)}, got ${String(actual)}` : thrown.message
      try {
        if (!(await isStillPromised(archive)))
          return mismatch(
            archive.version,
            `${what}; the upstream has released the version again`,
            'The index here is up to date now: run `helm repo update`, then pull again.',
            thrown,
          )
      } catch (failed) {
        await freshness.note(markerOf(archive), what, retryAfter)
        return mismatch(
          archive.version,
          `${what}; the index could not be asked for again (${messageOf(failed)})`,
          waitHint,
          thrown,
        )
      }
      await freshness.note(markerOf(archive), what, retryAfter)
      return mismatch(archive.version, `${what}; the index says so still`, waitHint, thrown)
    },
  }
}

const waitHint =
  'The archive is fetched again after a while (`retryAfter`). If it stays so, the upstream, or a cache before it, has other bytes under this version than its index says.'

function mismatch(
  { name, version }: ChartVersion,
  what: string,
  hint: string,
  cause?: ChartferryError,
): ChartferryError {
  return new ChartferryError(
    'DIGEST_MISMATCH',
    `chart ${name} ${version}: the archive is not the one that the upstream's index names: ${what}`,
    { hint, details: { ...cause?.details }, ...(cause === undefined ? {} : { cause }) },
  )
}
