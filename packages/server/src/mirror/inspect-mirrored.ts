// What a mirror was told to look at before it shows a version: signatures, a command of the user's.
import { join } from 'node:path'
import { ChartferryError, type Digest, digestOf, isChartferryError } from '@chartferry/core'
import type { ChartVersion } from '@chartferry/core/helm'
import { readBlob } from '@chartferry/core/internal'
import { type BlobStore, openFilesystemStore } from '@chartferry/core/transfer'
import { inspectorsOf } from '../assemble/inspectors-of.ts'
import type { FilterConfig } from '../config/config.ts'
import { openVerdicts, type Verdict } from '../quarantine/verdicts.ts'
import { fileNameIn, subjectOf } from '../quarantine/with-quarantine.ts'
import type { Upstream } from '../upstream/upstream.ts'

/** One version of a mirror; `path` is what stands behind `charts/`. */
export interface MirroredVersion {
  readonly entry: ChartVersion
  readonly path: string
}

export interface MirrorInspection {
  /** Why a version was refused in an earlier run with the same rules. */
  known(one: MirroredVersion): Promise<string | undefined>
  /** The reason to refuse a version whose archive is in the folder. Throws GATE_REFUSED where nothing can be told. */
  inspect(one: MirroredVersion, store: BlobStore): Promise<string | undefined>
}

export interface InspectMirroredOptions {
  readonly filter: FilterConfig
  /** The folder of the mirror; verdicts are kept in `.chartferry/` there. */
  readonly folder: string | undefined
  readonly upstream: Upstream
  readonly signal?: AbortSignal | undefined
}

/** Where verdicts are kept they are under this name. */
const name = 'mirror'

/** Undefined where nothing is to be inspected. Throws USAGE where there is no folder. */
export async function openInspection(options: InspectMirroredOptions): Promise<MirrorInspection | undefined> {
  const { filter, folder, upstream, signal = new AbortController().signal } = options
  const inspector = inspectorsOf(new Map([[name, filter]]), () => upstream).get(name)
  if (inspector === undefined) return undefined
  if (folder === undefined)
    throw new ChartferryError('USAGE', 'signatures and gates need a folder that keeps the archives')
  const verdicts = openVerdicts(await openFilesystemStore(join(folder, '.chartferry')))
  const find = ({ entry, path }: MirroredVersion): Promise<Verdict | undefined> =>
    verdicts.find(name, inspector.rules, subjectOf(entry, path))

  const provenanceOf = (entry: ChartVersion): Promise<Uint8Array | undefined> =>
    upstream.provenance(entry, { signal }).catch((thrown: unknown) => {
      if (isChartferryError(thrown, 'CHART_NOT_FOUND')) return undefined
      throw thrown
    })

  return {
    // Refused bytes of a place without a digest may have become others.
    known: async (one) => (one.entry.digest === undefined ? undefined : ((await find(one))?.refused ?? undefined)),
    inspect: async (one, store) => {
      const { entry, path } = one
      const key = `charts/${path}`
      const bytes = await readBlob(store, key)
      if (bytes === undefined) throw new ChartferryError('STORE_UNAVAILABLE', `${key} has just been removed`)
      const digest: Digest = digestOf(bytes)
      const before = await find(one)
      // What passed were perhaps other bytes of the same place.
      if (before?.refused === null && (before.digest ?? entry.digest) === digest) return undefined
      const refused = await inspector.inspect(
        {
          repository: name,
          version: entry,
          fileName: fileNameIn(path),
          digest,
          archive: async () => bytes,
          provenance: async () => (await readBlob(store, `${key}.prov`)) ?? provenanceOf(entry),
        },
        signal,
      )
      const verdict = { refused: refused ?? null, digest, inspectedAt: new Date().toISOString() }
      await verdicts.put(name, inspector.rules, subjectOf(entry, path), verdict)
      return refused
    },
  }
}
