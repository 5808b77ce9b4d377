// What a haul of hauler holds: an OCI image layout whose index.json says of each entry what it is (hauler, pkg/consts
// and pkg/store).
import { createReadStream } from 'node:fs'
import { basename, join } from 'node:path'
import type { ChartArchive } from '../../helm/chart/chart.ts'
import type { Limits } from '../../limits.ts'
import type { Descriptor } from '../../oci/content/descriptor.ts'
import type { Manifest } from '../../oci/content/manifest.ts'
import { imageName } from '../bundle/image-names.ts'
import type { BundledFile } from '../bundle/layout-plan.ts'
import { chartTypes, pullChart } from '../chart-artifact.ts'
import { type ContentPool, openPool, readLayoutIndex } from './content-pool.ts'
import type { ForeignBundle } from './foreign-bundle.ts'
import { blobPath, type UnpackedArchive } from './unpack-archive.ts'

const imageKey = 'io.containerd.image.name'
/** The name that an image had before the haul gave it another one. */
const originalKey = 'hauler.dev/original-ref'
const titleKey = 'org.opencontainers.image.title'
const fileType = 'application/vnd.content.hauler.file.layer.v1'
/** Cosign's tags, by the kind of entry that stands for one. */
const tagSuffixes: ReadonlyMap<string, string> = new Map([
  ['sigs', 'sig'],
  ['atts', 'att'],
  ['sboms', 'sbom'],
])

interface HaulEntry {
  readonly descriptor: Descriptor
  readonly manifest: Manifest
  /** `image`, `imageIndex`, `sigs`, `atts`, `sboms`, `referrers/HEX`. */
  readonly kind: string
  /** Canonical, of the image that it is or belongs to; empty for charts and files. */
  readonly names: readonly string[]
}

/** Reads an unpacked haul. Throws BUNDLE_INVALID, BLOB_NOT_FOUND, MANIFEST_INVALID, CHART_INVALID. */
export async function readHaul(unpacked: UnpackedArchive, limits: Limits): Promise<ForeignBundle> {
  const pool = openPool(unpacked, limits)
  const entries: HaulEntry[] = []
  for (const descriptor of await readLayoutIndex(join(unpacked.folder, 'files', 'index.json'), unpacked.name))
    entries.push({
      descriptor,
      manifest: await pool.admit(descriptor),
      kind: kindOf(descriptor),
      names: namesOf(descriptor),
    })
  const charts: ChartArchive[] = []
  const files: BundledFile[] = []
  const images = new Set<string>()
  const warnings: string[] = []
  for (const { descriptor, manifest, kind, names } of entries) {
    if (manifest.config?.mediaType === chartTypes.config)
      charts.push(await pullChart(pool.source, descriptor.digest, { limits }))
    else if (manifest.blobs.some(({ mediaType }) => mediaType === fileType)) files.push(...filesOf(manifest, unpacked))
    else if (kind === 'image' || kind === 'imageIndex') {
      for (const name of names) {
        pool.name(name, descriptor)
        images.add(name)
      }
      if (names.length === 0) warnings.push(`${descriptor.digest} has no name that an image can have: it is left out`)
    }
  }
  for (const entry of entries) tagAttached(entry, entries, pool)
  return { name: unpacked.name, charts, images: [...images], files, warnings, find: pool.find }
}

/** Early versions wrote another prefix. */
function kindOf({ annotations }: Descriptor): string {
  return (annotations?.kind ?? 'dev.hauler/image').replace(/^dev\.(?:hauler|cosignproject\.cosign)\//, '')
}

/** Charts name the image as it was, people perhaps as it was renamed. */
function namesOf({ annotations }: Descriptor): readonly string[] {
  const written = annotations?.[imageKey]
  if (written === undefined) return []
  const names = [annotations?.[originalKey] ?? written, written].map(imageName)
  return [...new Set(names)].filter((name) => name !== undefined)
}

/**
 * What cosign finds by a tag is listed under the name of its image; what refers to one is found through its manifest.
 */
function tagAttached({ descriptor, kind, names }: HaulEntry, entries: readonly HaulEntry[], pool: ContentPool): void {
  const suffix = tagSuffixes.get(kind)
  const [name] = names
  if (suffix === undefined || name === undefined) return
  const owner = entries.find((entry) => entry.kind.startsWith('image') && entry.names.includes(name))
  if (owner === undefined) return
  for (const each of owner.names) pool.tag(each, `${owner.descriptor.digest.replace(':', '-')}.${suffix}`, descriptor)
}

function filesOf({ blobs }: Manifest, { folder }: UnpackedArchive): readonly BundledFile[] {
  return blobs.flatMap(({ digest, size, annotations }) => {
    const title = annotations?.[titleKey]
    if (title === undefined) return []
    const path = blobPath(folder, digest)
    return [{ name: basename(title), digest, size, open: () => createReadStream(path, { highWaterMark: 1 << 20 }) }]
  })
}
