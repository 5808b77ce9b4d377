// THE VERB `copy`: images by their names, from registries or from anything that holds them, each with all that belongs
// to it.

import type { KeyObject } from 'node:crypto'
import { count } from '../count.ts'
import type { Report } from '../events.ts'
import type { ContentRepository, ContentSource } from '../oci/content/content.ts'
import { verifySignature } from '../oci/content/cosign.ts'
import { copyImages } from '../oci/copy/copy.ts'
import type { CopyItem, CopyOptions, CopyResult } from '../oci/copy/copy-item.ts'
import { copyGated } from '../oci/copy/gated-copy.ts'
import { openJournal } from '../oci/copy/journal.ts'
import { copyItems, type ImagePair } from './copy-images.ts'
import { type Gate, withGateFolder } from './gate.ts'

/** How content is fetched; the same for every verb that does so. */
export interface FetchOptions extends Omit<CopyOptions, 'journal' | 'approve' | 'onWarning'> {
  /** Copies nothing that cosign did not sign with this public key. Default: whatever there is. */
  readonly verifyKey?: KeyObject | undefined
  /** Opens the registry of a name to read it, through its mirrors. Default: as `open` does. */
  readonly read?: ((repository: string) => ContentSource) | undefined
  /** Takes stages, warnings and progress. Default: nobody does. */
  readonly report?: Report
  /** What they are reported of: a target, a file. */
  readonly name: string
}

export interface CopyPairsOptions extends FetchOptions {
  /** Opens the repository of a name, `host/path`. */
  readonly open: (repository: string) => ContentRepository
  /** Opens it as a source, where images do not come from the registries of their names. Default: as `open` does. */
  readonly source?: ((repository: string) => ContentSource) | undefined
  readonly gate?: Gate | undefined
  /** The folder where half-fetched blobs wait for the next run. Default: they are fetched anew. */
  readonly journal?: string | undefined
}

/**
 * Copies images to their names, reported as the stage `copy`. Throws as `copyItems` and `copyImages` do, COPY_RUNNING
 * where another process has the journal, what the gate throws.
 */
export async function copyPairs(pairs: readonly ImagePair[], options: CopyPairsOptions): Promise<CopyResult> {
  const { open, read, source, gate, report = () => {}, name: chart } = options
  const items = copyItems(pairs, open, { read, ...(source && { source }) })
  const journal = options.journal === undefined ? undefined : await openJournal(options.journal)
  const copyOptions = { ...copyOptionsOf(options), journal }
  let done = false
  report({ type: 'stage-started', chart, stage: 'copy' })
  try {
    const result = await (gate === undefined ? copyImages(items, copyOptions) : copyPast(gate, items, copyOptions))
    done = true
    report({ type: 'stage-finished', chart, stage: 'copy', summary: summaryOf(result) })
    return result
  } finally {
    await journal?.close({ done })
  }
}

/** What the engine that copies is told. */
export function copyOptionsOf({ verifyKey, report, name: chart, ...options }: FetchOptions): CopyOptions {
  return {
    ...options,
    ...(verifyKey === undefined
      ? {}
      : { approve: ({ source }, descriptor, signal) => verifySignature(source, descriptor, verifyKey, { signal }) }),
    onProgress: (progress) => {
      options.onProgress?.(progress)
      report?.({ type: 'copy-progress', chart, progress })
    },
    onWarning: (message) => report?.({ type: 'warning', chart, message }),
  }
}

function copyPast(gate: Gate, items: readonly CopyItem[], options: CopyOptions): Promise<CopyResult> {
  return withGateFolder((folder) =>
    copyGated(items, {
      ...options,
      folder,
      gate: (path, { source, from }) => gate({ kind: 'image', reference: `${source.name}:${from}`, path }),
    }),
  )
}

/** What a copy did, in a line; into a bundle bytes are written, to a registry they are sent. */
export function summaryOf({ images, bytes }: CopyResult, verb: 'sent' | 'written' = 'sent'): string {
  const present = images.filter((image) => image.present).length
  const referrers = images.reduce((sum, image) => sum + image.referrers, 0)
  return [
    count(images.length, 'image'),
    ...(present > 0 ? [`${present} ${present === 1 ? 'was' : 'were'} there`] : []),
    ...(referrers > 0 ? [`${referrers} that ${referrers === 1 ? 'refers' : 'refer'} to them`] : []),
    `${(bytes.sent / 1e6).toFixed(1)} MB ${verb}`,
    ...(bytes.mounted > 0 ? [`${(bytes.mounted / 1e6).toFixed(1)} MB mounted`] : []),
  ].join(' · ')
}
