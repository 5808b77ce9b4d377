// Opens a bundle: charts, images and files are read where they lie in the file, and nothing is unpacked.

import { type Digest, isDigest } from '../../digest.ts'
import { ChartferryError } from '../../errors.ts'
import type { ChartId } from '../../helm/chart/chart.ts'
import { defaultLimits, type Limits } from '../../limits.ts'
import type { ContentSource, ContentStream } from '../../oci/content/content.ts'
import type { Descriptor } from '../../oci/content/descriptor.ts'
import { readContent, readManifest } from '../../oci/content/read-content.ts'
import { formatReference, parseReference } from '../../reference/reference.ts'
import { parsePlan } from '../../relocation/model/parse-plan.ts'
import type { Plan } from '../../relocation/model/plan.ts'
import type { ChangedDigests } from '../../relocation/model/repin-plan.ts'

import type { Proof } from '../../relocation/verify/proof.ts'
import type { ChartSource } from '../source/chart-source.ts'
import { bundleCharts, findChart } from './bundle-charts.ts'
import { type BundleBlobs, bundleSource } from './bundle-source.ts'
import type { BundleContents, BundleEntry, FileEntry } from './contents.ts'
import { bundleTypes, proofType, valuesType } from './media-types.ts'
import { openPartFiles, type PartFiles } from './part-files.ts'
import { type BundleStructure, readStructure } from './read-structure.ts'
import { parseRenderedWith, type RenderedWith } from './rendered-with.ts'
import { dataOffset, type PlacedFile } from './tar-form.ts'

export interface OpenBundleOptions {
  /**
   * The bundle that this one was made on top of, where it was; it is not closed with this one. Default: what is in it
   * alone is not there.
   */
  readonly base?: Bundle | undefined
  readonly limits?: Limits
}

/** A bundle that is open. Whoever reads content of it compares the digest, as with any source. */
export interface Bundle {
  readonly name: string
  readonly contents: BundleContents
  readonly structure: BundleStructure
  /** The original charts, with their provenance. */
  readonly charts: ChartSource
  /** All content, by digest alone. */
  readonly source: ContentSource
  readonly blobs: BundleBlobs
  /** The bytes of the file as they lie. */
  readonly bytes: PartFiles
  /** Bytes of the file, or of all its parts. */
  readonly size: number
  /** What digests that images were asked for by have become, since platforms were left out. */
  readonly changedDigests: ChangedDigests
  /** The repositories of images, `host/path`, in order of their names. */
  repositories(): readonly string[]
  /** What the images of one repository consist of; undefined where there is none of that name. */
  repository(name: string): ContentSource | undefined
  /** Undefined where the chart came without one. Throws CHART_NOT_FOUND, PLAN_INVALID, DIGEST_MISMATCH. */
  plan(chart: ChartId): Promise<Plan | undefined>
  /** What was proven when the bundle was made. Undefined where nothing was. Throws CHART_NOT_FOUND, DIGEST_MISMATCH. */
  proof(chart: ChartId): Promise<Proof | undefined>
  /**
   * The values that the chart was planned and proven with. Undefined where it was none, or they were left out. Throws
   * CHART_NOT_FOUND, DIGEST_MISMATCH, BUNDLE_INVALID.
   */
  readonly renderedWith: (chart: ChartId) => Promise<RenderedWith | undefined>
  /** The bytes of a file, as they come. */
  openFile(file: FileEntry): Promise<ContentStream>
  close(): Promise<void>
}

const planBytes = 64 << 20

/**
 * Opens a bundle, or the parts of one in their order. Structure and table of contents are checked, blobs are not.
 * Throws FILE_NOT_FOUND, BUNDLE_INVALID, BUNDLE_UNSUPPORTED, BUNDLE_PART_MISSING, BUNDLE_BASE_MISMATCH where the base
 * is another one.
 */
export async function openBundle(
  paths: string | readonly string[],
  { base, limits = defaultLimits }: OpenBundleOptions = {},
): Promise<Bundle> {
  const bytes = await openPartFiles(typeof paths === 'string' ? [paths] : paths)
  try {
    const structure = await readStructure(bytes, limits.contentsBytes)
    const { contents, files, headerFiles } = structure
    checkBase(bytes.name, contents, base)
    const blobs = openBlobs(bytes.name, contents, files.slice(headerFiles), base, (start, length) =>
      bytes.read(start, length),
    )
    const source = bundleSource(blobs, { repository: '', tags: new Map() })
    const repositories = openRepositories(contents, withoutPlans(blobs, contents))
    const artifact = async (chart: ChartId, type: string): Promise<Uint8Array | undefined> => {
      const { plan } = findChart(bytes.name, contents.charts, chart)
      const layers = plan === undefined ? [] : (await readManifest(source, plan)).manifest.blobs
      const layer = layers.find(({ mediaType }) => mediaType === type)
      return layer && readContent(source, layer, { maxBytes: planBytes })
    }
    return {
      name: bytes.name,
      contents,
      structure,
      charts: bundleCharts(bytes.name, contents.charts, source, limits),
      source,
      blobs,
      bytes,
      size: bytes.size,
      changedDigests: changedDigests(contents),
      repositories: () => [...repositories.keys()].sort(),
      repository: (name) => repositories.get(name),
      plan: async (chart) => {
        const text = await artifact(chart, bundleTypes.plan)
        return (
          text && parsePlan(new TextDecoder().decode(text), `${bytes.name}: plan of ${chart.name} ${chart.version}`)
        )
      },
      proof: async (chart) => {
        const text = await artifact(chart, proofType)
        return text && (JSON.parse(new TextDecoder().decode(text)) as Proof)
      },
      renderedWith: async (chart) => {
        const text = await artifact(chart, valuesType)
        return (
          text &&
          parseRenderedWith(new TextDecoder().decode(text), `${bytes.name}: values of ${chart.name} ${chart.version}`)
        )
      },
      openFile: ({ digest, size }) => source.fetch({ mediaType: bundleTypes.file, digest, size }),
      close: () => bytes.close(),
    }
  } catch (thrown) {
    await bytes.close()
    throw thrown
  }
}

function checkBase(name: string, { base: wanted }: BundleContents, base: Bundle | undefined): void {
  if (base === undefined) return
  if (wanted === undefined)
    throw new ChartferryError(
      'BUNDLE_BASE_MISMATCH',
      `${name}: it needs no base, and it was not made on top of ${base.name}`,
    )
  if (wanted.digest !== base.structure.contentsDigest)
    throw new ChartferryError(
      'BUNDLE_BASE_MISMATCH',
      `${name}: it was made on top of another bundle than ${base.name}: its table of contents is ${wanted.digest}, not ${base.structure.contentsDigest}`,
    )
}

function openBlobs(
  name: string,
  { entries, base: left }: BundleContents,
  files: readonly PlacedFile[],
  base: Bundle | undefined,
  read: (start: number, length: number) => Promise<Uint8Array>,
): BundleBlobs {
  const places = new Map(entries.map((entry, position) => [entry.digest, { entry, file: files[position] }]))
  const absent = new Set(left?.absent.map(({ digest }) => digest))
  const subjects = Map.groupBy(
    entries.filter(({ subject }) => subject !== undefined),
    ({ subject }) => subject,
  )
  return {
    name,
    entry: (digest) => places.get(digest)?.entry ?? (absent.has(digest) ? base?.blobs.entry(digest) : undefined),
    isAbsent: (digest) => absent.has(digest) && base === undefined,
    referring: (subject): readonly BundleEntry[] => subjects.get(subject) ?? [],
    read: async (digest, start, length) => {
      const { file } = places.get(digest) ?? {}
      if (file !== undefined) return read(dataOffset(file) + start, length)
      return base?.blobs.read(digest, start, length) ?? Buffer.alloc(0)
    },
  }
}

/**
 * What repositories show: no plans, since the values beside them are for whoever holds the file, not for whoever pulls
 * from a server over it.
 */
function withoutPlans(blobs: BundleBlobs, { charts }: BundleContents): BundleBlobs {
  const hidden = new Set(charts.map(({ plan }) => plan?.digest))
  return {
    ...blobs,
    entry: (digest) => (hidden.has(digest) ? undefined : blobs.entry(digest)),
    referring: (subject) => blobs.referring(subject).filter(({ digest }) => !hidden.has(digest)),
  }
}

function changedDigests({ images }: BundleContents): ChangedDigests {
  return new Map(
    images.flatMap(({ name, manifest }) => {
      const { digest = '' } = parseReference(name)
      return !isDigest(digest) || digest === manifest.digest ? [] : [[digest, manifest.digest]]
    }),
  )
}

/** Every repository with its tags; cosign's are among them. */
function openRepositories(
  { images, attached }: BundleContents,
  blobs: BundleBlobs,
): ReadonlyMap<string, ContentSource> {
  const tags = new Map<string, Map<string, Digest>>()
  const note = (repository: string, tag: string | undefined, { digest }: Descriptor): void => {
    const known = tags.get(repository) ?? new Map<string, Digest>()
    tags.set(repository, tag === undefined ? known : known.set(tag, digest))
  }
  for (const { name, manifest } of images) {
    const { tag, digest: _asked, ...place } = parseReference(name)
    note(formatReference(place), tag, manifest)
  }
  for (const { repository, tag, manifest } of attached) note(repository, tag, manifest)
  return new Map([...tags].map(([repository, known]) => [repository, bundleSource(blobs, { repository, tags: known })]))
}
