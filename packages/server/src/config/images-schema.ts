// The form of what is said of images: what is pulled through, and what may be pushed.
import * as v from 'valibot'
import { flag, size, text } from './scalars.ts'

/** The setting `images` as the file has it. Durations are milliseconds, sizes bytes. */
export interface ImagesDocument {
  readonly blobBytes: number
}

export const imagesSchema: v.GenericSchema<unknown, ImagesDocument> = v.strictObject({
  blobBytes: v.optional(size, '32GiB'),
})

/** What a hosted repository says of images. */
export interface PushedImagesDocument {
  readonly images: boolean
  readonly immutableTags: boolean | readonly string[]
}

interface PushedImagesEntries {
  readonly images: v.OptionalSchema<typeof flag, true>
  readonly immutableTags: v.OptionalSchema<v.GenericSchema<boolean | string[]>, false>
}

/** The settings of a hosted repository that are about images. */
export const pushedImages: PushedImagesEntries = {
  images: v.optional(flag, true),
  immutableTags: v.optional(
    v.union([flag, v.array(text)], 'must be true, false, or a list of patterns of tags'),
    false,
  ),
}
