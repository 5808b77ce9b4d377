// The write side of the registry, put together: what a hosted repository lets be pushed, as charts and as images.
import { ChartferryError } from '@chartferry/core'
import { chartTypes } from '@chartferry/core/transfer'
import type { Access, Caller } from '../auth/access.ts'
import type { HostedRepositoryConfig } from '../config/config.ts'
import { type ContentDigest, contentDigestOf, isContentDigest } from '../images/content-digest.ts'
import type { ImagePlace } from '../images/image-keys.ts'
import type { ImageStore, PushedManifest, PushImageRules } from '../images/image-store.ts'
import { imageUsage } from '../images/image-usage.ts'
import { readManifestForm } from '../images/manifest-form.ts'
import { namePatterns } from '../repository/name-pattern.ts'
import { type ChartPushOptions, chartPushes } from './chart-push.ts'
import { placeOf } from './hosted-registry.ts'
import type { PushRegistry } from './push-registry.ts'

export interface OpenPushRegistryOptions extends ChartPushOptions {
  readonly hosted: ReadonlyMap<string, HostedRepositoryConfig>
  readonly access: Access
  /** Bytes of a blob. */
  readonly blobBytes: number
}

/** Opens it; nothing is read before it is asked for. */
export function openPushRegistry(options: OpenPushRegistryOptions): PushRegistry {
  const { hosted, images, access, limits, blobBytes, now, charts } = options
  const pushes = chartPushes(options)
  const used = imageUsage(images, now)
  const rules = new Map<string, PushImageRules>()
  for (const [name, { immutableTags }] of hosted)
    rules.set(name, { isImmutable: immutableTags === true ? () => true : namePatterns(immutableTags || []) })
  const rulesOf = (place: ImagePlace): PushImageRules => rules.get(place.hosted) ?? { isImmutable: () => false }

  async function checkRoom(place: ImagePlace, bytes: number): Promise<void> {
    const space = hosted.get(place.hosted)?.rules.space
    if (space === undefined) return
    const { files } = await charts.view(place.hosted)
    const chartBytes = [...files.values()].reduce((sum, { size }) => sum + size, 0)
    const there = (await used(place.hosted)) + chartBytes
    if (there + bytes > space)
      throw new ChartferryError('REPOSITORY_FULL', `the repository may have ${space} bytes, and has ${there}`)
  }

  return {
    images,
    limits: { blobBytes, manifestBytes: limits.manifestBytes },
    check: ({ hosted: name, name: whole }) => {
      const config = hosted.get(name)
      if (config === undefined || whole.length === name.length)
        throw new ChartferryError('REPOSITORY_NOT_FOUND', `nothing can be pushed to ${whole}`, {
          hint: `Push to ${[...hosted.keys()].map((each) => `${each}/…`).join(', ') || 'a server that has a hosted repository'}.`,
        })
    },
    checkRoom,
    sourceOf: async (digest, from, caller: Caller) => {
      if (from !== undefined) {
        const place = placeOf(from)
        return access.allows(caller, 'pull', place.hosted) ? place : undefined
      }
      for await (const place of images.holders(digest)) if (access.allows(caller, 'pull', place.hosted)) return place
      return undefined
    },
    put: async (place, pushed) => {
      await checkRoom(place, pushed.bytes.length)
      const chart = await pushes.push(place, pushed)
      if (chart !== undefined) {
        const { digest } = await taken(images, place, pushed)
        return { digest, chart }
      }
      const config = hosted.get(place.hosted)
      if (config?.images === false && !isChart(pushed))
        throw new ChartferryError('FORBIDDEN', `repository "${place.hosted}" takes charts alone`, {
          hint: 'Push images to another repository, or take `images: false` from this one.',
        })
      await pushes.refuseOver(place, pushed.tags)
      return images.putManifest(place, pushed, rulesOf(place))
    },
    remove: async (place, reference) => {
      const found = await images.manifest(place, reference)
      if (found === undefined) {
        const chart = await pushes.remove(place, reference)
        if (chart !== undefined) return chart
        throw new ChartferryError('MANIFEST_NOT_FOUND', `${place.name}: there is no ${reference}`)
      }
      if (isContentDigest(reference)) await images.deleteManifest(place, reference, rulesOf(place))
      else await images.deleteTag(place, reference, rulesOf(place))
      return { name: place.name.slice(place.hosted.length + 1), version: reference }
    },
  }
}

/** Helm pushes a manifest by its digest before it has a tag. */
function isChart({ bytes, contentType, tags }: PushedManifest): boolean {
  return tags.length === 0 && readManifestForm(bytes, contentType).config?.mediaType === chartTypes.config
}

/** Helm pushes a manifest by its digest first: once it is a chart it is kept among those alone. */
async function taken(
  images: ImageStore,
  place: ImagePlace,
  { bytes }: { readonly bytes: Uint8Array },
): Promise<{ readonly digest: ContentDigest }> {
  const digest = contentDigestOf(bytes)
  if ((await images.manifest(place, digest)) !== undefined)
    await images.deleteManifest(place, digest, { isImmutable: () => false })
  return { digest }
}
