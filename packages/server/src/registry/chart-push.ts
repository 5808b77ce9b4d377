// A chart that comes by `oci://` becomes a version of its hosted repository, as one that comes by ChartMuseum's API.
import { ChartferryError, type Digest, isChartferryError, isDigest, type Limits } from '@chartferry/core'
import { type BlobStore, chartTypes, tagOf } from '@chartferry/core/transfer'
import type { PushLimits } from '../config/config.ts'
import type { HostedStore, HostedView, Push } from '../hosted/hosted-store.ts'
import { readPushedArchive, readPushedProvenance } from '../hosted/publish.ts'
import { fileOf } from '../hosted/repository-state.ts'
import { contentDigestOf } from '../images/content-digest.ts'
import type { ImagePlace } from '../images/image-keys.ts'
import type { ImageStore, PushedManifest } from '../images/image-store.ts'
import { type ManifestForm, type NamedContent, readManifestForm } from '../images/manifest-form.ts'
import { type ArtifactRecords, artifactRecords } from './artifact-records.ts'

export interface ChartPushOptions {
  readonly charts: HostedStore
  readonly images: ImageStore
  readonly store: BlobStore
  readonly limits: Limits
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly rulesOf: (hosted: string) => PushLimits
}

/** A version of a chart. */
export interface ChartId {
  readonly name: string
  readonly version: string
}

export interface ChartPushes {
  /**
   * Makes a manifest that is pushed under a tag a version of the repository's charts; undefined where it is something
   * else: no chart, or one under another name or tag than its own. Throws VERSION_EXISTS, CHART_INVALID,
   * REPOSITORY_FULL.
   */
  push(place: ImagePlace, pushed: PushedManifest): Promise<ChartId | undefined>
  /** Throws VERSION_EXISTS where a tag is that of a chart's version. */
  refuseOver(place: ImagePlace, tags: readonly string[]): Promise<void>
  /** Takes away the version that a tag or a digest stands for; undefined where it stands for none. */
  remove(place: ImagePlace, reference: string): Promise<ChartId | undefined>
}

/** Charts are in `<hosted>/<chart>`: deeper names are those of images. */
export function chartPushes({ charts, images, store, limits, now, rulesOf }: ChartPushOptions): ChartPushes {
  const chartName = ({ hosted, name }: ImagePlace): string | undefined => {
    const rest = name.slice(hosted.length + 1)
    return rest.includes('/') ? undefined : rest
  }
  const recordsOf = ({ hosted }: ImagePlace, chart: string): ArtifactRecords => artifactRecords(store, hosted, chart)

  /** The version whose tag this is. */
  async function versionOf(
    place: ImagePlace,
    tag: string,
  ): Promise<(ChartId & { readonly digest: Digest }) | undefined> {
    const name = chartName(place)
    const view: HostedView = await charts.view(place.hosted, { fresh: true })
    return name === undefined
      ? undefined
      : view.charts.get(name)?.versions.find(({ version }) => tagOf(version) === tag)
  }

  async function layer(form: ManifestForm, types: readonly string[], most: number): Promise<Uint8Array | undefined> {
    const found = form.named.find(({ mediaType }) => types.includes(mediaType))
    if (found === undefined) return undefined
    if (found.size > most)
      throw new ChartferryError('UPLOAD_TOO_LARGE', `a layer of the chart has ${found.size} bytes`, {
        details: { maxBytes: most },
      })
    return images.bytes(found.digest)
  }

  /** What the manifest consists of, so that it is found under the digests that the client pushed. */
  async function note(
    records: ArtifactRecords,
    form: ManifestForm,
    { archive, provenance }: Push,
    manifest: { readonly digest: Digest; readonly bytes: Uint8Array },
  ): Promise<void> {
    if (archive === undefined) return
    const { version } = archive
    const of = { archive: version.digest, path: fileOf(version) }
    const proof = provenance === undefined ? undefined : contentDigestOf(provenance.bytes)
    const partOf = ({ mediaType }: NamedContent): 'archive' | 'provenance' | 'config' =>
      mediaType === chartTypes.config ? 'config' : mediaType === chartTypes.provenance ? 'provenance' : 'archive'
    for (const named of form.named) {
      const { digest, mediaType, size } = named
      if (!isDigest(digest)) continue
      const part = partOf(named)
      const text = part === 'config' ? { text: (await images.bytes(digest)).toString() } : {}
      await records.put(digest, { ...of, part, mediaType, size, ...text })
    }
    const text = Buffer.from(manifest.bytes).toString()
    const { mediaType } = form
    await records.put(manifest.digest, { ...of, part: 'manifest', mediaType, size: manifest.bytes.length, text })
    await records.putManifestOf(
      version.digest,
      proof === undefined || !isDigest(proof) ? undefined : proof,
      manifest.digest,
    )
  }

  return {
    push: async (place, { bytes, contentType, tags }) => {
      const name = chartName(place)
      const [tag] = tags
      if (name === undefined || tag === undefined || tags.length > 1) return undefined
      const form = readManifestForm(bytes, contentType)
      if (form.config?.mediaType !== chartTypes.config) return undefined
      const missing = await firstMissing(images, place, form)
      if (missing !== undefined)
        throw new ChartferryError(
          'MANIFEST_BLOB_MISSING',
          `${place.name}: the manifest names ${missing}, which is not there`,
          {
            details: { digest: missing },
          },
        )
      const content = await layer(form, [chartTypes.chart, chartTypes.oldChart], limits.archiveBytes)
      if (content === undefined) return undefined
      const archive = await readPushedArchive(content, { limits, now })
      if (archive.version.name !== name || tagOf(archive.version.version) !== tag) return undefined
      const proof = await layer(form, [chartTypes.provenance], limits.provenanceBytes)
      const provenance = proof === undefined ? undefined : readPushedProvenance(proof)
      const push: Push = { archive, ...(provenance === undefined ? {} : { provenance }) }
      const digest = contentDigestOf(bytes)
      if (!isDigest(digest)) return undefined
      await note(recordsOf(place, name), form, push, { digest, bytes })
      await keep(charts, place.hosted, push, rulesOf(place.hosted))
      return { name, version: archive.version.version }
    },
    refuseOver: async (place, tags) => {
      for (const tag of tags) {
        const found = await versionOf(place, tag)
        if (found !== undefined)
          throw new ChartferryError(
            'VERSION_EXISTS',
            `${place.name}:${tag} is the chart ${found.name} ${found.version}`,
          )
      }
    },
    remove: async (place, reference) => {
      const name = chartName(place)
      if (name === undefined) return undefined
      const record = isDigest(reference) ? await recordsOf(place, name).find(reference) : undefined
      const found =
        record?.part === 'manifest'
          ? (await charts.view(place.hosted, { fresh: true })).charts
              .get(name)
              ?.versions.find(({ digest }) => digest === record.archive)
          : await versionOf(place, reference)
      if (found === undefined) return undefined
      await charts.remove(place.hosted, found)
      return { name: found.name, version: found.version }
    },
  }
}

async function firstMissing(
  images: ImageStore,
  place: ImagePlace,
  { named }: ManifestForm,
): Promise<string | undefined> {
  for (const { digest } of named) if ((await images.blob(place, digest)) === undefined) return digest
  return undefined
}

/** Who pushes the same archive again, with a provenance that is missing or without, has pushed it. */
async function keep(charts: HostedStore, hosted: string, push: Push, rules: PushLimits): Promise<void> {
  const { overwrite, ...limits } = rules
  try {
    await charts.push(hosted, push, { ...limits, overwrite: overwrite === 'always' })
  } catch (thrown) {
    if (!isChartferryError(thrown, 'VERSION_EXISTS') || push.archive === undefined) throw thrown
    const file = fileOf(push.archive.version)
    const { files, provenances } = await charts.view(hosted, { fresh: true })
    if (files.get(file)?.digest !== push.archive.version.digest) throw thrown
    const { provenance } = push
    if (provenance === undefined) return
    const there = provenances.get(file)
    if (there === undefined) await charts.push(hosted, { provenance }, limits)
    else if (there.digest !== contentDigestOf(provenance.bytes)) throw thrown
  }
}
