// What a survey found of images, as what a bundle will hold of them.
import type { Digest } from '../../digest.ts'
import { ChartferryError } from '../../errors.ts'
import { type Descriptor, isManifestType } from '../../oci/content/descriptor.ts'
import type { CopyNode, SurveyedImage } from '../../oci/copy/copy-survey.ts'
import type { AttachedEntry, ImageEntry } from './contents.ts'
import type { BundledImages } from './layout-plan.ts'
import { type NamedContent, plainDescriptor } from './media-types.ts'

/** Collects all images of a copy; `nameOf` gives the name that an image was asked for by. */
export function collectImages(
  surveyed: readonly SurveyedImage[],
  nameOf: (image: SurveyedImage) => string,
): BundledImages {
  const images = new Map<string, ImageEntry>()
  const attached = new Map<string, AttachedEntry>()
  const manifests = new Map<Digest, NamedContent>()
  const blobs = new Map<Digest, Descriptor>()
  const attach = (repository: string, manifest: Descriptor, tag?: string): void => {
    const entry = { repository, manifest: plainDescriptor(manifest), ...(tag === undefined ? {} : { tag }) }
    attached.set(`${repository} ${tag ?? manifest.digest}`, entry)
  }
  const collect = ({ descriptor, bytes, blobs: named, referrers, tags }: CopyNode, repository: string): void => {
    // A bundle has nothing before it is made, so that the survey has read all.
    if (bytes === undefined) throw new ChartferryError('INTERNAL', `${descriptor.digest}: the survey did not read it`)
    manifests.set(descriptor.digest, { descriptor: plainDescriptor(descriptor), bytes })
    for (const blob of named) if (!isManifestType(blob.mediaType)) blobs.set(blob.digest, plainDescriptor(blob))
    for (const referrer of referrers) attach(repository, referrer)
    for (const { tag, descriptor: tagged } of tags) attach(repository, tagged, tag)
  }
  for (const image of surveyed) {
    const name = nameOf(image)
    images.set(name, { name, manifest: plainDescriptor(image.target) })
    for (const node of image.route.nodes.values()) collect(node, image.item.sink.repository)
  }
  return {
    images: [...images.values()],
    attached: [...attached.values()],
    manifests: [...manifests.values()],
    blobs: [...blobs.values()],
  }
}
