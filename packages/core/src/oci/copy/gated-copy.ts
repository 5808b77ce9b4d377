// Images that somebody looks at before they are pushed: each is laid out on disk first.
import { mkdir, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { throwIfCancelled } from '../../errors.ts'
import { openLayout } from '../content/layout.ts'
import { copyImages } from './copy.ts'
import { openFailures } from './copy-failures.ts'
import {
  atSide,
  type CopiedImage,
  type CopyItem,
  type CopyOptions,
  type CopyResult,
  type SkippedImage,
} from './copy-item.ts'

export interface GatedCopyOptions extends CopyOptions {
  /** A folder that is empty, for all blobs of all images: each is fetched once. */
  readonly folder: string
  /** Looks at the OCI layout of an image; throws what refuses it. */
  readonly gate: (layout: string, item: CopyItem) => Promise<void>
}

/**
 * Copies images one after the other, each once the gate has let it pass. Throws as `copyImages` does, and what the gate
 * throws.
 */
export async function copyGated(items: readonly CopyItem[], options: GatedCopyOptions): Promise<CopyResult> {
  const { folder, gate, signal } = options
  const images: CopiedImage[] = []
  const skipped: SkippedImage[] = []
  const failures = openFailures(options)
  const bytes = { fetched: 0, sent: 0, mounted: 0, present: 0 }
  await mkdir(join(folder, 'blobs'), { recursive: true })
  await Promise.all(
    [...new Set(items.map(({ sink }) => sink))].map(
      async (sink) => sink.preflight && atSide('target', sink.preflight({ signal })),
    ),
  )
  for (const [number, item] of items.entries()) {
    throwIfCancelled(signal)
    const place = join(folder, String(number))
    await mkdir(place)
    await symlink(join('..', 'blobs'), join(place, 'blobs'), 'dir')
    const layout = openLayout(place)
    const fetched = await copyImages([{ ...item, sink: layout, tag: 'image' }], options).catch((thrown: unknown) => {
      failures.add(item, thrown)
      return undefined
    })
    if (fetched === undefined) continue
    bytes.fetched += fetched.bytes.fetched
    skipped.push(...(fetched.skipped ?? []))
    const [image] = fetched.images
    if (image === undefined) continue
    await gate(place, item)
    const { platforms: _filtered, approve: _approved, ...rest } = options
    const pushed = await copyImages([{ ...item, source: layout, from: 'image' }], rest)
    for (const key of ['sent', 'mounted', 'present'] as const) bytes[key] += pushed.bytes[key]
    images.push(...pushed.images.map((copied) => ({ ...copied, item, source: image.source })))
  }
  failures.throwAll()
  return { images, bytes, ...(skipped.length === 0 ? {} : { skipped }) }
}
