// What a wrap of dt holds: an unpacked chart, or none, with an Images.lock, and an OCI image layout for each platform
// of each image.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Digest, digestHex, isDigest } from '../../digest.ts'
import { ChartferryError } from '../../errors.ts'
import type { ChartArchive } from '../../helm/chart/chart.ts'
import { parseYaml } from '../../helm/yaml/parse.ts'
import type { Limits } from '../../limits.ts'
import { signedDigest } from '../../oci/content/cosign.ts'
import { type Descriptor, isManifestType, isRecord, mediaTypes, type Platform } from '../../oci/content/descriptor.ts'
import { parsePlatform } from '../../oci/content/platforms.ts'
import { readContent } from '../../oci/content/read-content.ts'
import { imageName } from '../bundle/image-names.ts'
import { directory } from '../source/directory.ts'
import { type ContentPool, openPool, readLayoutIndex } from './content-pool.ts'
import type { ForeignBundle } from './foreign-bundle.ts'
import type { UnpackedArchive } from './unpack-archive.ts'

/** An image of Images.lock. */
interface LockedImage {
  readonly image: string
  /** By platform, `linux/amd64`. */
  readonly digests: readonly { readonly digest: Digest; readonly platform: Platform }[]
}

const payloadBytes = 1 << 20

/** Reads an unpacked wrap. Throws BUNDLE_INVALID, BLOB_NOT_FOUND, MANIFEST_INVALID, CHART_INVALID, YAML_INVALID. */
export async function readWrap(unpacked: UnpackedArchive, limits: Limits): Promise<ForeignBundle> {
  const { name, folder, files } = unpacked
  const top = files[0]?.split('/')[0] ?? ''
  const root = join(folder, 'files', top)
  const hasChart = files.includes(`${top}/chart/Chart.yaml`)
  const lockPath = hasChart ? `${top}/chart/Images.lock` : `${top}/Images.lock`
  if (!files.includes(lockPath))
    throw new ChartferryError('BUNDLE_INVALID', `${name}: there is no ${lockPath}: it is no wrap`)
  const charts: ChartArchive[] = hasChart
    ? [await directory(join(root, 'chart'), { limits }).fetch({ name: '', version: '' })]
    : []
  const pool = openPool(unpacked, limits)
  const warnings: string[] = []
  const images = new Map<string, Descriptor>()
  const locked = parseImagesLock(
    await readFile(join(folder, 'files', lockPath), 'utf8'),
    `${name}: ${lockPath}`,
    limits,
  )
  for (const { image, digests } of locked) {
    const reference = imageName(image)
    if (reference === undefined) throw new ChartferryError('BUNDLE_INVALID', `${name}: ${image} is no image reference`)
    const manifests: Descriptor[] = []
    for (const { digest, platform } of digests)
      manifests.push({ ...(await readLayout(unpacked, `${top}/images/${digestHex(digest)}`, pool)), platform })
    const manifest = await indexOf(manifests, pool)
    pool.name(reference, manifest)
    images.set(reference, manifest)
    if (manifests.length > 1)
      warnings.push(
        `${image}: a wrap keeps its platforms, not the index that it had: the new index is ${manifest.digest}`,
      )
  }
  for (const path of files.filter((file) => /\/artifacts\/images\/.+\.sig\/index\.json$/.test(file)))
    warnings.push(...(await addSignature(unpacked, path, images, pool)))
  return { name, charts, images: [...images.keys()], files: [], warnings, find: pool.find }
}

function parseImagesLock(text: string, where: string, limits: Limits): readonly LockedImage[] {
  const invalid = (why: string): ChartferryError => new ChartferryError('BUNDLE_INVALID', `${where}: ${why}`)
  const document = parseYaml(text, { where, limits })
  if (!isRecord(document) || document.kind !== 'ImagesLock' || !Array.isArray(document.images))
    throw invalid('it is no list of images')
  return document.images.map((entry: unknown) => {
    if (!isRecord(entry) || typeof entry.image !== 'string' || !Array.isArray(entry.digests))
      throw invalid('an image has no name or no digests')
    const { image, digests } = entry
    return {
      image,
      digests: digests.map((each: unknown) => {
        if (!isRecord(each) || typeof each.digest !== 'string' || !isDigest(each.digest))
          throw invalid(`${image} has a digest that is none`)
        return { digest: each.digest, platform: parsePlatform(String(each.arch)) }
      }),
    }
  })
}

/** The one manifest of a layout in the wrap. */
async function readLayout(
  { name, folder, files }: UnpackedArchive,
  path: string,
  pool: ContentPool,
): Promise<Descriptor> {
  if (files.includes(`${path}.tar`))
    throw new ChartferryError(
      'BUNDLE_INVALID',
      `${name}: ${path}.tar is of an early version of dt, which kept no manifests`,
      {
        hint: 'Wrap the chart again with a newer dt.',
      },
    )
  const [descriptor, ...more] = await readLayoutIndex(
    join(folder, 'files', `${path}.layout`, 'index.json'),
    `${name}: ${path}.layout`,
  )
  if (descriptor === undefined || more.length > 0 || !isManifestType(descriptor.mediaType))
    throw new ChartferryError('BUNDLE_INVALID', `${name}: ${path}.layout does not hold one image`)
  const { mediaType, digest, size } = descriptor
  await pool.admit(descriptor)
  return { mediaType, digest, size }
}

/** One platform is what it was; several come under an index of ours, the same for the same platforms. */
async function indexOf(manifests: readonly Descriptor[], pool: ContentPool): Promise<Descriptor> {
  const [only, ...more] = manifests
  if (only !== undefined && more.length === 0) return only
  const index = { schemaVersion: 2, mediaType: mediaTypes.index, manifests }
  return pool.add(mediaTypes.index, new TextEncoder().encode(JSON.stringify(index)))
}

/** A signature goes along where it speaks of a manifest that is inside. Gives what is to be said where it does not. */
async function addSignature(
  { name, folder }: UnpackedArchive,
  path: string,
  images: ReadonlyMap<string, Descriptor>,
  pool: ContentPool,
): Promise<readonly string[]> {
  const [descriptor] = await readLayoutIndex(join(folder, 'files', path), `${name}: ${path}`)
  if (descriptor === undefined) return []
  const [payload] = (await pool.admit(descriptor)).blobs.slice(1)
  const signed = payload && signedDigest(await readContent(pool.source, payload, { maxBytes: payloadBytes }))
  const owners = [...images].filter(([, manifest]) => manifest.digest === signed)
  for (const [image] of owners) pool.tag(image, `${String(signed).replace(':', '-')}.sig`, descriptor)
  return owners.length > 0 ? [] : [`${path}: it signs ${String(signed)}, which a wrap does not keep: it is left out`]
}
